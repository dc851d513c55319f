#include "scheduler/places.hpp"

#include <algorithm>

namespace concd::scheduler {

using job::WaitCause;
using job::WaitKind;

namespace {

WaitCause cause(WaitKind kind, std::string limit, std::size_t running, std::string host = {}) {
  return {kind, std::move(limit), static_cast<std::uint32_t>(running), std::move(host), 0, 0, {}};
}

}  // namespace

void Places::add(const Candidate& candidate) {
  remove(candidate.id);
  auto& host = *m_hosts.try_emplace(candidate.host).first;
  enqueue(candidate.id, candidate.priority, {&host, candidate.process, candidate.uid});
}

std::optional<job::Id> Places::take() {
  if (m_running.size() >= m_limits.active) return std::nullopt;
  Lanes::value_type* next = nullptr;
  for (auto& lane : m_lanes) {
    if (next != nullptr && lane.first.first < next->first.first) break;
    const bool is_older = next == nullptr || *lane.second.begin() < *next->second.begin();
    if (is_older && obstacle(lane.first.second) == Obstacle::none) next = &lane;
  }
  if (next == nullptr) return std::nullopt;

  const auto id = *next->second.begin();
  const auto kind = next->first.second;
  m_running.emplace(id, kind);
  ++kind.host->second.running;
  ++m_running_per_user[kind.uid];
  if (kind.process) ++m_running_processes;
  m_queued.erase(id);
  leave(*next, id);
  return id;
}

void Places::remove(job::Id id) {
  if (const auto queued = m_queued.find(id); queued != m_queued.end()) {
    leave(*queued->second, id);
    m_queued.erase(queued);
  } else if (const auto running = m_running.find(id); running != m_running.end()) {
    release(running->second);
    m_running.erase(running);
  }
}

void Places::set_priority(job::Id id, job::Priority priority) {
  const auto queued = m_queued.find(id);
  if (queued == m_queued.end() || queued->second->first.first == priority) return;
  auto& lane = *queued->second;
  enqueue(id, priority, lane.first.second);
  leave(lane, id);
}

bool Places::back_off(const std::string& host) {
  return !host.empty() && !std::exchange(m_hosts[host].backs_off, true);
}

void Places::end_back_off(const std::string& host) {
  const auto found = m_hosts.find(host);
  if (found == m_hosts.end()) return;
  found->second.backs_off = false;
  forget_unused(*found);
}

std::optional<WaitCause> Places::why_waits(job::Id id) const {
  const auto queued = m_queued.find(id);
  if (queued == m_queued.end()) return std::nullopt;
  return cause_for(queued->second->first.second);
}

std::vector<WaitCause> Places::obstacles(std::size_t max) const {
  std::vector<WaitCause> causes;
  for (const auto& [lane, ids] : m_lanes) {
    auto found = cause_for(lane.second);
    if (found && std::ranges::find(causes, *found) == causes.end()) causes.push_back(std::move(*found));
    if (causes.size() == max) break;
  }
  return causes;
}

std::optional<WaitCause> Places::cause_for(const Kind& kind) const {
  const auto& [host, state] = *kind.host;
  switch (obstacle(kind)) {
    case Obstacle::host_backoff:
      return cause(WaitKind::host_backoff, "", 0, host);
    case Obstacle::active:
      return cause(WaitKind::slot, "queue.active", running());
    case Obstacle::processes:
      return cause(WaitKind::slot, "worker.limit", m_running_processes);
    case Obstacle::host:
      return cause(WaitKind::host_slot, "queue.active_per_host", state.running, host);
    case Obstacle::user:
      return cause(WaitKind::user_slot, "queue.active_per_user", running_of(kind.uid));
    case Obstacle::none:
      break;
  }
  return std::nullopt;
}

void Places::enqueue(job::Id id, job::Priority priority, const Kind& kind) {
  const auto [lane, is_new] = m_lanes.try_emplace({priority, kind});
  if (is_new) ++kind.host->second.lanes;
  lane->second.insert(id);
  m_queued.insert_or_assign(id, &*lane);
}

void Places::leave(Lanes::value_type& lane, job::Id id) {
  lane.second.erase(id);
  if (!lane.second.empty()) return;
  auto& host = *lane.first.second.host;
  m_lanes.erase(m_lanes.find(lane.first));
  --host.second.lanes;
  forget_unused(host);
}

void Places::release(const Kind& kind) {
  const auto user = m_running_per_user.find(kind.uid);
  if (--user->second == 0) m_running_per_user.erase(user);
  if (kind.process) --m_running_processes;
  --kind.host->second.running;
  forget_unused(*kind.host);
}

void Places::forget_unused(Hosts::value_type& host) {
  const auto& [name, state] = host;
  if (state.running == 0 && state.lanes == 0 && !state.backs_off) m_hosts.erase(m_hosts.find(name));
}

Places::Obstacle Places::obstacle(const Kind& kind) const {
  const auto& [host, state] = *kind.host;
  if (state.backs_off) return Obstacle::host_backoff;
  if (m_running.size() >= m_limits.active) return Obstacle::active;
  if (kind.process && m_running_processes >= m_limits.processes) return Obstacle::processes;
  if (!host.empty() && state.running >= m_limits.active_per_host) return Obstacle::host;
  if (m_limits.active_per_user > 0 && running_of(kind.uid) >= m_limits.active_per_user) return Obstacle::user;
  return Obstacle::none;
}

std::uint32_t Places::running_of(uid_t uid) const {
  const auto found = m_running_per_user.find(uid);
  return found == m_running_per_user.end() ? 0 : found->second;
}

}  // namespace concd::scheduler
