// What the opaque types of codonfuse.h are made of.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codonfuse.h"

namespace codonfuse {

/// Counts the objects that the caller has yet to free.
class Handle {
 public:
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;

  static int64_t live() noexcept { return count.load(std::memory_order_relaxed); }

 protected:
  Handle() noexcept { count.fetch_add(1, std::memory_order_relaxed); }
  ~Handle() { count.fetch_sub(1, std::memory_order_relaxed); }

 private:
  static inline std::atomic<int64_t> count{0};
};

class FrozenWeight;

}  // namespace codonfuse

struct cf_tensor : codonfuse::Handle {
  explicit cf_tensor(at::Tensor tensor) : value(std::move(tensor)) {}
  at::Tensor value;
  // What cf_freeze_weight made more of than the value, which is its pack.
  std::shared_ptr<codonfuse::FrozenWeight> frozen;
};

struct cf_status {
  int32_t code;
  std::string message;
};
