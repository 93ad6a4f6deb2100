#include "check.h"

/* A group of this process alone; what several do is tested from Java. */
static cf_group *alone(cf_store **store, int32_t device) {
  OK(cf_store_new("127.0.0.1", 0, 1, 10000, store));
  CHECK(cf_store_port(*store) > 0);
  cf_group *group = NULL;
  OK(cf_group_new(*store, NULL, "127.0.0.1", device, 0, 1, 10000, &group));
  return group;
}

static cf_tensor *parameter_on(int32_t device, const float *values, int32_t count) {
  cf_tensor *initial = NULL;
  OK(cf_tensor_copy_of(values, CF_FLOAT32, SHAPE(count), device, 0, &initial));
  return parameter_of(initial);
}

static void sums_of_one_are_what_they_were(void) {
  cf_store *store = NULL;
  cf_group *group = alone(&store, CF_CPU);
  double values[] = {1.5, -2};
  OK(cf_group_sum(group, values, 2));
  CHECK(values[0] == 1.5 && values[1] == -2);
  OK(cf_group_sum(group, NULL, 0));
  REFUSED(CF_INVALID_ARGUMENT, cf_group_sum(group, values, -1));
  REFUSED(CF_INVALID_ARGUMENT, cf_group_sum(NULL, values, 2));
  cf_group_free(group);
  cf_store_free(store);
}

static void reduces_what_has_a_gradient(int32_t device) {
  cf_store *store = NULL;
  cf_group *group = alone(&store, device);
  cf_tensor *used = parameter_on(device, (const float[]){1, -2}, 2);
  cf_tensor *unused = parameter_on(device, (const float[]){3}, 1);
  const cf_tensor *parameters[] = {used, unused};
  cf_adam *adam = NULL;
  OK(cf_adam_new(parameters, NULL, 2, 0.9, 0.999, 1e-8, 0, &adam));
  cf_reduction *reduction = NULL;
  OK(cf_reduction_new(group, parameters, 2, &reduction));
  for (int step = 0; step < 3; step++) {
    OK(cf_adam_zero_gradients(adam));
    square(used);
    OK(cf_reduction_arm(reduction));
    square(used);
    double loss = 7;
    OK(cf_reduction_finish(reduction, &loss, 1));
    CHECK(loss == 7);
    OK(cf_gradient(used, &out));
    VALUES(out, 0, 4, -8);
    release();
    OK(cf_gradient(unused, &out));
    CHECK(out == NULL);
  }
  cf_reduction *second = NULL;
  REFUSED(CF_INVALID_ARGUMENT, cf_reduction_new(group, parameters, 2, &second));
  cf_tensor *constant = FLOATS(SHAPE(1), 1);
  const cf_tensor *no_parameter[] = {constant};
  REFUSED(CF_INVALID_ARGUMENT, cf_reduction_new(group, no_parameter, 1, &second));
  cf_reduction_free(reduction);
  OK(cf_reduction_new(group, parameters, 2, &second));
  cf_reduction_free(second);
  cf_reduction_free(NULL);
  cf_adam_free(adam);
  cf_tensor_free(used);
  cf_tensor_free(unused);
  cf_tensor_free(constant);
  cf_group_free(group);
  cf_store_free(store);
}

static void nobody_answers(void) {
  cf_store *server = NULL;
  cf_store *store = NULL;
  OK(cf_store_new("127.0.0.1", 0, 1, 10000, &server));
  const int32_t port = cf_store_port(server);
  REFUSED(CF_COMMUNICATION, cf_store_new("127.0.0.1", port, 1, 1000, &store));
  cf_store_free(server);
  REFUSED(CF_COMMUNICATION, cf_store_new("127.0.0.1", port, 0, 1000, &store));
  REFUSED(CF_INVALID_ARGUMENT, cf_store_new("127.0.0.1", 70000, 0, 1000, &store));
  REFUSED(CF_INVALID_ARGUMENT, cf_store_new(NULL, port, 0, 1000, &store));
  CHECK(cf_store_port(NULL) == 0);
  cf_store_free(NULL);
  cf_group_free(NULL);
}

int main(void) {
  sums_of_one_are_what_they_were();
  reduces_what_has_a_gradient(CF_CPU);
  int32_t devices = 0;
  OK(cf_cuda_device_count(&devices));
  if (devices > 0) {
    reduces_what_has_a_gradient(CF_CUDA);
  }
  nobody_answers();
  return finish();
}
