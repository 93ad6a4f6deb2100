package org.codonfuse.compute.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The width of the vectors, one for the life of the process: compiled code is only as good as what
 * is constant in it. Loads that convert are here too.
 */
final class Lanes {
  /** The species of float vectors. */
  static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.bits()));

  /** Number of floats in a vector. */
  static final int LANES = FLOATS.length();

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Half as wide, so that as many 16-bit numbers as floats are loaded. */
  private static final VectorSpecies<Short> HALVES =
      VectorSpecies.of(short.class, VectorShape.forBitSize(VectorWidth.bits() / 2));

  /** 2^112: what a float16's exponent lacks to be a float32's. */
  private static final float REBIAS = 0x1p112f;

  /** Exchanges the halves of a vector; the others those of each half, and so on. */
  static final VectorShuffle<Float> HALVES_SWAPPED = swapped(LANES / 2);

  static final VectorShuffle<Float> QUARTERS_SWAPPED = swapped(LANES / 4);

  static final VectorShuffle<Float> EIGHTHS_SWAPPED = swapped(Math.max(1, LANES / 8));

  static final VectorShuffle<Float> SIXTEENTHS_SWAPPED = swapped(Math.max(1, LANES / 16));

  private Lanes() {}

  private static VectorShuffle<Float> swapped(int distance) {
    return VectorShuffle.fromOp(FLOATS, i -> i ^ distance);
  }

  /**
   * The sum of all lanes, always in the same order: that of reduceLanes is another one once C2 has
   * compiled it, so that a result would depend on what ran before.
   */
  static float sum(FloatVector x) {
    FloatVector sum = x.add(x.rearrange(HALVES_SWAPPED));
    sum = sum.add(sum.rearrange(QUARTERS_SWAPPED));
    if (LANES >= 8) {
      sum = sum.add(sum.rearrange(EIGHTHS_SWAPPED));
    }
    if (LANES >= 16) {
      sum = sum.add(sum.rearrange(SIXTEENTHS_SWAPPED));
    }
    return sum.lane(0);
  }

  /** {@code n} rounded up to whole vectors. */
  static int padded(int n) {
    return (n + LANES - 1) / LANES * LANES;
  }

  /** bfloat16 numbers, widened. */
  static FloatVector bfloat16(short[] from, int at) {
    return bfloat16(ShortVector.fromArray(HALVES, from, at));
  }

  /** float32 numbers in memory, little-endian, at any address. */
  static FloatVector float32(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(FLOATS, from, at, ByteOrder.LITTLE_ENDIAN);
  }

  /** bfloat16 numbers in memory, widened. */
  static FloatVector bfloat16(MemorySegment from, long at) {
    return bfloat16(ShortVector.fromMemorySegment(HALVES, from, at, ByteOrder.LITTLE_ENDIAN));
  }

  /** float16 numbers in memory, widened. */
  static FloatVector float16(MemorySegment from, long at) {
    return float16(ShortVector.fromMemorySegment(HALVES, from, at, ByteOrder.LITTLE_ENDIAN));
  }

  private static FloatVector bfloat16(ShortVector bits) {
    return ((IntVector) bits.convertShape(VectorOperators.S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /**
   * Exponent and fraction moved to where a float32 has them and multiplied by 2^112, which makes
   * subnormal numbers right too; infinities and NaN, which then lie from 65536 on, get the largest
   * exponent.
   */
  private static FloatVector float16(ShortVector bits) {
    IntVector wide = (IntVector) bits.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    IntVector sign = wide.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    FloatVector magnitude =
        wide.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(REBIAS);
    IntVector value = magnitude.reinterpretAsInts();
    IntVector special = value.or(0x7f800000);
    value = value.blend(special, magnitude.compare(VectorOperators.GE, 65536f).cast(INTS));
    return value.or(sign).reinterpretAsFloats();
  }

  /** Rounded to the nearest bfloat16, ties to even; NaN stays NaN. */
  static FloatVector roundToBfloat16(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    IntVector rounded = bits.add(0x7fff).add(odd).and(0xffff0000);
    VectorMask<Integer> nan = x.test(VectorOperators.IS_NAN).cast(INTS);
    return rounded.blend(bits.or(0x400000).and(0xffff0000), nan).reinterpretAsFloats();
  }
}
