#pragma once

#include <mutex>
#include <utility>

namespace concd {

/// Data that can be reached only while its mutex is held.
template <typename T>
class Synchronized {
 public:
  Synchronized() = default;
  explicit Synchronized(T value) : m_value(std::move(value)) {}

  /// Calls `function` with the data under the lock and returns its result.
  template <typename Function>
  decltype(auto) with(Function&& function) {
    const std::lock_guard lock(m_mutex);
    return std::forward<Function>(function)(m_value);
  }
  template <typename Function>
  decltype(auto) with(Function&& function) const {
    const std::lock_guard lock(m_mutex);
    return std::forward<Function>(function)(m_value);
  }

 private:
  mutable std::mutex m_mutex;
  T m_value{};
};

}  // namespace concd
