// Several linear layers of one input as one product: a device is faster at one that is wide, and the
// input's gradient is not added up.
#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/split_with_sizes.h>

#include "guard.h"
#include "products.h"

using namespace codonfuse;

cf_status *cf_linears(int32_t mode, const cf_tensor *x, const cf_tensor *const *weights,
                      const cf_tensor *const *biases, int32_t count, cf_tensor **out) {
  return guarded([&] {
    const Mode guard(mode);
    require(count > 0 && weights != nullptr && biases != nullptr && out != nullptr,
            "there is no layer");
    std::vector<at::Tensor> matrices;
    std::vector<at::Tensor> shifts;
    std::vector<int64_t> widths;
    for (int32_t i = 0; i < count; i++) {
      matrices.push_back(value(weights[i]));
      shifts.push_back(value(biases[i]));
      require(matrices.back().dim() == 2 && !matrices.back().is_mkldnn() &&
                  shifts.back().sizes() == at::IntArrayRef{matrices.back().size(0)},
              "a weight and its bias are not [out, in] and [out]");
      widths.push_back(matrices.back().size(0));
    }
    const at::Tensor &input = value(x);
    const at::Tensor weight = at::cat(matrices);
    const at::Tensor bias = at::cat(shifts);
    const at::Tensor product =
        rounds(mode, input)
            ? at::add(at::linear(operand(mode, input), operand(mode, weight)), bias)
            : at::linear(input, weight, bias);
    std::vector<std::unique_ptr<cf_tensor>> parts;
    for (const at::Tensor &part : at::split_with_sizes(product, widths, -1)) {
      parts.push_back(std::make_unique<cf_tensor>(part));
    }
    for (size_t i = 0; i < parts.size(); i++) {
      out[i] = parts[i].release();
    }
  });
}
