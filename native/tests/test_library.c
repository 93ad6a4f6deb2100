#include <string.h>

#include "check.h"

static void versions_are_known(void) {
  CHECK(cf_abi_version() == CF_ABI_VERSION);
  CHECK(strncmp(cf_libtorch_version(), "2.", 2) == 0);
  CHECK(strlen(cf_cpu_capability()) > 0);
}

static void libtorch_tells_of_its_build(void) {
  CHECK(strncmp(cf_libtorch_option("TORCH_VERSION"), cf_libtorch_version(), 4) == 0);
  CHECK(strlen(cf_libtorch_option("nothing of that name")) == 0);
  CHECK(strlen(cf_libtorch_option(NULL)) == 0);
}

static void threads_can_be_chosen(void) {
  OK(cf_set_threads(2));
  CHECK(cf_get_threads() == 2);
  REFUSED(CF_INVALID_ARGUMENT, cf_set_threads(0));
  CHECK(cf_get_threads() == 2);
}

static void a_null_status_is_success(void) {
  CHECK(cf_status_code(NULL) == 0);
  CHECK(strlen(cf_status_message(NULL)) == 0);
  cf_status_free(NULL);
}

static void cuda_devices_are_counted_and_described(void) {
  int32_t count = -1;
  OK(cf_cuda_device_count(&count));
  CHECK(count >= 0);
  REFUSED(CF_INVALID_ARGUMENT, cf_cuda_device_count(NULL));
  char name[8] = "as is";
  int64_t available = -1;
  int64_t total = -1;
  for (int32_t i = 0; i < count; i++) {
    OK(cf_cuda_device_info(i, name, sizeof(name), &available, &total));
    CHECK(strlen(name) > 0 && total > 0 && available <= total);
    available = total = -1;
    strcpy(name, "as is");
  }
  REFUSED(CF_DEVICE_UNAVAILABLE,
          cf_cuda_device_info(count, name, sizeof(name), &available, &total));
  CHECK(strcmp(name, "as is") == 0 && available == -1 && total == -1);
  REFUSED(CF_INVALID_ARGUMENT, cf_cuda_device_info(0, NULL, 0, &available, &total));
}

static void cuda_devices_are_told_apart(void) {
  int32_t count = 0;
  OK(cf_cuda_device_count(&count));
  uint8_t uuids[2][16] = {{7}, {7}};
  for (int32_t i = 0; i < count && i < 2; i++) {
    uint8_t again[16] = {0};
    OK(cf_cuda_device_uuid(i, uuids[i]));
    OK(cf_cuda_device_uuid(i, again));
    CHECK(memcmp(uuids[i], again, 16) == 0);
  }
  if (count > 1) {
    CHECK(memcmp(uuids[0], uuids[1], 16) != 0);
  }
  uint8_t untouched[16] = {7};
  REFUSED(CF_DEVICE_UNAVAILABLE, cf_cuda_device_uuid(count, untouched));
  CHECK(untouched[0] == 7);
  REFUSED(CF_INVALID_ARGUMENT, cf_cuda_device_uuid(0, NULL));
}

static void a_driver_is_asked_or_absent(void) {
  int32_t version = -1;
  int32_t code = -1;
  int32_t devices = -1;
  cf_status *status = cf_cuda_driver(&version, &code, &devices);
  if (status == NULL) {
    CHECK(version > 0 && code >= 0 && devices >= 0);
  } else {
    CHECK(cf_status_code(status) == CF_DEVICE_UNAVAILABLE);
    CHECK(version == -1 && code == -1 && devices == -1);
  }
  cf_status_free(status);
  REFUSED(CF_INVALID_ARGUMENT, cf_cuda_driver(NULL, &code, &devices));
}

static void memory_is_counted_where_libtorch_counts(void) {
  int64_t used = -1;
  int64_t held = -1;
  int64_t peak = -1;
  REFUSED(CF_INVALID_ARGUMENT, cf_memory_use(CF_CPU, 0, &used, &held, &peak));
  REFUSED(CF_INVALID_ARGUMENT, cf_memory_forget_peak(CF_CPU, 0));
  int32_t count = 0;
  OK(cf_cuda_device_count(&count));
  REFUSED(CF_DEVICE_UNAVAILABLE, cf_memory_use(CF_CUDA, count, &used, &held, &peak));
  CHECK(used == -1 && held == -1 && peak == -1);
  if (count > 0) {
    OK(cf_tensor_full(1, CF_FLOAT32, SHAPE(1 << 20), CF_CUDA, 0, &out));
    OK(cf_memory_use(CF_CUDA, 0, &used, &held, &peak));
    CHECK(used >= 1 << 22 && held >= used && peak >= held);
    release();
    OK(cf_memory_forget_peak(CF_CUDA, 0));
    OK(cf_memory_use(CF_CUDA, 0, &used, &held, &peak));
    CHECK(held < 1 << 22 && peak < 1 << 22);
  }
}

static void the_seed_decides_what_is_dropped(void) {
  cf_tensor *ones = NULL;
  OK(cf_tensor_full(1, CF_FLOAT32, SHAPE(64), CF_CPU, 0, &ones));
  float first[64];
  float second[64];
  float other[64];
  float *results[] = {first, second, other};
  for (int i = 0; i < 3; i++) {
    OK(cf_seed(i < 2 ? 7 : 8));
    OK(cf_dropout(CF_TRAINING, ones, 0.5, &out));
    read_floats(out, results[i], 64);
    release();
  }
  CHECK(memcmp(first, second, sizeof(first)) == 0);
  CHECK(memcmp(first, other, sizeof(first)) != 0);
  cf_tensor_free(ones);
}

int main(void) {
  versions_are_known();
  libtorch_tells_of_its_build();
  threads_can_be_chosen();
  a_null_status_is_success();
  cuda_devices_are_counted_and_described();
  cuda_devices_are_told_apart();
  a_driver_is_asked_or_absent();
  memory_is_counted_where_libtorch_counts();
  the_seed_decides_what_is_dropped();
  return finish();
}
