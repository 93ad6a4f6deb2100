#include "check.h"

static void losses_are_means(void) {
  cf_tensor *output = FLOATS(SHAPE(2), 1, 4);
  cf_tensor *target = FLOATS(SHAPE(2), 0, 1);
  OK(cf_mse_loss(CF_INFERENCE, output, target, &out));
  VALUES(out, 1e-6, 5);
  release();
  cf_tensor *logits = FLOATS(SHAPE(2, 2), 0, 0, 1, 3);
  cf_tensor *classes = LONGS(SHAPE(2), 0, 1);
  OK(cf_cross_entropy(CF_INFERENCE, logits, classes, &out));
  VALUES(out, 1e-6, 0.41003758f);
  release();
  REFUSED(CF_INVALID_ARGUMENT, cf_mse_loss(CF_INFERENCE, output, logits, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_cross_entropy(CF_INFERENCE, output, classes, &out));
  cf_tensor *beyond = LONGS(SHAPE(2), 0, 2);
  cf_tensor *ignored = LONGS(SHAPE(2), 0, -100);
  REFUSED(CF_INVALID_ARGUMENT, cf_cross_entropy(CF_INFERENCE, logits, beyond, &out));
  REFUSED(CF_INVALID_ARGUMENT, cf_cross_entropy(CF_INFERENCE, logits, ignored, &out));
  cf_tensor_free(output);
  cf_tensor_free(target);
  cf_tensor_free(logits);
  cf_tensor_free(classes);
  cf_tensor_free(beyond);
  cf_tensor_free(ignored);
}

static void gradients_accumulate_until_they_are_zeroed(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  const cf_tensor *parameters[] = {parameter};
  cf_adam *adam = NULL;
  OK(cf_adam_new(parameters, NULL, 1, 0.9, 0.999, 1e-8, 0, &adam));
  OK(cf_gradient(parameter, &out));
  CHECK(out == NULL);
  square(parameter);
  OK(cf_gradient(parameter, &out));
  square(parameter);
  VALUES(out, 0, 2, -4);
  release();
  OK(cf_gradient(parameter, &out));
  VALUES(out, 0, 4, -8);
  release();
  OK(cf_adam_zero_gradients(adam));
  OK(cf_gradient(parameter, &out));
  CHECK(out == NULL);
  cf_adam_free(adam);
  cf_tensor_free(parameter);
}

static void gradients_of_a_known_gradient_are_accumulated(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  cf_tensor *gradient = FLOATS(SHAPE(2), 10, 100);
  cf_tensor *other = FLOATS(SHAPE(1), 1);
  cf_tensor *squares = NULL;
  OK(cf_binary(CF_TRAINING, CF_MULTIPLY, parameter, parameter, &squares));
  REFUSED(CF_INVALID_ARGUMENT, cf_backward_from(squares, other));
  REFUSED(CF_INVALID_ARGUMENT, cf_backward_from(gradient, gradient));
  REFUSED(CF_INVALID_ARGUMENT, cf_backward_from(squares, NULL));
  OK(cf_backward_from(squares, gradient));
  OK(cf_gradient(parameter, &out));
  VALUES(out, 0, 20, -400);
  release();
  cf_tensor_free(parameter);
  cf_tensor_free(gradient);
  cf_tensor_free(other);
  cf_tensor_free(squares);
}

static void inference_records_nothing_but_can_be_used_in_training(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  cf_tensor *features = NULL;
  cf_tensor *scaled = NULL;
  cf_tensor *loss = NULL;
  OK(cf_affine(CF_INFERENCE, parameter, 3, 0, &features));
  OK(cf_sum(CF_GRADIENT, features, 0, &loss));
  REFUSED(CF_INVALID_ARGUMENT, cf_backward(loss));
  cf_tensor_free(loss);
  REFUSED(CF_INVALID_ARGUMENT, cf_backward(features));
  OK(cf_binary(CF_GRADIENT, CF_MULTIPLY, features, parameter, &scaled));
  OK(cf_sum(CF_GRADIENT, scaled, 0, &loss));
  OK(cf_backward(loss));
  OK(cf_gradient(parameter, &out));
  VALUES(out, 0, 3, -6);
  release();
  cf_tensor_free(parameter);
  cf_tensor_free(features);
  cf_tensor_free(scaled);
  cf_tensor_free(loss);
}

static void values_are_assigned_to_parameters_only(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  cf_tensor *values = FLOATS(SHAPE(2), 5, 6);
  cf_tensor *other = FLOATS(SHAPE(1), 5);
  OK(cf_assign(parameter, values));
  VALUES(parameter, 0, 5, 6);
  REFUSED(CF_INVALID_ARGUMENT, cf_assign(parameter, other));
  REFUSED(CF_INVALID_ARGUMENT, cf_assign(values, parameter));
  cf_tensor_free(parameter);
  cf_tensor_free(values);
  cf_tensor_free(other);
}

/* Equations of torch.optim.Adam, for one value. */
static void expected_step(double *value, double *first, double *second, double gradient, int step,
                          double decay) {
  gradient += decay * *value;
  *first = 0.9 * *first + 0.1 * gradient;
  *second = 0.999 * *second + 0.001 * gradient * gradient;
  *value -= 0.1 * (*first / (1 - pow(0.9, step))) /
            (sqrt(*second / (1 - pow(0.999, step))) + 1e-8);
}

static void adam_follows_its_equations(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  cf_tensor *unused = parameter_of(FLOATS(SHAPE(1), 3));
  cf_tensor *wide = NULL;
  cf_tensor *initial = FLOATS(SHAPE(1), 2);
  OK(cf_cast(CF_INFERENCE, initial, CF_FLOAT64, &wide));
  cf_tensor_free(initial);
  wide = parameter_of(wide);
  const cf_tensor *parameters[] = {parameter, unused, wide};
  cf_adam *adam = NULL;
  OK(cf_adam_new(parameters, NULL, 3, 0.9, 0.999, 1e-8, 0.5, &adam));
  double values[] = {1, -2, 2};
  double first[3] = {0};
  double second[3] = {0};
  for (int step = 1; step <= 3; step++) {
    square(parameter);
    square(wide);
    OK(cf_adam_step(adam, 0.1));
    OK(cf_adam_zero_gradients(adam));
    for (int i = 0; i < 3; i++) {
      expected_step(&values[i], &first[i], &second[i], 2 * values[i], step, 0.5);
    }
    CHECK(cf_adam_steps(adam) == step);
    VALUES(parameter, 1e-5, (float)values[0], (float)values[1]);
    VALUES(wide, 1e-5, (float)values[2]);
    VALUES(unused, 0, 3);
  }
  int64_t taken = 0;
  cf_tensor *moment = NULL;
  OK(cf_adam_moments(adam, 0, &moment, &out, &taken));
  CHECK(taken == cf_adam_steps(adam));
  VALUES(moment, 1e-5, (float)first[0], (float)first[1]);
  VALUES(out, 1e-5, (float)second[0], (float)second[1]);
  cf_tensor_free(moment);
  release();
  cf_adam_free(adam);
  cf_tensor_free(parameter);
  cf_tensor_free(unused);
  cf_tensor_free(wide);
}

static void parameters_have_factors_of_the_learning_rate(void) {
  cf_tensor *slow = parameter_of(FLOATS(SHAPE(1), 1));
  cf_tensor *fast = parameter_of(FLOATS(SHAPE(1), 1));
  cf_tensor *fixed = parameter_of(FLOATS(SHAPE(1), 1));
  const cf_tensor *parameters[] = {slow, fast, fixed};
  const double factors[] = {0.5, 2, 0};
  const double negative[] = {0.5, -2, 0};
  cf_adam *adam = NULL;
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_new(parameters, negative, 3, 0.9, 0.999, 1e-8, 0, &adam));
  OK(cf_adam_new(parameters, factors, 3, 0.9, 0.999, 1e-8, 0, &adam));
  for (int i = 0; i < 3; i++) {
    square(parameters[i]);
  }
  OK(cf_adam_step(adam, 0.1));
  VALUES(slow, 1e-6, 0.95f);
  VALUES(fast, 1e-6, 0.8f);
  VALUES(fixed, 0, 1);
  cf_adam_free(adam);
  cf_tensor_free(slow);
  cf_tensor_free(fast);
  cf_tensor_free(fixed);
}

static void a_restored_optimiser_continues(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  const cf_tensor *parameters[] = {parameter};
  cf_adam *adam = NULL;
  OK(cf_adam_new(parameters, NULL, 1, 0.9, 0.999, 1e-8, 0, &adam));
  square(parameter);
  OK(cf_adam_step(adam, 0.1));
  int64_t taken = 0;
  cf_tensor *first = NULL;
  cf_tensor *second = NULL;
  OK(cf_adam_moments(adam, 0, &first, &second, &taken));
  cf_tensor *copy = NULL;
  OK(cf_parameter(parameter, &copy));
  parameters[0] = copy;
  cf_adam *restored = NULL;
  OK(cf_adam_new(parameters, NULL, 1, 0.9, 0.999, 1e-8, 0, &restored));
  OK(cf_adam_restore(restored, 0, first, second, taken));
  OK(cf_adam_set_steps(restored, cf_adam_steps(adam)));
  OK(cf_adam_zero_gradients(adam));
  square(parameter);
  square(copy);
  OK(cf_adam_step(adam, 0.1));
  OK(cf_adam_step(restored, 0.1));
  float expected[2];
  read_floats(parameter, expected, 2);
  VALUES(copy, 0, expected[0], expected[1]);
  CHECK(cf_adam_steps(restored) == 2);
  cf_adam_free(adam);
  cf_adam_free(restored);
  cf_tensor_free(parameter);
  cf_tensor_free(copy);
  cf_tensor_free(first);
  cf_tensor_free(second);
}

static float clipped(cf_adam *adam, double norm) {
  cf_read *before = NULL;
  const void *data = NULL;
  float largest = -1;
  OK(cf_adam_clip(adam, norm, &before));
  OK(cf_read_end(before, &data, &largest));
  const float value = *(const float *)data;
  CHECK(largest == value);
  cf_read_free(before);
  return value;
}

static void gradients_are_clipped_together(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1.5f, -2));
  cf_tensor *unused = parameter_of(FLOATS(SHAPE(1), 3));
  const cf_tensor *parameters[] = {parameter, unused};
  cf_adam *adam = NULL;
  OK(cf_adam_new(parameters, NULL, 2, 0.9, 0.999, 1e-8, 0, &adam));
  CHECK(clipped(adam, 1) == 0);
  square(parameter);
  CHECK(fabs(clipped(adam, INFINITY) - 5) < 1e-6);
  OK(cf_gradient(parameter, &out));
  VALUES(out, 1e-6, 3, -4);
  release();
  CHECK(fabs(clipped(adam, 2.5) - 5) < 1e-6);
  OK(cf_gradient(parameter, &out));
  VALUES(out, 1e-5, 1.5f, -2);
  release();
  cf_adam_free(adam);
  cf_tensor_free(parameter);
  cf_tensor_free(unused);
}

static void impossible_optimisers_are_refused(void) {
  cf_tensor *parameter = parameter_of(FLOATS(SHAPE(2), 1, -2));
  cf_tensor *plain = FLOATS(SHAPE(1), 1);
  const cf_tensor *parameters[] = {parameter};
  const cf_tensor *wrong[] = {plain};
  cf_adam *adam = NULL;
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_new(wrong, NULL, 1, 0.9, 0.999, 1e-8, 0, &adam));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_new(parameters, NULL, 1, 1, 0.999, 1e-8, 0, &adam));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_new(parameters, NULL, 1, 0.9, 0.999, -1, 0, &adam));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_new(NULL, NULL, 1, 0.9, 0.999, 1e-8, 0, &adam));
  CHECK(adam == NULL);
  OK(cf_adam_new(parameters, NULL, 1, 0.9, 0.999, 1e-8, 0, &adam));
  /* The optimiser shares the parameter. */
  cf_tensor_free(parameter);
  OK(cf_adam_step(adam, 0.1));
  cf_tensor *second = NULL;
  int64_t taken = 0;
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_moments(adam, 1, &out, &second, &taken));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_moments(adam, -1, &out, &second, &taken));
  CHECK(second == NULL);
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_restore(adam, 0, plain, plain, 1));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_restore(adam, 0, plain, plain, -1));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_set_steps(adam, -1));

  REFUSED(CF_INVALID_ARGUMENT, cf_adam_step(NULL, 0.1));
  REFUSED(CF_INVALID_ARGUMENT, cf_adam_zero_gradients(NULL));
  cf_adam_free(adam);
  cf_adam_free(NULL);
  cf_tensor_free(plain);
}

int main(void) {
  losses_are_means();
  gradients_accumulate_until_they_are_zeroed();
  gradients_of_a_known_gradient_are_accumulated();
  inference_records_nothing_but_can_be_used_in_training();
  values_are_assigned_to_parameters_only();
  adam_follows_its_equations();
  parameters_have_factors_of_the_learning_rate();
  a_restored_optimiser_continues();
  gradients_are_clipped_together();
  impossible_optimisers_are_refused();
  return finish();
}
