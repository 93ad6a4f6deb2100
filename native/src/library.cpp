#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <caffe2/core/common.h>
#include <torch/version.h>

#include <atomic>

#include "guard.h"

using namespace codonfuse;

namespace {

std::atomic<int32_t> chosen_threads{0};

}  // namespace

void codonfuse::adopt_thread_count() {
  thread_local int32_t adopted = 0;
  const int32_t chosen = chosen_threads.load(std::memory_order_relaxed);
  if (adopted != chosen) {
    at::set_num_threads(chosen);
    adopted = chosen;
  }
}

int32_t cf_abi_version(void) { return CF_ABI_VERSION; }

const char *cf_libtorch_version(void) { return TORCH_VERSION; }

const char *cf_libtorch_option(const char *name) {
  const auto &options = caffe2::GetBuildOptions();
  const auto found = options.find(name == nullptr ? "" : name);
  return found == options.end() ? "" : found->second.c_str();
}

int64_t cf_live_handles(void) { return Handle::live(); }

cf_status *cf_set_threads(int32_t threads) {
  return guarded([&] {
    require(threads >= 1, "the number of threads is less than 1");
    chosen_threads.store(threads, std::memory_order_relaxed);
    adopt_thread_count();
  });
}

int32_t cf_get_threads(void) {
  const int32_t chosen = chosen_threads.load(std::memory_order_relaxed);
  return chosen > 0 ? chosen : at::get_num_threads();
}

cf_status *cf_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

const char *cf_cpu_capability(void) {
  static const std::string capability = at::get_cpu_capability();
  return capability.c_str();
}
