#include "scheduler/places.hpp"

#include <algorithm>
#include <utility>

namespace concd::scheduler {

using job::WaitCause;
using job::WaitKind;

namespace {

WaitCause cause(WaitKind kind, std::string limit, std::size_t running, std::string host = {}) {
  return {kind, std::move(limit), static_cast<std::uint32_t>(running), std::move(host), 0, 0, {}};
}

}  // namespace

void Places::set_limits(Limits limits) {
  m_limits = std::move(limits);
  for (auto& host : m_hosts) settle(host);
}

void Places::add(const Candidate& candidate) {
  remove(candidate.id);
  stand_in_line(candidate, *m_hosts.try_emplace(candidate.host).first);
}

void Places::stand_in_line(const Candidate& candidate, Hosts::value_type& host) {
  Queued queued{candidate.process, {}};
  for (const auto uid : candidate.users) {
    auto& line = line_of(candidate.priority, uid, host);
    line.hide();
    line.ids[candidate.process].insert(candidate.id);
    line.show();
    queued.lines.push_back(&line);
  }
  m_queued.insert_or_assign(candidate.id, std::move(queued));
}

/// Who is new comes before the one who was served last, and after all others: he starts no later than in a
/// round, and many who come anew hold up nobody for ever.
Places::Line& Places::line_of(job::Priority priority, uid_t uid, Hosts::value_type& host) {
  auto& share = m_levels[priority][uid];
  if (share.user == nullptr) {
    share.user = &*m_users.try_emplace(uid, UserState{0, 0, m_turn - 1}).first;
    ++share.user->second.shares;
  }
  const auto [found, is_new] = share.lines.try_emplace(&host, Line{priority, &share, &host, m_turn - 1});
  if (is_new) host.second.lines.insert(&found->second);
  return found->second;
}

std::optional<job::Id> Places::take() {
  if (m_running.size() >= m_limits.active) return std::nullopt;
  const Share* next = nullptr;
  std::tuple<std::uint32_t, std::uint64_t, std::size_t, job::Id> best;
  std::size_t level = 0;
  for (const auto& [priority, shares] : m_levels) {
    for (const auto& [uid, share] : shares) {
      const auto* const candidate = first(share);
      if (candidate == nullptr) continue;
      const auto& user = share.user->second;
      const std::tuple rank(user.running, user.turn, level, std::get<job::Id>(*candidate));
      if (next != nullptr && best <= rank) continue;
      next = &share;
      best = rank;
    }
    ++level;
  }
  return next != nullptr ? std::optional(start(*next)) : std::nullopt;
}

job::Id Places::start(const Share& share) {
  const auto [turn, chosen, line] = *first(share);
  auto& user = *share.user;
  auto& host = *line->host;
  const Running running{m_queued.at(chosen).process, &host, &user};
  m_running.emplace(chosen, running);
  ++host.second.running;
  ++user.second.running;
  if (running.process) ++m_running_processes;
  user.second.turn = ++m_turn;
  line->hide();
  line->turn = m_turn;
  line->show();
  unqueue(chosen);
  settle(host);
  return chosen;
}

/// What is first of those of the share that may run; null when all have to wait.
const Places::First* Places::first(const Share& share) const {
  if (is_at_limit(*share.user)) return nullptr;
  const auto& [threads, processes] = share.ready;
  const bool has_process = !processes.empty() && m_running_processes < m_limits.processes;
  if (threads.empty()) return has_process ? &*processes.begin() : nullptr;
  return has_process ? &std::min(*threads.begin(), *processes.begin()) : &*threads.begin();
}

void Places::remove(job::Id id) {
  if (m_queued.contains(id)) return unqueue(id);
  const auto found = m_running.find(id);
  if (found == m_running.end()) return;
  const auto running = found->second;
  m_running.erase(found);
  release(running);
}

void Places::change(const Candidate& candidate) {
  const auto queued = m_queued.find(candidate.id);
  if (queued == m_queued.end()) return;
  auto& host = *queued->second.lines.front()->host;
  const auto before = queued->second;
  // The new lines first: a host or user whom nothing refers to would be forgotten.
  stand_in_line(candidate, host);
  const auto& now = m_queued.at(candidate.id);
  for (auto* const line : before.lines)
    if (before.process != now.process || std::ranges::find(now.lines, line) == now.lines.end())
      leave(*line, before.process, candidate.id);
}

void Places::unqueue(job::Id id) {
  const auto queued = m_queued.extract(id).mapped();
  for (auto* const line : queued.lines) leave(*line, queued.process, id);
}

void Places::leave(Line& line, bool process, job::Id id) {
  line.hide();
  line.ids[process].erase(id);
  line.show();
  if (!line.ids[0].empty() || !line.ids[1].empty()) return;
  forget(line);
}

void Places::forget(Line& line) {
  auto& host = *line.host;
  auto& user = *line.share->user;
  auto& lines = line.share->lines;
  const auto level = m_levels.find(line.priority);
  host.second.lines.erase(&line);
  lines.erase(&host);
  if (lines.empty()) {
    level->second.erase(user.first);
    if (level->second.empty()) m_levels.erase(level);
    --user.second.shares;
    forget_unused(user);
  }
  forget_unused(host);
}

bool Places::back_off(const std::string& host) {
  if (host.empty()) return false;
  auto& entry = *m_hosts.try_emplace(host).first;
  const bool is_new = !std::exchange(entry.second.backs_off, true);
  settle(entry);
  return is_new;
}

void Places::end_back_off(const std::string& host) {
  const auto found = m_hosts.find(host);
  if (found == m_hosts.end()) return;
  found->second.backs_off = false;
  settle(*found);
  forget_unused(*found);
}

std::optional<WaitCause> Places::why_waits(job::Id id) const {
  const auto queued = m_queued.find(id);
  if (queued == m_queued.end()) return std::nullopt;
  const auto& [process, lines] = queued->second;
  std::optional<WaitCause> cause;
  // One user whom nothing holds back is enough.
  for (const auto* const line : lines)
    if (cause = cause_for(*line, process); !cause) break;
  return cause;
}

std::vector<WaitCause> Places::obstacles(std::size_t max) const {
  std::vector<WaitCause> causes;
  const auto note = [&](const Line& line, bool process) {
    if (line.ids[process].empty() || causes.size() == max) return;
    auto found = cause_for(line, process);
    if (found && std::ranges::find(causes, *found) == causes.end()) causes.push_back(std::move(*found));
  };
  for (const auto& [priority, shares] : m_levels)
    for (const auto& [uid, share] : shares)
      for (const auto& [host, line] : share.lines)
        for (const bool process : {false, true}) note(line, process);
  return causes;
}

/// In the order in which it is told.
std::optional<WaitCause> Places::cause_for(const Line& line, bool process) const {
  const auto& [host, state] = *line.host;
  const auto& user = *line.share->user;
  if (state.backs_off) return cause(WaitKind::host_backoff, "", 0, host);
  if (m_running.size() >= m_limits.active) return cause(WaitKind::slot, "queue.active", running());
  if (process && m_running_processes >= m_limits.processes)
    return cause(WaitKind::slot, "worker.limit", m_running_processes);
  if (!state.is_open) return cause(WaitKind::host_slot, "queue.active_per_host", state.running, host);
  if (is_at_limit(user)) return cause(WaitKind::user_slot, "queue.active_per_user", user.second.running);
  return std::nullopt;
}

void Places::Line::show() {
  if (!host->second.is_open) return;
  for (const bool process : {false, true})
    if (!ids[process].empty()) share->ready[process].emplace(turn, *ids[process].begin(), this);
}

void Places::Line::hide() {
  for (const bool process : {false, true})
    if (!ids[process].empty()) share->ready[process].erase({turn, *ids[process].begin(), this});
}

/// Whether a host is open may have changed.
void Places::settle(Hosts::value_type& host) {
  auto& [name, state] = host;
  const bool has_place = name.empty() || state.running < m_limits.active_per_host;
  const bool is_open = has_place && !state.backs_off;
  if (std::exchange(state.is_open, is_open) == is_open) return;
  for (auto* const line : state.lines) is_open ? line->show() : line->hide();
}

void Places::release(const Running& running) {
  if (running.process) --m_running_processes;
  --running.user->second.running;
  --running.host->second.running;
  settle(*running.host);
  forget_unused(*running.user);
  forget_unused(*running.host);
}

void Places::forget_unused(Hosts::value_type& host) {
  const auto& [name, state] = host;
  if (state.running == 0 && state.lines.empty() && !state.backs_off) m_hosts.erase(m_hosts.find(name));
}

void Places::forget_unused(Users::value_type& user) {
  if (user.second.running == 0 && user.second.shares == 0) m_users.erase(m_users.find(user.first));
}

bool Places::is_at_limit(const Users::value_type& user) const {
  const auto limit = m_limits.active_per_user.of(user.first);
  return limit > 0 && user.second.running >= limit;
}

}  // namespace concd::scheduler
