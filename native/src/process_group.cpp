#include "process_group.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#ifdef CODONFUSE_GLOO
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

using namespace codonfuse;

namespace {

#ifdef CODONFUSE_GLOO
c10::intrusive_ptr<c10d::Backend> gloo_group(const c10::intrusive_ptr<c10d::Store> &store, int rank,
                                             int size, const char *interface, const char *address,
                                             std::chrono::milliseconds timeout) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto options = Gloo::Options::create(timeout);
  if (interface != nullptr) {
    options->devices.push_back(Gloo::createDeviceForInterface(interface));
  } else if (address != nullptr) {
    options->devices.push_back(Gloo::createDeviceForHostname(address));
  } else {
    options->devices.push_back(Gloo::createDefaultDevice());
  }
  return c10::make_intrusive<Gloo>(store, rank, size, options);
}
#else
c10::intrusive_ptr<c10d::Backend> gloo_group(const c10::intrusive_ptr<c10d::Store> &, int, int,
                                             const char *, const char *,
                                             std::chrono::milliseconds) {
  throw Failure(CF_INTERNAL, "this LibTorch was built without Gloo");
}
#endif

#ifndef CODONFUSE_NCCL
c10::intrusive_ptr<c10d::Backend> nccl_group(const c10::intrusive_ptr<c10d::Store> &, int, int,
                                             std::chrono::milliseconds) {
  throw Failure(CF_INTERNAL,
                "the native library was built without NCCL, whose headers were not found beside "
                "LibTorch's CUDA");
}
#endif

}  // namespace

// NCCL's may wait for a process that has ended, and to be destroyed without this it prints a warning.
cf_group::~cf_group() {
  if (gradients == nullptr || gradients == host) {
    return;
  }
  try {
    gradients->abort();
  } catch (const std::exception &error) {
    TORCH_WARN("NCCL's connections were not closed: ", error.what());
  }
}

cf_status *cf_store_new(const char *host, int32_t port, int32_t server, int64_t timeout_ms,
                        cf_store **out) {
  return guarded([&] {
    require(out != nullptr && host != nullptr, "out or host is NULL");
    require(port >= 0 && port < 65536 && timeout_ms > 0, "port or timeout is out of range");
    auto handle = std::make_unique<cf_store>();
    communicating([&] {
      c10d::TCPStoreOptions options;
      options.port = static_cast<uint16_t>(port);
      options.isServer = server != 0;
      options.waitWorkers = false;
      options.timeout = std::chrono::milliseconds(timeout_ms);
      handle->store = c10::make_intrusive<c10d::TCPStore>(host, options);
    });
    *out = handle.release();
  });
}

int32_t cf_store_port(const cf_store *store) { return store == nullptr ? 0 : store->store->getPort(); }

void cf_store_free(cf_store *store) {
  const CallInFlight in_flight;
  delete store;
}

cf_status *cf_group_new(const cf_store *store, const char *interface, const char *address,
                        int32_t device, int32_t rank, int32_t size, int64_t timeout_ms,
                        cf_group **out) {
  return guarded([&] {
    require(store != nullptr && out != nullptr, "store or out is NULL");
    require(size >= 1 && rank >= 0 && rank < size, "the rank is none of the group's");
    require(timeout_ms > 0, "the timeout is not positive");
    auto group = std::make_unique<cf_group>();
    const std::chrono::milliseconds timeout(timeout_ms);
    const auto prefixed = [&](const char *prefix) {
      return c10::make_intrusive<c10d::PrefixStore>(prefix, store->store);
    };
    communicating([&] {
      group->host = gloo_group(prefixed("host"), rank, size, interface, address, timeout);
      group->gradients = device == CF_CUDA
                             ? nccl_group(prefixed("gradients"), rank, size, timeout)
                             : group->host;
    });
    *out = group.release();
  });
}

cf_status *cf_group_sum(cf_group *group, double *values, int64_t count) {
  return guarded([&] {
    require(group != nullptr && (values != nullptr || count == 0), "group or values is NULL");
    require(count >= 0, "the count is negative");
    if (count == 0) {
      return;
    }
    communicating([&] {
      all_reduce(*group->host, at::from_blob(values, {count}, at::kDouble))->wait();
    });
  });
}

void cf_group_free(cf_group *group) {
  const CallInFlight in_flight;
  delete group;
}
