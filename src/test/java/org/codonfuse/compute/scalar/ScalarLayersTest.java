package org.codonfuse.compute.scalar;

import java.util.Optional;
import org.codonfuse.compute.Packing;
import org.codonfuse.compute.Rotation;
import org.codonfuse.compute.Shape;
import org.codonfuse.compute.Tensor;
import org.junit.jupiter.api.Test;

/** Layers against values computed by hand, or by PyTorch where it says so. */
class ScalarLayersTest extends ScalarFixture {
  @Test
  void multipliesMatrices() {
    Tensor a = sequence(2, 1, 2);
    Tensor b = sequence(2, 2, 2);
    check(backend.matmul(a, b), Shape.of(2, 1, 2), 2, 3, 26, 31);
    Tensor weight = sequence(3, 2);
    check(backend.linear(a, weight), Shape.of(2, 1, 3), 1, 3, 5, 3, 13, 23);
    check(backend.linear(a, weight, vector(10, 20, 30)), Shape.of(2, 1, 3), 11, 23, 35, 13, 33, 53);
  }

  @Test
  void normalisesLayers() {
    // PyTorch in float64; 1e-12 matters where the variance is of that size.
    Tensor x = wave(0.7, 2, 4);
    Tensor small = backend.affine(x, 1e-6, 0);
    close(
        backend.layerNorm(x, wave(0.9, 4), wave(1.3, 4), 1e-5),
        0.764671317,
        1.61286311,
        -0.417572977,
        -0.217399806,
        2.11979503,
        -0.1367705,
        -1.16926935,
        -1.02522461);
    close(
        backend.layerNorm(small, wave(0.9, 4), wave(1.3, 4), 1e-12),
        0.91584094,
        0.778782085,
        -0.62294099,
        -0.723653794,
        1.23625924,
        0.361661603,
        -0.801329761,
        -0.916891448);
  }

  @Test
  void looksUpRows() {
    Tensor ids = backend.tensor(new long[] {2, 0}, Shape.of(2, 1));
    check(backend.embedding(sequence(3, 2), ids), Shape.of(2, 1, 2), 4, 5, 0, 1);
  }

  @Test
  void selfAttentionRotatesQueriesAndKeysByPosition() {
    // The second position is turned by 90°: [x1 ‖ x2] to [−x2 ‖ x1].
    Tensor qkv = backend.tensor(new float[] {1, 2, 1, 0, 1, 0, 3, 1, 0, 1, 0, 1}, Shape.of(2, 6));
    Tensor cos = backend.tensor(new float[] {1, 1, 0, 0}, Shape.of(2, 2));
    Tensor sin = backend.tensor(new float[] {0, 0, 1, 1}, Shape.of(2, 2));
    float more = (float) (1 / (1 + Math.exp(-2)));
    float less = (float) (1 / (1 + Math.exp(2)));
    check(
        backend.selfAttention(qkv, Packing.of(2), 1, 1, Optional.of(new Rotation(cos, sin))),
        Shape.of(2, 2),
        more,
        less,
        less,
        more);
  }

  @Test
  void attendsToValidKeys() {
    // PyTorch's scaled_dot_product_attention in float64 on the same inputs.
    long[] valid = {1, 1, 1, 0, 1, 0, 1, 1};
    close(
        backend.attention(
            wave(0.7, 2, 3, 4),
            wave(0.9, 2, 4, 4),
            wave(1.3, 2, 4, 4),
            mask(valid, 2, 4),
            2,
            0.5,
            0),
        0.196386692,
        0.534616401,
        0.096621954,
        -0.628926997,
        0.125925333,
        0.765983692,
        0.377961919,
        -0.374935331,
        0.187774822,
        0.594547069,
        0.0898488843,
        -0.681356706,
        0.264774632,
        0.166603848,
        -0.228815735,
        -0.0734692655,
        0.326092213,
        0.241693512,
        -0.0782138455,
        -0.460595798,
        0.145744664,
        0.282947692,
        -0.17233329,
        -0.149918436);
  }

  @Test
  void attendsToTheOnlyValidKey() {
    Tensor q = sequence(1, 2, 2);
    Tensor v = sequence(1, 3, 2);
    check(
        backend.attention(q, v, v, mask(new long[] {0, 1, 0}, 1, 3), 1, 1, 0),
        Shape.of(1, 2, 2),
        2,
        3,
        2,
        3);
  }

  @Test
  void convolvesWithUnequalPadding() {
    // PyTorch in float64: F.conv1d(F.pad(x, (1, 2)), weight, bias) with channels last.
    close(
        backend.conv1d(wave(0.7, 1, 4, 2), wave(0.9, 3, 2, 4), wave(1.3, 3), 1, 2),
        0.66744532,
        0.190890268,
        -0.786608478,
        0.855818931,
        0.570505611,
        -0.513103117,
        1.2136912,
        0.865699636,
        -0.511811976,
        1.07183312,
        0.413294712,
        -0.920396155);
    Tensor x = backend.tensor(new float[] {1, 2, 3}, Shape.of(1, 3, 1));
    Tensor weight = backend.tensor(new float[] {1, 10, 100}, Shape.of(1, 1, 3));
    check(backend.conv1d(x, weight, vector(0.5f), 2, 0), Shape.of(1, 3, 1), 100.5f, 210.5f, 321.5f);
  }

  @Test
  void convolvesTransposed() {
    // PyTorch in float64: F.conv_transpose1d with channels last.
    Tensor x = wave(0.7, 1, 3, 2);
    close(
        backend.convTranspose1d(x, wave(0.9, 2, 3, 2), 2, 0),
        0.521202299,
        1.23110333,
        -1.0806208,
        1.40948962,
        0.121042573,
        -1.46449189,
        0.681807595,
        0.693819906,
        -0.997082258,
        1.10650372,
        -0.243932978,
        -0.995659568,
        -0.289432536,
        -0.995250162,
        0.741678372,
        -1.03335109,
        -0.203963747,
        1.12603308);
    close(
        backend.convTranspose1d(x, wave(0.9, 2, 3, 3), 2, 2),
        0.122892273,
        -0.342982651,
        0.497269876,
        0.687365293,
        -0.832549835,
        0.818004918,
        -0.59365414,
        0.421555869,
        -0.168579737);
  }
}
