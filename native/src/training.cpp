#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>

#include <limits>

#include "guard.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace codonfuse;

cf_status *cf_parameter(const cf_tensor *initial, cf_tensor **out) {
  return create(out, [&] {
    const at::Tensor copy = value(initial).detach().clone(at::MemoryFormat::Contiguous);
    return copy.requires_grad_();
  });
}

cf_status *cf_assign(cf_tensor *parameter, const cf_tensor *values) {
  return guarded([&] {
    const at::Tensor &leaf = value(parameter);
    require(leaf.is_leaf() && leaf.requires_grad(), "the tensor is not a parameter");
    require(leaf.sizes() == value(values).sizes(), "the values have another shape");
    const Mode inference(CF_INFERENCE);
    leaf.copy_(value(values));
  });
}

cf_status *cf_gradient(const cf_tensor *parameter, cf_tensor **out) {
  return guarded([&] {
    require(out != nullptr, "out is NULL");
    require(value(parameter).is_leaf(), "the tensor is not a parameter");
    const at::Tensor &gradient = value(parameter).grad();
    if (gradient.defined()) {
      give(gradient.clone(), out);
    } else {
      *out = nullptr;
    }
  });
}

cf_status *cf_mse_loss(int32_t mode, const cf_tensor *output, const cf_tensor *target,
                       cf_tensor **out) {
  return compute(mode, out, [&] {
    require(value(output).sizes() == value(target).sizes(), "output and target differ in shape");
    return at::mse_loss(value(output), value(target));
  });
}

cf_status *cf_cross_entropy(int32_t mode, const cf_tensor *logits, const cf_tensor *target,
                            cf_tensor **out) {
  return compute(mode, out, [&] {
    require(value(logits).dim() == 2 && value(target).dim() == 1,
            "logits and target are not [batch, classes] and [batch]");
    // No class is ignored: LibTorch's default would silently drop targets of -100.
    return at::cross_entropy_loss(value(logits), value(target), {}, at::Reduction::Mean,
                                  std::numeric_limits<int64_t>::min());
  });
}

cf_status *cf_backward(const cf_tensor *loss) {
  return guarded([&] {
    require(value(loss).numel() == 1, "the loss is not a scalar");
    require(value(loss).requires_grad(), "the loss depends on no parameter");
    value(loss).backward();
  });
}

cf_status *cf_backward_from(const cf_tensor *output, const cf_tensor *gradient) {
  return guarded([&] {
    require(value(output).requires_grad(), "the output depends on no parameter");
    require(value(output).sizes() == value(gradient).sizes(),
            "the gradient has another shape than the output");
    value(output).backward(value(gradient));
    // Where layers are computed again one after the other, it is for want of memory: what one of them
    // took must not lie in the allocator in pieces of the wrong size for the next.
#ifdef __GLIBC__
    if (value(output).device().is_cpu()) {
      malloc_trim(0);
    }
#endif
  });
}
