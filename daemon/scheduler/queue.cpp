#include "scheduler/queue.hpp"

#include <spdlog/fmt/fmt.h>

namespace concd::scheduler {

void Queue::add(job::Id transfer, std::string host, bool process) {
  remove(transfer);
  m_lanes[{host, process}].insert(transfer);
  m_items[transfer] = Item{std::move(host), process, false};
}

std::optional<job::Id> Queue::take() {
  if (m_running >= m_limits.active) return std::nullopt;
  std::optional<job::Id> oldest;
  for (const auto& [key, transfers] : m_lanes)
    if (has_place(key) && (!oldest || *transfers.begin() < *oldest)) oldest = *transfers.begin();
  if (!oldest) return std::nullopt;

  auto& item = m_items.at(*oldest);
  const auto lane = m_lanes.find({item.host, item.process});
  lane->second.erase(*oldest);
  if (lane->second.empty()) m_lanes.erase(lane);
  item.running = true;
  ++m_running;
  ++m_running_per_host[item.host];
  if (item.process) ++m_running_processes;
  return oldest;
}

void Queue::remove(job::Id transfer) {
  const auto found = m_items.find(transfer);
  if (found == m_items.end()) return;
  const auto& item = found->second;
  if (item.running) {
    --m_running;
    const auto host = m_running_per_host.find(item.host);
    if (--host->second == 0) m_running_per_host.erase(host);
    if (item.process) --m_running_processes;
  } else {
    const auto lane = m_lanes.find({item.host, item.process});
    lane->second.erase(transfer);
    if (lane->second.empty()) m_lanes.erase(lane);
  }
  m_items.erase(found);
}

bool Queue::rest(const std::string& host) {
  return !host.empty() && m_resting.insert(host).second;
}

std::string Queue::why_not(job::Id transfer) const {
  const auto found = m_items.find(transfer);
  if (found == m_items.end() || found->second.running) return "";
  const auto& item = found->second;
  if (m_resting.contains(item.host)) return fmt::format("{} could not be reached a moment ago", item.host);
  if (m_running >= m_limits.active)
    return fmt::format("{} transfers are running, the most that queue.active allows", m_running);
  if (item.process && m_running_processes >= m_limits.processes)
    return fmt::format("{} worker processes are running, the most that worker.limit allows",
                       m_running_processes);
  if (!item.host.empty() && running_on(item.host) >= m_limits.active_per_host)
    return fmt::format("{} transfers from {} are running, the most that queue.active_per_host allows",
                       running_on(item.host), item.host);
  return "older jobs go first";
}

bool Queue::has_place(const LaneKey& lane) const {
  const auto& [host, process] = lane;
  if (m_resting.contains(host)) return false;
  if (process && m_running_processes >= m_limits.processes) return false;
  return host.empty() || running_on(host) < m_limits.active_per_host;
}

std::size_t Queue::running_on(const std::string& host) const {
  const auto found = m_running_per_host.find(host);
  return found == m_running_per_host.end() ? 0 : found->second;
}

}  // namespace concd::scheduler
