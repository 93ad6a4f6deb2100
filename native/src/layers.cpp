#include <ATen/ops/dropout.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/matmul.h>

#include "encoder_kernels.h"
#include "guard.h"
#include "products.h"

using namespace codonfuse;

cf_status *cf_matmul(int32_t mode, const cf_tensor *a, const cf_tensor *b, cf_tensor **out) {
  return compute(mode, out, [&] {
    return at::matmul(operand(mode, value(a)), operand(mode, value(b))).to(value(a).scalar_type());
  });
}

cf_status *cf_layer_norm(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                         const cf_tensor *bias, double epsilon, cf_tensor **out) {
  return compute(mode, out, [&] {
    const at::Tensor &input = value(x);
    if (const auto done = normalise_on_device(input, value(weight), value(bias), epsilon)) {
      return *done;
    }
    const at::ScalarType type = input.scalar_type();
    const at::ScalarType wide = value(weight).scalar_type();
    // Only on the CPU does LibTorch take weights of a wider type than the input's.
    const bool widened = type != wide && !input.is_cpu();
    const at::Tensor normalised =
        at::layer_norm(widened ? input.to(wide) : input, {input.size(-1)}, value(weight),
                       value(bias), epsilon);
    return widened ? normalised.to(type) : normalised;
  });
}

cf_status *cf_embedding(int32_t mode, const cf_tensor *table, const cf_tensor *ids,
                        cf_tensor **out) {
  return compute(mode, out, [&] {
    require(value(table).dim() == 2, "the table is not [rows, width]");
    return at::embedding(value(table), value(ids));
  });
}

cf_status *cf_dropout(int32_t mode, const cf_tensor *x, double probability, cf_tensor **out) {
  return compute(mode, out,
                 [&] { return at::dropout(value(x), probability, purpose(mode) == CF_TRAINING); });
}
