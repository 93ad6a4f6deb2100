#include <stdlib.h>

#include "check.h"

/* Sizes of one case. */
struct sizes {
  int batch, positions, in, out, kernel, left, right;
};

static int positions_out(struct sizes s) { return s.positions + s.left + s.right - s.kernel + 1; }

static float *convolve(struct sizes s, const float *x, const float *w, const float *bias) {
  float *y = calloc((size_t)(s.batch * positions_out(s) * s.out), sizeof(float));
  for (int b = 0; b < s.batch; b++) {
    for (int p = 0; p < positions_out(s); p++) {
      for (int o = 0; o < s.out; o++) {
        double sum = (double)bias[o];
        for (int k = 0; k < s.kernel; k++) {
          const int from = p + k - s.left;
          for (int i = 0; from >= 0 && from < s.positions && i < s.in; i++) {
            sum += (double)x[(b * s.positions + from) * s.in + i] *
                   (double)w[(o * s.in + i) * s.kernel + k];
          }
        }
        y[(b * positions_out(s) + p) * s.out + o] = (float)sum;
      }
    }
  }
  return y;
}

static double dot(const float *a, const float *b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum += (double)a[i] * (double)b[i];
  }
  return sum;
}

/* The convolution is linear in each argument, so that differences are exact derivatives. */
static void check_gradient(struct sizes s, cf_tensor *parameter, float *values, size_t count,
                           const float *arguments[3], const float *direction) {
  const size_t outputs = (size_t)(s.batch * positions_out(s) * s.out);
  float *gradient = calloc(count, sizeof(float));
  OK(cf_gradient(parameter, &out));
  read_floats(out, gradient, count);
  release();
  for (size_t i = 0; i < count; i += 1 + count / 40) {
    const float before = values[i];
    double difference = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
      values[i] = before + (float)sign;
      float *y = convolve(s, arguments[0], arguments[1], arguments[2]);
      difference += sign * dot(y, direction, outputs) / 2;
      free(y);
    }
    values[i] = before;
    CHECK(fabs(difference - (double)gradient[i]) < 1e-4);
  }
  free(gradient);
}

static void check_convolution(struct sizes s) {
  const size_t inputs = (size_t)(s.batch * s.positions * s.in);
  const size_t weights = (size_t)(s.out * s.in * s.kernel);
  const size_t outputs = (size_t)(s.batch * positions_out(s) * s.out);
  float *x = calloc(inputs, sizeof(float));
  float *w = calloc(weights, sizeof(float));
  float *bias = calloc((size_t)s.out, sizeof(float));
  float *direction = calloc(outputs, sizeof(float));
  random_values(1, x, inputs);
  random_values(2, w, weights);
  random_values(3, bias, (size_t)s.out);
  random_values(4, direction, outputs);
  cf_tensor *tx = parameter_of(tensor_of(x, CF_FLOAT32, SHAPE(s.batch, s.positions, s.in)));
  cf_tensor *tw = parameter_of(tensor_of(w, CF_FLOAT32, SHAPE(s.out, s.in, s.kernel)));
  cf_tensor *tb = parameter_of(tensor_of(bias, CF_FLOAT32, SHAPE(s.out)));
  float *expected = convolve(s, x, w, bias);

  OK(cf_conv1d(CF_INFERENCE, tx, tw, tb, s.left, s.right, &out));
  SIZES(out, s.batch, positions_out(s), s.out);
  check_values(out, 1e-5, expected, outputs, __FILE__, __LINE__);
  release();

  cf_tensor *y = NULL;
  cf_tensor *weighted = NULL;
  cf_tensor *flat = NULL;
  cf_tensor *loss = NULL;
  cf_tensor *td =
      tensor_of(direction, CF_FLOAT32, SHAPE(s.batch, positions_out(s), s.out));
  OK(cf_conv1d(CF_GRADIENT, tx, tw, tb, s.left, s.right, &y));
  check_values(y, 1e-5, expected, outputs, __FILE__, __LINE__);
  OK(cf_binary(CF_GRADIENT, CF_MULTIPLY, y, td, &weighted));
  OK(cf_reshape(CF_GRADIENT, weighted, SHAPE((int64_t)outputs), &flat));
  OK(cf_sum(CF_GRADIENT, flat, 0, &loss));
  OK(cf_backward(loss));
  const float *arguments[] = {x, w, bias};
  check_gradient(s, tx, x, inputs, arguments, direction);
  check_gradient(s, tw, w, weights, arguments, direction);
  check_gradient(s, tb, bias, (size_t)s.out, arguments, direction);

  cf_tensor *tensors[] = {tx, tw, tb, y, weighted, flat, loss, td};
  for (int i = 0; i < LENGTH(tensors); i++) {
    cf_tensor_free(tensors[i]);
  }
  free(x);
  free(w);
  free(bias);
  free(direction);
  free(expected);
}

static void convolutions_and_their_gradients_are_right(void) {
  /* Few and many outputs for the number of positions: the two ways to compute it. */
  check_convolution((struct sizes){2, 7, 3, 2, 3, 1, 1});
  check_convolution((struct sizes){1, 4, 3, 9, 4, 1, 2});
  check_convolution((struct sizes){3, 5, 1, 40, 5, 2, 2});
  check_convolution((struct sizes){2, 1, 2, 3, 1, 0, 0});
  check_convolution((struct sizes){1, 1, 2, 2, 5, 2, 2});
  /* Without batch, channels in or out; results without positions. */
  check_convolution((struct sizes){0, 6, 3, 4, 3, 1, 1});
  check_convolution((struct sizes){2, 6, 0, 3, 3, 1, 1});
  check_convolution((struct sizes){2, 6, 3, 0, 3, 1, 1});
  check_convolution((struct sizes){2, 2, 3, 4, 3, 0, 0});
  check_convolution((struct sizes){2, 0, 3, 4, 1, 0, 0});
}

static void impossible_convolutions_are_refused(void) {
  cf_tensor *x = random_tensor(1, SHAPE(1, 2, 3));
  cf_tensor *w = random_tensor(2, SHAPE(4, 3, 4));
  cf_tensor *bias = random_tensor(3, SHAPE(4));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv1d(CF_INFERENCE, x, w, bias, 0, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv1d(CF_INFERENCE, x, w, bias, -1, 5, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv1d(CF_INFERENCE, x, x, bias, 1, 1, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv1d(CF_INFERENCE, bias, w, bias, 1, 1, &out));
  cf_tensor_free(x);
  cf_tensor_free(w);
  cf_tensor_free(bias);
}

static void check_transposed(int kernel, int stride, int padding) {
  enum { BATCH = 2, POSITIONS = 3, IN = 2, OUT = 3 };
  float x[BATCH * POSITIONS * IN];
  float w[IN * OUT * 4];
  random_values(1, x, LENGTH(x));
  random_values(2, w, LENGTH(w));
  const int full = (POSITIONS - 1) * stride + kernel;
  const int length = full - 2 * padding;
  float *expected = calloc((size_t)(BATCH * length * OUT), sizeof(float));
  for (int b = 0; b < BATCH; b++) {
    for (int p = 0; p < POSITIONS; p++) {
      for (int k = 0; k < kernel; k++) {
        const int to = p * stride + k - padding;
        for (int o = 0; to >= 0 && to < length && o < OUT; o++) {
          for (int i = 0; i < IN; i++) {
            expected[(b * length + to) * OUT + o] +=
                x[(b * POSITIONS + p) * IN + i] * w[(i * OUT + o) * kernel + k];
          }
        }
      }
    }
  }
  cf_tensor *tx = tensor_of(x, CF_FLOAT32, SHAPE(BATCH, POSITIONS, IN));
  cf_tensor *tw = tensor_of(w, CF_FLOAT32, SHAPE(IN, OUT, kernel));
  OK(cf_conv_transpose1d(CF_INFERENCE, tx, tw, stride, padding, &out));
  SIZES(out, BATCH, length, OUT);
  check_values(out, 1e-6, expected, (size_t)(BATCH * length * OUT), __FILE__, __LINE__);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_transpose1d(CF_INFERENCE, tx, tw, 0, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_transpose1d(CF_INFERENCE, tx, tw, 1, -1, &out));
  cf_tensor *flat = random_tensor(3, SHAPE(2));
  REFUSED(CF_INVALID_ARGUMENT, cf_conv_transpose1d(CF_INFERENCE, tx, flat, 2, 0, &out));
  cf_tensor_free(flat);
  cf_tensor_free(tx);
  cf_tensor_free(tw);
  free(expected);
}

static void transposed_convolutions_are_right(void) {
  check_transposed(2, 2, 0);
  check_transposed(3, 2, 0);
  check_transposed(3, 2, 2);
  check_transposed(2, 1, 1);
  check_transposed(4, 4, 1);
}

int main(void) {
  convolutions_and_their_gradients_are_right();
  impossible_convolutions_are_refused();
  transposed_convolutions_are_right();
  return finish();
}
