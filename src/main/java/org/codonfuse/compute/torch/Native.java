package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.codonfuse.compute.Binary;
import org.codonfuse.compute.CommunicationException;
import org.codonfuse.compute.DType;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.DeviceException;
import org.codonfuse.compute.Mode;
import org.codonfuse.compute.Precision;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.codonfuse.compute.Unary;

/** Between the types of Java and those of the C ABI; the one place that checks a status. */
final class Native {
  private Native() {}

  /**
   * Throws what a status reports and frees it.
   *
   * @throws DeviceException where memory or the device is missing
   * @throws CommunicationException where another process is
   * @throws TorchException for every other failure
   */
  static void check(MemorySegment status) {
    if (status.address() != 0) {
      throw failure(status);
    }
  }

  private static RuntimeException failure(MemorySegment status) {
    TorchException failure;
    try {
      failure =
          new TorchException(
              TorchException.Kind.of(cf_status_code(status)),
              cf_status_message(status).getString(0));
    } finally {
      cf_status_free(status);
    }
    String reason = failure.getMessage().strip().replaceAll("[.;]+$", "");
    return switch (failure.kind()) {
      case OUT_OF_MEMORY ->
          new DeviceException(
              DeviceException.Kind.OUT_OF_MEMORY,
              "LibTorch is out of memory ("
                  + reason
                  + "); use a smaller --micro-batch or --batch, --gradient-checkpointing where"
                  + " encoders learn, or --device cpu.",
              failure);
      case DEVICE_UNAVAILABLE ->
          new DeviceException(
              DeviceException.Kind.UNAVAILABLE,
              "LibTorch cannot use the device (" + reason + "); use --device cpu.",
              failure);
      case COMMUNICATION ->
          new CommunicationException(
              "The connection to the other processes broke (" + reason + ").", failure);
      case INTERNAL, INVALID_ARGUMENT -> failure;
    };
  }

  static int code(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> CF_FLOAT32();
      case FLOAT64 -> CF_FLOAT64();
      case BFLOAT16 -> CF_BFLOAT16();
      case FLOAT16 -> CF_FLOAT16();
      case INT64 -> CF_INT64();
      case BOOL -> CF_BOOL();
    };
  }

  static int code(Device.Kind kind) {
    return switch (kind) {
      case CPU -> CF_CPU();
      case CUDA -> CF_CUDA();
    };
  }

  static int code(Mode mode) {
    return switch (mode) {
      case INFERENCE -> CF_INFERENCE();
      case GRADIENT -> CF_GRADIENT();
      case TRAINING -> CF_TRAINING();
    };
  }

  static int code(Mode mode, Precision products) {
    return code(mode) | (products == Precision.BFLOAT16 ? CF_BFLOAT16_PRODUCTS() : 0);
  }

  static int code(Unary function) {
    return switch (function) {
      case RELU -> CF_RELU();
      case GELU -> CF_GELU();
      case SILU -> CF_SILU();
      case TANH -> CF_TANH();
      case SIGMOID -> CF_SIGMOID();
      case EXP -> CF_EXP();
      case LOG -> CF_LOG();
    };
  }

  static int code(Binary function) {
    return switch (function) {
      case ADD -> CF_ADD();
      case SUBTRACT -> CF_SUBTRACT();
      case MULTIPLY -> CF_MULTIPLY();
      case DIVIDE -> CF_DIVIDE();
    };
  }

  static MemorySegment sizes(Arena arena, Shape shape) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, shape.toArray());
  }

  static MemorySegment longs(Arena arena, int[] values) {
    MemorySegment longs = arena.allocate(ValueLayout.JAVA_LONG, values.length);
    for (int i = 0; i < values.length; i++) {
      longs.setAtIndex(ValueLayout.JAVA_LONG, i, values[i]);
    }
    return longs;
  }

  static MemorySegment handles(Arena arena, List<Tensor> tensors) {
    MemorySegment handles = arena.allocate(ValueLayout.ADDRESS, tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      handles.setAtIndex(ValueLayout.ADDRESS, i, TorchTensor.handle(tensors.get(i)));
    }
    return handles;
  }

  /** Whether a native tensor is what the rules of shapes say it is. */
  static boolean matches(MemorySegment handle, Shape shape, DType dtype) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment rank = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment sizes = arena.allocate(ValueLayout.JAVA_LONG, CF_MAX_RANK());
      check(cf_tensor_describe(handle, code, rank, sizes));
      boolean same =
          code.get(ValueLayout.JAVA_INT, 0) == code(dtype)
              && rank.get(ValueLayout.JAVA_INT, 0) == shape.rank();
      for (int i = 0; same && i < shape.rank(); i++) {
        same = sizes.getAtIndex(ValueLayout.JAVA_LONG, i) == shape.dim(i);
      }
      return same;
    }
  }
}
