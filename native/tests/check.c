#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char untouched;
cf_tensor *const UNTOUCHED = (cf_tensor *)(void *)&untouched;
cf_tensor *out;

static void fail(const char *file, int line, const char *text, const char *detail) {
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, text, detail);
  exit(1);
}

void check_true(int condition, const char *text, const char *file, int line) {
  if (!condition) {
    fail(file, line, text, "does not hold");
  }
}

void check_ok(cf_status *status, const char *text, const char *file, int line) {
  if (status != NULL) {
    fail(file, line, text, cf_status_message(status));
  }
}

void check_refused(int32_t code, cf_status *status, const char *text, const char *file, int line) {
  if (status == NULL) {
    fail(file, line, text, "succeeded");
  }
  const char *message = cf_status_message(status);
  if (cf_status_code(status) != code) {
    fail(file, line, text, message);
  }
  check_true(strlen(message) > 0, "the status has a message", file, line);
  if (strstr(message, "frame #") != NULL || strstr(message, "Exception raised from") != NULL) {
    fail(file, line, "the message has a stack trace", message);
  }
  cf_status_free(status);
}

void check_sizes(const cf_tensor *tensor, const int64_t *sizes, size_t rank, const char *file,
                 int line) {
  int32_t dtype;
  int32_t actual_rank;
  int64_t actual[CF_MAX_RANK];
  check_ok(cf_tensor_describe(tensor, &dtype, &actual_rank, actual), "describe", file, line);
  check_true(actual_rank == (int32_t)rank, "the rank is as expected", file, line);
  check_true(memcmp(actual, sizes, rank * sizeof(int64_t)) == 0, "the sizes are as expected", file,
             line);
}

void check_values(const cf_tensor *tensor, double tolerance, const float *expected, size_t count,
                  const char *file, int line) {
  float *actual = calloc(count, sizeof(float));
  read_floats(tensor, actual, count);
  for (size_t i = 0; i < count; i++) {
    const int same = (isnan(expected[i]) && isnan(actual[i])) || expected[i] == actual[i];
    if (!same && !(fabs((double)expected[i] - (double)actual[i]) <= tolerance)) {
      char detail[128];
      snprintf(detail, sizeof(detail), "is %.9g, not %.9g, at %zu", (double)actual[i],
               (double)expected[i], i);
      fail(file, line, "value", detail);
    }
  }
  free(actual);
}

cf_tensor *tensor_of(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank) {
  cf_tensor *tensor = NULL;
  OK(cf_tensor_copy_of(data, dtype, sizes, rank, CF_CPU, 0, &tensor));
  return tensor;
}

void random_values(uint32_t seed, float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (float)(seed >> 8) / (float)(1 << 23) - 1.0f;
  }
}

cf_tensor *random_tensor(uint32_t seed, const int64_t *sizes, int32_t rank) {
  size_t count = 1;
  for (int32_t i = 0; i < rank; i++) {
    count *= (size_t)sizes[i];
  }
  float *values = calloc(count + 1, sizeof(float));
  random_values(seed, values, count);
  cf_tensor *tensor = tensor_of(values, CF_FLOAT32, sizes, rank);
  free(values);
  return tensor;
}

void read_floats(const cf_tensor *tensor, float *values, size_t count) {
  cf_tensor *floats = NULL;
  OK(cf_cast(CF_INFERENCE, tensor, CF_FLOAT32, &floats));
  OK(cf_tensor_read(floats, values, (int64_t)(count * sizeof(float))));
  cf_tensor_free(floats);
}

cf_tensor *parameter_of(cf_tensor *initial) {
  cf_tensor *parameter = NULL;
  OK(cf_parameter(initial, &parameter));
  cf_tensor_free(initial);
  return parameter;
}

void square(const cf_tensor *parameter) {
  cf_tensor *squares = NULL;
  cf_tensor *loss = NULL;
  OK(cf_binary(CF_TRAINING, CF_MULTIPLY, parameter, parameter, &squares));
  OK(cf_sum(CF_TRAINING, squares, 0, &loss));
  OK(cf_backward(loss));
  cf_tensor_free(squares);
  cf_tensor_free(loss);
}

void release(void) {
  cf_tensor_free(out);
  out = NULL;
}

int finish(void) {
  release();
  CHECK(cf_live_handles() == 0);
  return 0;
}
