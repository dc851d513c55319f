#pragma once

#include <cerrno>

#include <sys/syscall.h>
#include <unistd.h>

#include "layer.hpp"

/// A function of the C library that this library stands before. It reaches the kernel by syscall(2), so that
/// nothing of it is seen twice.
#define CHAOS_CALL extern "C" __attribute__((visibility("default")))

namespace chaos {

/// -1, with errno set.
inline int fail(int error) {
  errno = error;
  return -1;
}

/// A call that is to fail and has no short form.
inline int error_of(Layer& layer, Call call, std::string_view path = {}) {
  const int error = layer.count(call, path);
  return error == k_short ? EIO : error;
}

}  // namespace chaos
