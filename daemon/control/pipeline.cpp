#include "control/pipeline.hpp"

#include <utility>

namespace concd::control {

bool Pipeline::admits(CallOrder order) const {
  if (empty()) return true;
  return order == CallOrder::overlaps && m_order == CallOrder::overlaps &&
         m_entries.size() < k_max_overlapping && m_size < k_max_overlapping_size;
}

void Pipeline::add(CallPtr call, CallOrder order, std::size_t size) {
  m_order = order;
  m_size += size;
  m_entries.push_back({std::move(call), size, {}});
}

void Pipeline::hold(Ticket ticket, std::string frame) {
  m_held += frame.size();
  at(ticket).held = std::move(frame);
}

std::string Pipeline::finish(Ticket ticket) {
  // The last reply itself may have ended the session: its reader did not read, or had gone.
  if (ticket < m_first) return {};
  at(ticket).call.reset();
  std::string ready;
  while (!m_entries.empty() && !m_entries.front().call) {
    m_size -= m_entries.front().size;
    m_entries.pop_front();
    ++m_first;
    if (!m_entries.empty()) ready += std::exchange(m_entries.front().held, {});
  }
  m_held -= ready.size();
  return ready;
}

std::size_t Pipeline::memory() const {
  // Only a call that does not overlap keeps anything.
  const bool alone = m_entries.size() == 1 && m_entries.front().call;
  return m_size + m_held + (alone ? m_entries.front().call->held() : 0);
}

void Pipeline::abandon_watching() {
  // Such a call is never one of several.
  if (!empty() && m_entries.front().call->only_watches()) abandon();
}

void Pipeline::abandon() {
  // From a local: a call that ends may bring about the end of others.
  const auto entries = std::exchange(m_entries, {});
  m_first += entries.size();
  m_size = m_held = 0;
  for (const auto& entry : entries)
    if (entry.call) entry.call->abandon();
}

}  // namespace concd::control
