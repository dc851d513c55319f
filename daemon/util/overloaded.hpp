#pragma once

namespace concd {

/// One function object of several, for std::visit().
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace concd
