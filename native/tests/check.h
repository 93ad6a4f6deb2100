/* What the tests of the C ABI share: checks that end the test, and tensors in one line. */
#ifndef CODONFUSE_TESTS_CHECK_H
#define CODONFUSE_TESTS_CHECK_H

#include <math.h>
#include <stdint.h>

#include "codonfuse.h"

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)

/* The call succeeds. */
#define OK(call) check_ok((call), #call, __FILE__, __LINE__)

/* The call, which has &out as out-parameter, fails with this code and leaves out alone. */
#define REFUSED(code, call) \
  (out = UNTOUCHED, check_refused((code), (call), #call, __FILE__, __LINE__), \
   CHECK(out == UNTOUCHED), out = NULL)

/* The tensor has exactly these values, as float32, within a tolerance. */
#define VALUES(tensor, tolerance, ...) \
  check_values((tensor), (tolerance), (const float[]){__VA_ARGS__}, \
               sizeof((const float[]){__VA_ARGS__}) / sizeof(float), __FILE__, __LINE__)

#define SIZES(tensor, ...) \
  check_sizes((tensor), (const int64_t[]){__VA_ARGS__}, \
              sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), __FILE__, __LINE__)

#define LENGTH(array) ((int32_t)(sizeof(array) / sizeof((array)[0])))

/* Sizes with their number, for the arguments that want both. */
#define SHAPE(...) \
  (const int64_t[]){__VA_ARGS__}, \
      (int32_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

#define FLOATS(shape, ...) tensor_of((const float[]){__VA_ARGS__}, CF_FLOAT32, shape)
#define LONGS(shape, ...) tensor_of((const int64_t[]){__VA_ARGS__}, CF_INT64, shape)
#define BOOLS(shape, ...) tensor_of((const uint8_t[]){__VA_ARGS__}, CF_BOOL, shape)

extern cf_tensor *const UNTOUCHED;
extern cf_tensor *out;

void check_true(int condition, const char *text, const char *file, int line);
void check_ok(cf_status *status, const char *text, const char *file, int line);
void check_refused(int32_t code, cf_status *status, const char *text, const char *file, int line);
void check_values(const cf_tensor *tensor, double tolerance, const float *expected, size_t count,
                  const char *file, int line);
void check_sizes(const cf_tensor *tensor, const int64_t *sizes, size_t rank, const char *file,
                 int line);

cf_tensor *tensor_of(const void *data, int32_t dtype, const int64_t *sizes, int32_t rank);

/* Reproducible float32 values in [-1, 1). */
cf_tensor *random_tensor(uint32_t seed, const int64_t *sizes, int32_t rank);
void random_values(uint32_t seed, float *values, size_t count);

/* The float32 values of a tensor. */
void read_floats(const cf_tensor *tensor, float *values, size_t count);

/* A parameter with a tensor's values; frees the tensor. */
cf_tensor *parameter_of(cf_tensor *initial);

/* Adds the gradient of the sum of a parameter's squares. */
void square(const cf_tensor *parameter);

/* Frees the tensor in out. */
void release(void);

/* Fails unless everything is freed. */
int finish(void);

#endif
