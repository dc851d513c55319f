#pragma once

#include <utility>

namespace concd {

/// Runs a function when the scope is left, unless released. The function must not throw.
template <typename Function>
class ScopeExit {
 public:
  explicit ScopeExit(Function function) : m_function(std::move(function)) {}
  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() {
    if (m_armed) m_function();
  }
  void release() noexcept { m_armed = false; }

 private:
  Function m_function;
  bool m_armed = true;
};

}  // namespace concd
