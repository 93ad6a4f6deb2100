#include "device_graph.h"

#include <ATen/ops/empty.h>
#include <c10/core/StreamGuard.h>

#include "arguments.h"
#include "guard.h"
#include "transfer.h"

using namespace codonfuse;

namespace {

thread_local cf_graph *of_this_thread = nullptr;

cf_graph &checked(cf_graph *graph) {
  require(graph != nullptr, "the graph is NULL");
  return *graph;
}

const at::Tensor &input_of(cf_graph *graph, int32_t index) {
  require(index >= 0 && static_cast<size_t>(index) < checked(graph).inputs.size(),
          "the graph has no such input");
  return graph->inputs[static_cast<size_t>(index)];
}

}  // namespace

cf_graph *codonfuse::recording() { return of_this_thread; }

at::Tensor codonfuse::input_of_recording(const at::Device &device, at::IntArrayRef sizes,
                                         at::ScalarType type) {
  const c10::StreamGuard outside(of_this_thread->graph->outside());
  const at::Tensor input = at::empty(sizes, at::TensorOptions().dtype(type).device(device));
  of_this_thread->inputs.push_back(input);
  return input;
}

#ifndef CODONFUSE_CUDA_GRAPHS
std::unique_ptr<DeviceGraph> codonfuse::cuda_graph(c10::DeviceIndex) { return nullptr; }
#endif

cf_status *cf_graph_begin(int32_t device, int32_t device_index, cf_graph **out) {
  return guarded([&] {
    require(out != nullptr, "out is NULL");
    require(of_this_thread == nullptr, "this thread records already");
    const at::Device place = device_of(device, device_index);
    auto inner = place.is_cuda() ? cuda_graph(place.index()) : nullptr;
    if (!inner) {
      *out = nullptr;
      return;
    }
    auto graph = std::make_unique<cf_graph>(std::move(inner));
    graph->graph->begin();
    of_this_thread = graph.get();
    *out = graph.release();
  });
}

cf_status *cf_graph_end(cf_graph *graph) {
  return guarded([&] {
    require(of_this_thread == &checked(graph), "another thread records this graph");
    of_this_thread = nullptr;
    graph->graph->end();
  });
}

cf_status *cf_graph_input(cf_graph *graph, int32_t index, const void *data, int64_t bytes) {
  return guarded([&] {
    const Mode inference(CF_INFERENCE);
    const at::Tensor &input = input_of(graph, index);
    require(data != nullptr && static_cast<size_t>(bytes) == input.nbytes(),
            "the data does not fill the input");
    copy_into(input, data);
  });
}

cf_status *cf_graph_upload(cf_graph *graph, int32_t index, const cf_tensor *host) {
  return guarded([&] {
    const Mode inference(CF_INFERENCE);
    const at::Tensor &input = input_of(graph, index);
    require(value(host).sizes() == input.sizes(), "the tensor has another shape than the input");
    input.copy_(value(host), /*non_blocking=*/true);
  });
}

cf_status *cf_graph_launch(cf_graph *graph) {
  return guarded([&] {
    checked(graph).graph->launch();
    for (cf_read *read : graph->reads) {
      read->begin();
    }
  });
}

void cf_graph_free(cf_graph *graph) { delete graph; }
