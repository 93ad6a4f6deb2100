#include "guard.h"

#include <c10/util/Exception.h>

#include <cstdio>
#include <cstdlib>
#include <atomic>
#include <new>
#include <string_view>

#include <unistd.h>

namespace codonfuse {
namespace {

// Reporting exhausted memory must not allocate.
cf_status *out_of_memory() noexcept {
  static cf_status status{CF_OUT_OF_MEMORY, "out of memory"};
  return &status;
}

cf_status *status(int32_t code, std::string_view message) noexcept {
  try {
    return new cf_status{code, std::string(message)};
  } catch (...) {
    return out_of_memory();
  }
}

// LibTorch throws the plain c10::Error for most of what it checks.
int32_t code_of(std::string_view message) noexcept {
  const auto contains = [&](std::string_view part) {
    return message.find(part) != std::string_view::npos;
  };
  if (contains("DefaultCPUAllocator") || contains("out of memory")) {
    return CF_OUT_OF_MEMORY;
  }
  if (contains("INTERNAL ASSERT FAILED") || contains("CUDA error")) {
    return CF_INTERNAL;
  }
  return CF_INVALID_ARGUMENT;
}

std::atomic<int> calls_in_flight{0};

// Exit handlers run in the reverse order of their registration: those of LibTorch's objects that are
// made later, on first use, would run before one that is registered when the library is loaded.
void end_at_once_if_busy(int status, void *) {
  if (calls_in_flight.load() > 0) {
    std::fflush(nullptr);
    _exit(status);
  }
}

}  // namespace

CallInFlight::CallInFlight() noexcept { ++calls_in_flight; }

CallInFlight::~CallInFlight() { --calls_in_flight; }

cf_status *status_of_current_exception() noexcept {
  try {
    throw;
  } catch (const Failure &failure) {
    return status(failure.code(), failure.what());
  } catch (const c10::OutOfMemoryError &error) {
    return status(CF_OUT_OF_MEMORY, error.what_without_backtrace());
  } catch (const c10::Error &error) {
    const char *message = error.what_without_backtrace();
    return status(code_of(message), message);
  } catch (const std::bad_alloc &) {
    return out_of_memory();
  } catch (const std::logic_error &error) {
    return status(CF_INVALID_ARGUMENT, error.what());
  } catch (const std::exception &error) {
    return status(CF_INTERNAL, error.what());
  } catch (...) {
    return status(CF_INTERNAL, "unknown exception");
  }
}

}  // namespace codonfuse

using namespace codonfuse;

void cf_prepare_exit(void) { on_exit(end_at_once_if_busy, nullptr); }

int32_t cf_status_code(const cf_status *status) { return status == nullptr ? 0 : status->code; }

const char *cf_status_message(const cf_status *status) {
  return status == nullptr ? "" : status->message.c_str();
}

void cf_status_free(cf_status *status) {
  if (status != out_of_memory()) {
    delete status;
  }
}
