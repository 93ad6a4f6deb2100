// Kernels for CUDA that are compiled when they are first wanted, by the compiler that LibTorch brings
// (NVRTC): neither building nor running needs the toolkit, and every GPU gets code of its own.
#pragma once

#include <c10/core/Device.h>

#include <array>
#include <string>
#include <vector>

namespace codonfuse {

/// Definitions that a kernel is compiled with, as NAME=VALUE.
using Macros = std::vector<std::string>;

/// Starts a kernel of cuda/encoder.cu on the current stream of a device.
/// @param arguments their addresses
/// @return false if it cannot be compiled here: refusal() says why
bool launch(const c10::Device &device, const std::string &kernel, const Macros &macros,
            const std::array<unsigned, 3> &blocks, unsigned threads,
            std::vector<void *> arguments);

/// Why a kernel cannot be compiled on a device; empty where it can.
std::string refusal(const c10::Device &device, const std::string &kernel, const Macros &macros);

}  // namespace codonfuse
