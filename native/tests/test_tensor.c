#include <stdlib.h>
#include <string.h>

#include "check.h"

static void copies_keep_their_values(void) {
  float data[] = {1, 2, 3, 4, 5, 6};
  out = tensor_of(data, CF_FLOAT32, SHAPE(2, 3));
  data[0] = 9;
  SIZES(out, 2, 3);
  VALUES(out, 0, 1, 2, 3, 4, 5, 6);
  release();
}

static void every_element_type_is_read_back(void) {
  static const struct {
    int32_t dtype;
    int64_t bytes;
  } types[] = {{CF_FLOAT32, 4}, {CF_FLOAT64, 8}, {CF_BFLOAT16, 2},
               {CF_FLOAT16, 2}, {CF_INT64, 8},   {CF_BOOL, 1}};
  for (int i = 0; i < LENGTH(types); i++) {
    unsigned char data[16] = {0};
    unsigned char read[16] = {7};
    data[0] = 1;
    out = tensor_of(data, types[i].dtype, SHAPE(2));
    int32_t dtype = -1;
    int32_t rank = -1;
    int64_t sizes[CF_MAX_RANK];
    OK(cf_tensor_describe(out, &dtype, &rank, sizes));
    CHECK(dtype == types[i].dtype && rank == 1 && sizes[0] == 2);
    OK(cf_tensor_read(out, read, 2 * types[i].bytes));
    CHECK(memcmp(data, read, (size_t)(2 * types[i].bytes)) == 0);
    release();
  }
}

static void reads_outlive_their_tensor(void) {
  const float data[] = {1, 2, -3, 4, 5, -6};
  cf_tensor *x = tensor_of(data, CF_FLOAT32, SHAPE(2, 3));
  OK(cf_transpose(CF_INFERENCE, x, 0, 1, &out));
  cf_tensor_free(x);
  cf_read *read = NULL;
  OK(cf_read_begin(out, CF_FLOAT32, &read));
  release();
  const void *values = NULL;
  float largest = 0;
  const float expected[] = {1, 4, 2, 5, -3, -6};
  for (int i = 0; i < 2; i++) {
    OK(cf_read_end(read, &values, &largest));
    CHECK(memcmp(values, expected, sizeof(expected)) == 0 && largest == 6);
  }
  REFUSED(CF_INVALID_ARGUMENT, cf_read_end(read, NULL, &largest));
  REFUSED(CF_INVALID_ARGUMENT, cf_read_end(read, &values, NULL));
  cf_read_free(read);
  cf_read_free(NULL);
  REFUSED(CF_INVALID_ARGUMENT, cf_read_begin(NULL, CF_FLOAT32, &read));
  REFUSED(CF_INVALID_ARGUMENT, cf_read_end(NULL, &values, &largest));
  REFUSED(CF_INVALID_ARGUMENT, cf_read_source(NULL, &out));
  x = LONGS(SHAPE(2), 1, 2);
  REFUSED(CF_INVALID_ARGUMENT, cf_read_begin(x, CF_FLOAT32, &read));
  cf_tensor_free(x);
}

static void reads_convert_and_tell_what_does_not_fit(void) {
  static const struct {
    float largest;
    int32_t dtype;
    uint16_t bits;
    int fits;
  } cases[] = {{-65519, CF_FLOAT16, 0xfbff, 1},   {65520, CF_FLOAT16, 0x7c00, 0},
               {3.38e38f, CF_BFLOAT16, 0x7f7e, 1}, {-3.4e38f, CF_BFLOAT16, 0xff80, 0},
               {INFINITY, CF_BFLOAT16, 0x7f80, 0}, {NAN, CF_FLOAT16, 0x7e00, 0}};
  for (int i = 0; i < LENGTH(cases); i++) {
    const float data[] = {1, cases[i].largest, -2};
    cf_tensor *x = tensor_of(data, CF_FLOAT32, SHAPE(3));
    cf_read *read = NULL;
    OK(cf_read_begin(x, cases[i].dtype, &read));
    cf_tensor_free(x);
    const void *values = NULL;
    float largest = 0;
    OK(cf_read_end(read, &values, &largest));
    const int number = !isnan(cases[i].largest);
    CHECK(number ? largest == fabsf(cases[i].largest) : isnan(largest));
    CHECK(!number || ((const uint16_t *)values)[1] == cases[i].bits);
    OK(cf_read_source(read, &out));
    cf_read_free(read);
    int32_t dtype = -1;
    int32_t rank = -1;
    int64_t sizes[CF_MAX_RANK];
    OK(cf_tensor_describe(out, &dtype, &rank, sizes));
    CHECK(dtype == (cases[i].fits ? cases[i].dtype : CF_FLOAT32));
    if (!cases[i].fits) {
      VALUES(out, 0, 1, cases[i].largest, -2);
    }
    release();
  }
  cf_tensor *none = tensor_of(NULL, CF_FLOAT32, SHAPE(0, 2));
  cf_read *read = NULL;
  const void *values = NULL;
  float largest = 1;
  OK(cf_read_begin(none, CF_BFLOAT16, &read));
  cf_tensor_free(none);
  OK(cf_read_end(read, &values, &largest));
  CHECK(largest == 0);
  cf_read_free(read);
}

static void borrowed_memory_is_not_copied(void) {
  float data[] = {1, 2};
  OK(cf_tensor_borrow(data, CF_FLOAT32, SHAPE(2), &out));
  data[1] = 5;
  VALUES(out, 0, 1, 5);
  release();
  REFUSED(CF_INVALID_ARGUMENT,
          cf_tensor_borrow((const char *)data + 1, CF_FLOAT32, SHAPE(1), &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_borrow(NULL, CF_FLOAT32, SHAPE(1), &out));
}

static void what_is_made_of_borrowed_memory_can_be_differentiated(void) {
  const float data[] = {2, 3};
  cf_tensor *x = NULL;
  cf_tensor *product = NULL;
  cf_tensor *loss = NULL;
  OK(cf_tensor_borrow(data, CF_FLOAT32, SHAPE(2), &x));
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, 1));
  OK(cf_binary(CF_GRADIENT, CF_MULTIPLY, x, parameter, &product));
  OK(cf_sum(CF_GRADIENT, product, 0, &loss));
  OK(cf_backward(loss));
  OK(cf_gradient(parameter, &out));
  VALUES(out, 0, 2, 3);
  cf_tensor_free(x);
  cf_tensor_free(product);
  cf_tensor_free(loss);
  cf_tensor_free(parameter);
  release();
}

static void empty_and_scalar_tensors_exist(void) {
  out = tensor_of(NULL, CF_FLOAT32, SHAPE(0, 3));
  SIZES(out, 0, 3);
  OK(cf_tensor_read(out, NULL, 0));
  release();
  const float value = 3;
  OK(cf_tensor_copy_of(&value, CF_FLOAT32, NULL, 0, CF_CPU, 0, &out));
  VALUES(out, 0, 3);
  release();
}

static void a_tensor_is_filled(void) {
  OK(cf_tensor_full(-1.5, CF_BFLOAT16, SHAPE(3), CF_CPU, 0, &out));
  VALUES(out, 0, -1.5f, -1.5f, -1.5f);
  release();
}

static void impossible_tensors_are_refused(void) {
  const float data[1] = {0};
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_copy_of(data, 99, SHAPE(1), CF_CPU, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_copy_of(data, CF_FLOAT32, SHAPE(-1), CF_CPU, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_copy_of(data, CF_FLOAT32, NULL, 1, CF_CPU, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_copy_of(NULL, CF_FLOAT32, SHAPE(1), CF_CPU, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_copy_of(data, CF_FLOAT32, SHAPE(1), 7, 0, &out));
  REFUSED(CF_INVALID_ARGUMENT,
          cf_tensor_copy_of(data, CF_FLOAT32, SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1), CF_CPU, 0, &out));
  const int64_t huge = INT64_C(1) << 40;
  REFUSED(CF_INVALID_ARGUMENT,
          cf_tensor_full(0, CF_FLOAT32, SHAPE(huge, huge), CF_CPU, 0, &out));
  CHECK(out == NULL);
  cf_status *status = cf_tensor_full(0, CF_FLOAT32, SHAPE(1), CF_CPU, 0, NULL);
  CHECK(cf_status_code(status) == CF_INVALID_ARGUMENT);
  cf_status_free(status);
}

static void absent_devices_and_memory_have_their_codes(void) {
  const float data[1] = {0};
  int32_t count = 0;
  OK(cf_cuda_device_count(&count));
  REFUSED(CF_DEVICE_UNAVAILABLE,
          cf_tensor_copy_of(data, CF_FLOAT32, SHAPE(1), CF_CUDA, count, &out));
  REFUSED(CF_DEVICE_UNAVAILABLE, cf_tensor_full(0, CF_FLOAT32, SHAPE(1), CF_CUDA, -1, &out));
  REFUSED(CF_OUT_OF_MEMORY,
          cf_tensor_full(0, CF_FLOAT32, SHAPE(INT64_C(1) << 56), CF_CPU, 0, &out));
}

static void reading_needs_the_exact_size(void) {
  cf_tensor *x = FLOATS(SHAPE(2), 1, 2);
  float values[3] = {9, 9, 9};
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_read(x, values, 4));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_read(x, values, 12));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_read(x, values, -1));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_read(x, NULL, 8));
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_read(NULL, values, 8));
  CHECK(values[0] == 9);
  REFUSED(CF_INVALID_ARGUMENT, cf_tensor_describe(x, NULL, NULL, NULL));
  cf_tensor_free(x);
}

static void host_memory_is_shared_with_the_cpu(void) {
  cf_tensor *host = NULL;
  float *data = NULL;
  OK(cf_host_tensor(SHAPE(2, 2), CF_CPU, 0, &host, &data));
  for (int i = 0; i < 4; i++) {
    data[i] = (float)i;
  }
  OK(cf_upload(host, CF_CPU, 0, &out));
  data[3] = 7;
  cf_tensor_free(host);
  SIZES(out, 2, 2);
  VALUES(out, 0, 0, 1, 2, 7);
  release();
  OK(cf_host_tensor(SHAPE(3, 0), CF_CPU, 0, &host, &data));
  OK(cf_upload(host, CF_CPU, 0, &out));
  SIZES(out, 3, 0);
  cf_tensor_free(host);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_host_tensor(SHAPE(-1), CF_CPU, 0, &out, &data));
  REFUSED(CF_INVALID_ARGUMENT, cf_host_tensor(SHAPE(1), CF_CPU, 0, &out, NULL));
  REFUSED(CF_INVALID_ARGUMENT, cf_upload(NULL, CF_CPU, 0, &out));
}

int main(void) {
  host_memory_is_shared_with_the_cpu();
  copies_keep_their_values();
  every_element_type_is_read_back();
  reads_outlive_their_tensor();
  reads_convert_and_tell_what_does_not_fit();
  borrowed_memory_is_not_copied();
  what_is_made_of_borrowed_memory_can_be_differentiated();
  empty_and_scalar_tensors_exist();
  a_tensor_is_filled();
  impossible_tensors_are_refused();
  absent_devices_and_memory_have_their_codes();
  reading_needs_the_exact_size();
  cf_tensor_free(NULL);
  return finish();
}
