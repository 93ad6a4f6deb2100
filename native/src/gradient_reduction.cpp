// Adds up the gradients of several processes while the backward pass goes on: as soon as those of a
// bucket of parameters are complete, their sum is under way.
//
// Which parameters have gradients may differ between processes (one without examples has none) and
// between steps (a first stage trains some). So buckets are made of the parameters that had a gradient
// anywhere in the step before, which all processes know alike, and are sent in one order by all. A
// gradient that comes otherwise, or later than in the step before, is added at the end.
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <mutex>

#include "process_group.h"

using namespace codonfuse;

namespace {

// DDP's sizes: a small first bucket, so that something is under way early.
constexpr int64_t FIRST_BUCKET = int64_t{1} << 20;
constexpr int64_t BUCKET = int64_t{25} << 20;

struct Bucket {
  std::vector<size_t> parameters;
  at::Tensor values;
  size_t incomplete = 0;
  c10::intrusive_ptr<c10d::Work> work;

  /// Calls a function with the index of each parameter and its part of the values.
  template <typename Function>
  void each(const std::vector<at::Tensor> &all, Function &&function) {
    int64_t offset = 0;
    for (const size_t i : parameters) {
      const int64_t length = all[i].numel();
      function(i, values.narrow(0, offset, length).view(all[i].sizes()));
      offset += length;
    }
  }
};

class Reduction {
 public:
  Reduction(cf_group &group, std::vector<at::Tensor> parameters)
      : host_(group.host),
        gradients_(group.gradients),
        parameters_(std::move(parameters)),
        active_(parameters_.size()),
        sent_(parameters_.size()),
        seen_(parameters_.size()),
        expected_(parameters_.size()) {}

  const std::vector<at::Tensor> &parameters() const { return parameters_; }

  void arm() {
    const std::lock_guard<std::mutex> lock(mutex_);
    armed_ = true;
  }

  /// A backward pass has added to the gradient of a parameter.
  void accumulated(size_t i) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!armed_) {
      return;
    }
    seen_[i]++;
    if (!active_[i] || seen_[i] != expected_[i] || failure_) {
      return;
    }
    bucket_of(i).incomplete--;
    try {
      while (next_ < buckets_.size() && buckets_[next_].incomplete == 0) {
        send(buckets_[next_++]);
      }
    } catch (...) {
      // Not through the backward pass, which would report it as its own.
      failure_ = std::current_exception();
    }
  }

  void finish(double *sums, int64_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const at::NoGradGuard no_grad;
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    while (next_ < buckets_.size()) {
      send(buckets_[next_++]);
    }
    const std::vector<double> known = exchange(sums, count);
    for (Bucket &bucket : buckets_) {
      bucket.work->wait();
      bucket.work.reset();
    }
    add_late(known);
    adopt(known);
  }

 private:
  Bucket &bucket_of(size_t i) { return buckets_[bucket_index_[i]]; }

  /// What to bring together: gradients that are not there count as zero.
  void fill(Bucket &bucket) {
    const at::NoGradGuard no_grad;
    if (!bucket.values.defined()) {
      int64_t length = 0;
      for (const size_t i : bucket.parameters) {
        length += parameters_[i].numel();
      }
      bucket.values = at::empty({length}, parameters_[bucket.parameters.front()].options());
    }
    bucket.each(parameters_, [&](size_t i, at::Tensor part) {
      at::Tensor &gradient = parameters_[i].mutable_grad();
      if (gradient.defined()) {
        part.copy_(gradient);
        gradient.reset();
        sent_[i] = true;
      } else {
        part.zero_();
      }
    });
  }

  void send(Bucket &bucket) {
    fill(bucket);
    bucket.work = all_reduce(*gradients_, bucket.values);
  }

  /// For every parameter how many processes sent a gradient, then how many have one that is late; adds
  /// up the caller's values by the way.
  std::vector<double> exchange(double *sums, int64_t count) {
    const size_t n = parameters_.size();
    std::vector<double> values(2 * n + static_cast<size_t>(count));
    for (size_t i = 0; i < n; i++) {
      values[i] = sent_[i] ? 1 : 0;
      values[n + i] = parameters_[i].grad().defined() ? 1 : 0;
    }
    std::copy_n(sums, count, values.begin() + static_cast<std::ptrdiff_t>(2 * n));
    if (!values.empty()) {
      const auto length = static_cast<int64_t>(values.size());
      all_reduce(*host_, at::from_blob(values.data(), {length}, at::kDouble))->wait();
    }
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(2 * n), count, sums);
    return values;
  }

  /// Gradients that were in no bucket, or came after theirs was sent.
  void add_late(const std::vector<double> &known) {
    const size_t n = parameters_.size();
    std::vector<bool> late(n);
    for (size_t i = 0; i < n; i++) {
      late[i] = known[n + i] > 0;
    }
    std::vector<Bucket> rest = divide(late);
    for (Bucket &bucket : rest) {
      fill(bucket);
      all_reduce(*gradients_, bucket.values)->wait();
      bucket.each(parameters_, [&](size_t i, at::Tensor part) { parameters_[i].mutable_grad() = part; });
    }
    for (Bucket &bucket : buckets_) {
      bucket.each(parameters_, [&](size_t i, at::Tensor part) {
        at::Tensor &gradient = parameters_[i].mutable_grad();
        if (known[i] > 0 && gradient.defined()) {
          gradient.add_(part);
        } else if (known[i] > 0) {
          gradient = part;
        }
      });
    }
  }

  /// Prepares the next step by what is known after this one.
  void adopt(const std::vector<double> &known) {
    const size_t n = parameters_.size();
    std::vector<bool> active(n);
    for (size_t i = 0; i < n; i++) {
      active[i] = known[i] + known[n + i] > 0;
    }
    if (active != active_) {
      active_ = std::move(active);
      buckets_ = divide(active_);
      bucket_index_.assign(n, 0);
      for (size_t b = 0; b < buckets_.size(); b++) {
        for (const size_t i : buckets_[b].parameters) {
          bucket_index_[i] = b;
        }
      }
    }
    for (Bucket &bucket : buckets_) {
      bucket.incomplete = bucket.parameters.size();
    }
    expected_.swap(seen_);
    seen_.assign(n, 0);
    sent_.assign(n, false);
    next_ = 0;
    armed_ = false;
  }

  /// Buckets of the parameters chosen, the last first: their gradients come first.
  std::vector<Bucket> divide(const std::vector<bool> &chosen) const {
    std::vector<Bucket> buckets;
    int64_t bytes = 0;
    for (size_t i = parameters_.size(); i-- > 0;) {
      if (!chosen[i]) {
        continue;
      }
      const auto size = static_cast<int64_t>(parameters_[i].nbytes());
      const int64_t limit = buckets.size() <= 1 ? FIRST_BUCKET : BUCKET;
      const bool fits = !buckets.empty() && bytes + size <= limit &&
                        parameters_[buckets.back().parameters.back()].options().type_equal(
                            parameters_[i].options());
      if (!fits) {
        buckets.emplace_back();
        bytes = 0;
      }
      buckets.back().parameters.push_back(i);
      bytes += size;
    }
    return buckets;
  }

  std::mutex mutex_;
  c10::intrusive_ptr<c10d::Backend> host_;
  c10::intrusive_ptr<c10d::Backend> gradients_;
  std::vector<at::Tensor> parameters_;
  std::vector<Bucket> buckets_;
  std::vector<size_t> bucket_index_;
  std::vector<bool> active_;
  std::vector<bool> sent_;
  std::vector<int> seen_;
  std::vector<int> expected_;
  size_t next_ = 0;
  bool armed_ = false;
  std::exception_ptr failure_;
};

class Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(std::shared_ptr<Reduction> reduction, size_t index)
      : reduction_(std::move(reduction)), index_(index) {}

  void operator()(const torch::autograd::Variable &) override { reduction_->accumulated(index_); }

 private:
  std::shared_ptr<Reduction> reduction_;
  size_t index_;
};

void unhook(const Reduction &reduction) {
  for (const at::Tensor &parameter : reduction.parameters()) {
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
  }
}

}  // namespace

struct cf_reduction : Handle {
  std::shared_ptr<Reduction> reduction;
};

cf_status *cf_reduction_new(cf_group *group, const cf_tensor *const *parameters, int32_t count,
                            cf_reduction **out) {
  return guarded([&] {
    require(group != nullptr && out != nullptr, "group or out is NULL");
    require(count >= 0 && (count == 0 || parameters != nullptr), "there are no parameters");
    std::vector<at::Tensor> leaves;
    for (int32_t i = 0; i < count; i++) {
      const at::Tensor &leaf = value(parameters[i]);
      require(leaf.is_leaf() && leaf.requires_grad(), "a tensor is not a parameter");
      require(torch::autograd::impl::post_acc_grad_hooks(leaf) == nullptr,
              "the gradient of a parameter is reduced already");
      leaves.push_back(leaf);
    }
    auto handle = std::make_unique<cf_reduction>();
    handle->reduction = std::make_shared<Reduction>(*group, std::move(leaves));
    for (size_t i = 0; i < handle->reduction->parameters().size(); i++) {
      torch::autograd::impl::set_post_acc_grad_hooks(
          handle->reduction->parameters()[i], std::make_unique<Hook>(handle->reduction, i));
    }
    *out = handle.release();
  });
}

cf_status *cf_reduction_arm(cf_reduction *reduction) {
  return guarded([&] {
    require(reduction != nullptr, "the reduction is NULL");
    reduction->reduction->arm();
  });
}

cf_status *cf_reduction_finish(cf_reduction *reduction, double *sums, int64_t count) {
  return guarded([&] {
    require(reduction != nullptr && (sums != nullptr || count == 0), "reduction or sums is NULL");
    require(count >= 0, "the count is negative");
    communicating([&] { reduction->reduction->finish(sums, count); });
  });
}

void cf_reduction_free(cf_reduction *reduction) {
  if (reduction != nullptr) {
    const CallInFlight in_flight;
    unhook(*reduction->reduction);
    delete reduction;
  }
}
