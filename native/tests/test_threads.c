#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, TENSORS = 200 };

static cf_tensor *shared[THREADS][TENSORS];

static void *free_all(void *row) {
  cf_tensor **tensors = row;
  for (int i = 0; i < TENSORS; i++) {
    cf_tensor_free(tensors[i]);
  }
  return NULL;
}

static void *multiply(void *result) {
  cf_tensor *x = random_tensor(1, SHAPE(64, 64));
  for (int i = 0; i < 20; i++) {
    cf_tensor *product = NULL;
    OK(cf_matmul(CF_INFERENCE, x, x, &product));
    cf_tensor_free(product);
  }
  OK(cf_matmul(CF_INFERENCE, x, x, result));
  cf_tensor_free(x);
  return NULL;
}

static void run(void *(*body)(void *), void *arguments[THREADS]) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, body, arguments[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
}

static void tensors_are_freed_by_any_thread(void) {
  cf_tensor *x = parameter_of(FLOATS(SHAPE(2), 1, 2));
  void *rows[THREADS];
  for (int t = 0; t < THREADS; t++) {
    rows[t] = shared[t];
    for (int i = 0; i < TENSORS; i++) {
      OK(cf_unary(CF_GRADIENT, CF_TANH, i == 0 ? x : shared[t][i - 1], &shared[t][i]));
    }
  }
  CHECK(cf_live_handles() == 1 + THREADS * TENSORS);
  run(free_all, rows);
  CHECK(cf_live_handles() == 1);
  cf_tensor_free(x);
}

static void threads_compute_the_same_at_once(void) {
  OK(cf_set_threads(2));
  cf_tensor *results[THREADS] = {NULL};
  void *arguments[THREADS];
  for (int i = 0; i < THREADS; i++) {
    arguments[i] = &results[i];
  }
  run(multiply, arguments);
  float first[64 * 64];
  read_floats(results[0], first, LENGTH(first));
  for (int i = 0; i < THREADS; i++) {
    check_values(results[i], 0, first, LENGTH(first), __FILE__, __LINE__);
    cf_tensor_free(results[i]);
  }
}

int main(void) {
  tensors_are_freed_by_any_thread();
  threads_compute_the_same_at_once();
  return finish();
}
