#pragma once

#include <stdexcept>

namespace concd::lifecycle {

/// Another process holds what must be this daemon's alone.
class AlreadyRunning : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace concd::lifecycle
