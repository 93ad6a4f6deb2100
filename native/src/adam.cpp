#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "device_graph.h"
#include "guard.h"
#include "transfer.h"

using namespace codonfuse;

namespace {

struct Moments {
  at::Tensor parameter;
  at::Tensor first;
  at::Tensor second;
  // As in PyTorch, a parameter's own number of steps: those in which it had no gradient are not
  // among them.
  at::Tensor steps;
  double factor;  // of the learning rate
};

/// Device, its index, element type and factor of the learning rate.
using GroupKey = std::tuple<at::DeviceType, at::DeviceIndex, at::ScalarType, double>;

/// The arguments of one fused step: parameters of one device, element type and learning rate.
struct Group {
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> gradients;
  std::vector<at::Tensor> first;
  std::vector<at::Tensor> second;
  std::vector<at::Tensor> steps;
};

}  // namespace

struct cf_adam : Handle {
  std::vector<Moments> moments;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  double weight_decay = 0;
  int64_t steps = 0;
  // Learning rates in a device's memory, by what groups have in common: a graph reads them there.
  std::map<GroupKey, at::Tensor> rates;
};

namespace {

cf_adam &checked(cf_adam *adam) {
  require(adam != nullptr, "the optimiser is NULL");
  return *adam;
}

const Moments &moments_of(const cf_adam *adam, int32_t index) {
  require(adam != nullptr, "the optimiser is NULL");
  require(index >= 0 && static_cast<size_t>(index) < adam->moments.size(),
          "there is no parameter with this index");
  return adam->moments[static_cast<size_t>(index)];
}

/// Scales gradients as torch.nn.utils.clip_grad_norm_ does and returns the norm before, float32. On
/// the CPU what need not be scaled is not touched; another device is not waited for.
at::Tensor clip(const std::vector<at::Tensor> &gradients, double norm) {
  constexpr double apart = 1e-6;
  const at::Tensor norms = at::stack(at::_foreach_norm(gradients, 2));
  if (!norms.is_cpu()) {
    const at::Tensor all = at::linalg_vector_norm(norms, 2);
    if (std::isfinite(norm)) {
      at::_foreach_mul_(gradients, all.add(apart).reciprocal_().mul_(norm).clamp_max_(1));
    }
    return all.to(at::kFloat);
  }
  const at::Tensor wide = norms.to(at::kDouble);
  const double *each = wide.const_data_ptr<double>();
  const double all = std::sqrt(std::inner_product(each, each + wide.numel(), each, 0.0));
  if (all > norm) {
    at::_foreach_mul_(gradients, norm / (all + apart));
  }
  return at::scalar_tensor(all, at::kFloat);
}

}  // namespace

cf_status *cf_adam_new(const cf_tensor *const *parameters, const double *factors, int32_t count,
                       double beta1, double beta2, double epsilon, double weight_decay,
                       cf_adam **out) {
  return guarded([&] {
    require(out != nullptr, "out is NULL");
    require(count >= 0 && (count == 0 || parameters != nullptr), "there are no parameters");
    require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "a beta is not in [0, 1)");
    require(epsilon >= 0 && weight_decay >= 0, "epsilon or the weight decay is negative");
    auto adam = std::make_unique<cf_adam>();
    adam->beta1 = beta1;
    adam->beta2 = beta2;
    adam->epsilon = epsilon;
    adam->weight_decay = weight_decay;
    for (int32_t i = 0; i < count; i++) {
      const at::Tensor &parameter = value(parameters[i]);
      require(parameter.is_leaf() && parameter.requires_grad(), "a tensor is not a parameter");
      const at::Tensor plain = parameter.detach();
      const double factor = factors == nullptr ? 1 : factors[i];
      require(factor >= 0, "a factor of the learning rate is negative");
      adam->moments.push_back({parameter, at::zeros_like(plain), at::zeros_like(plain),
                               at::zeros({}, plain.options().dtype(at::kFloat)), factor});
    }
    *out = adam.release();
  });
}

cf_status *cf_adam_step(cf_adam *adam, double learning_rate) {
  return guarded([&] {
    const Mode inference(CF_INFERENCE);
    cf_adam &optimiser = checked(adam);
    std::map<GroupKey, Group> groups;
    for (const Moments &each : optimiser.moments) {
      const at::Tensor &gradient = each.parameter.grad();
      if (gradient.defined()) {
        const at::Device device = each.parameter.device();
        Group &group =
            groups[{device.type(), device.index(), each.parameter.scalar_type(), each.factor}];
        group.parameters.push_back(each.parameter);
        group.gradients.push_back(gradient.contiguous());
        group.first.push_back(each.first);
        group.second.push_back(each.second);
        group.steps.push_back(each.steps);
      }
    }
    for (auto &[key, group] : groups) {
      at::_foreach_add_(group.steps, 1);
      const double rate = learning_rate * std::get<double>(key);
      const auto take = [&](const auto &of_step) {
        at::_fused_adam_(group.parameters, group.gradients, group.first, group.second, {},
                         group.steps, of_step, optimiser.beta1, optimiser.beta2,
                         optimiser.weight_decay, optimiser.epsilon, /*amsgrad=*/false,
                         /*maximize=*/false);
      };
      if (std::get<at::DeviceType>(key) == at::kCPU) {
        take(rate);
        continue;
      }
      at::Tensor &stored = optimiser.rates[key];
      if (!stored.defined()) {
        stored = at::empty({}, group.steps.front().options());
      }
      if (recording() == nullptr) {
        stored.fill_(rate);
      }
      take(stored);
    }
    optimiser.steps++;
  });
}

cf_status *cf_adam_set_rate(cf_adam *adam, double learning_rate) {
  return guarded([&] {
    const Mode inference(CF_INFERENCE);
    for (auto &[key, rate] : checked(adam).rates) {
      rate.fill_(learning_rate * std::get<double>(key));
    }
  });
}

cf_status *cf_adam_zero_gradients(cf_adam *adam) {
  return guarded([&] {
    for (Moments &each : checked(adam).moments) {
      each.parameter.mutable_grad().reset();
    }
  });
}

int64_t cf_adam_steps(const cf_adam *adam) { return adam == nullptr ? 0 : adam->steps; }

cf_status *cf_adam_clip(cf_adam *adam, double norm, cf_read **before) {
  return guarded([&] {
    require(before != nullptr, "an out-parameter is NULL");
    require(norm > 0, "the norm is not positive");
    const Mode inference(CF_INFERENCE);
    std::vector<at::Tensor> gradients;
    for (const Moments &each : checked(adam).moments) {
      if (each.parameter.grad().defined()) {
        gradients.push_back(each.parameter.grad());
      }
    }
    *before = new cf_read(gradients.empty() ? at::zeros({}, at::kFloat) : clip(gradients, norm),
                          at::kFloat);
  });
}

cf_status *cf_adam_moments(const cf_adam *adam, int32_t index, cf_tensor **first,
                           cf_tensor **second, int64_t *steps) {
  return guarded([&] {
    require(first != nullptr && second != nullptr && steps != nullptr,
            "an out-parameter is NULL");
    const Moments &moments = moments_of(adam, index);
    auto copy_of_first = std::make_unique<cf_tensor>(moments.first.clone());
    const auto taken = static_cast<int64_t>(moments.steps.item<float>());
    give(moments.second.clone(), second);
    *first = copy_of_first.release();
    *steps = taken;
  });
}

cf_status *cf_adam_restore(cf_adam *adam, int32_t index, const cf_tensor *first,
                           const cf_tensor *second, int64_t steps) {
  return guarded([&] {
    require(steps >= 0, "the number of steps is negative");
    const Moments &moments = moments_of(adam, index);
    require(value(first).sizes() == moments.first.sizes() &&
                value(second).sizes() == moments.second.sizes(),
            "the moments have another shape than the parameter");
    const Mode inference(CF_INFERENCE);
    moments.first.copy_(value(first));
    moments.second.copy_(value(second));
    moments.steps.fill_(steps);
  });
}

cf_status *cf_adam_set_steps(cf_adam *adam, int64_t steps) {
  return guarded([&] {
    require(steps >= 0, "the number of steps is negative");
    checked(adam).steps = steps;
  });
}

void cf_adam_free(cf_adam *adam) { delete adam; }
