#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace concd {

/// A std::optional whose value is on the heap: for what few of very many objects have, because one that has
/// none takes no more than a pointer. A value: copies are deep.
template <typename T>
class Boxed {
 public:
  Boxed() noexcept = default;
  // It converts as a std::optional does. NOLINTBEGIN(google-explicit-constructor)
  Boxed(std::nullopt_t) noexcept {}
  Boxed(T value) : m_value(std::make_unique<T>(std::move(value))) {}
  Boxed(std::optional<T> value) {
    if (value) emplace(*std::move(value));
  }
  // NOLINTEND(google-explicit-constructor)
  Boxed(const Boxed& other) : m_value(other ? std::make_unique<T>(*other) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  [[nodiscard]] bool has_value() const noexcept { return m_value != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  T& operator*() noexcept { return *m_value; }
  const T& operator*() const noexcept { return *m_value; }
  T* operator->() noexcept { return m_value.get(); }
  const T* operator->() const noexcept { return m_value.get(); }
  // NOLINTNEXTLINE(google-explicit-constructor): the same
  operator std::optional<T>() const { return *this ? std::optional<T>(**this) : std::nullopt; }

  void reset() noexcept { m_value.reset(); }
  template <typename... Arguments>
  T& emplace(Arguments&&... arguments) {
    m_value = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    return *m_value;
  }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b);
  }
  friend bool operator==(const Boxed& a, const T& b) { return a && *a == b; }
  /// Without it that of std::optional would be taken, to which nothing is not the same as nothing.
  friend bool operator==(const Boxed& a, const std::optional<T>& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b);
  }

 private:
  std::unique_ptr<T> m_value;
};

}  // namespace concd
