#include "engine/staging.hpp"

#include <utility>

namespace concd::engine {
namespace {

constexpr std::size_t k_capacity = 256 * 1024;

}  // namespace

void Staging::append(Owner& owner, std::string_view data) {
  if (m_owner != &owner || m_data.size() + data.size() > k_capacity) flush();
  m_owner = &owner;
  if (data.size() >= k_capacity / 2) {
    flush();
    return owner.flush(data);
  }
  if (m_data.capacity() < k_capacity) m_data.reserve(k_capacity);
  m_data.insert(m_data.end(), data.begin(), data.end());
}

void Staging::flush() noexcept {
  auto* const owner = std::exchange(m_owner, nullptr);
  if (owner != nullptr && !m_data.empty()) owner->flush({m_data.data(), m_data.size()});
  m_data.clear();
}

void Staging::release() {
  flush();
  std::vector<char>().swap(m_data);
}

}  // namespace concd::engine
