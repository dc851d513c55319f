#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "job/id.hpp"
#include "job/priority.hpp"
#include "job/wait_cause.hpp"
#include "scheduler/limits.hpp"

namespace concd::scheduler {

/// A transfer that may run, as far as choosing goes.
struct Candidate {
  job::Id id = 0;
  std::string host{};    ///< what the limit per host counts by, url_host(); empty: no such limit
  bool process = false;  ///< it will be a child process
  uid_t uid = 0;         ///< whose it is
  job::Priority priority = job::Priority::normal;
};

/// Who runs and who runs next: of those that no limit holds back the highest priority, among equals the
/// oldest (the lowest id). Pure bookkeeping, no clock, no effects; take() costs about the logarithm of what
/// is queued plus the number of different lanes in it.
class Places {
 public:
  explicit Places(Limits limits) : m_limits(limits) {}
  Places(Places&&) = default;
  /// For what is taken from now on; what runs goes on.
  void set_limits(Limits limits) { m_limits = limits; }

  /// A transfer may run. One that is here already, queued or running, is replaced.
  void add(const Candidate& candidate);
  /// The next one, which counts as running from here on; nothing when all have to wait.
  [[nodiscard]] std::optional<job::Id> take();
  /// It waits or runs no more, for whatever reason. Does nothing for one that is not here.
  void remove(job::Id id);
  /// Of one that is queued; does nothing for one that runs or is not here.
  void set_priority(job::Id id, job::Priority priority);

  /// Nothing of the host is taken until end_back_off(). False when it is left alone already, or is empty.
  bool back_off(const std::string& host);
  void end_back_off(const std::string& host);

  [[nodiscard]] std::size_t running() const { return m_running.size(); }
  [[nodiscard]] std::size_t queued() const { return m_queued.size(); }
  /// What holds the transfer back: host_backoff, slot, host_slot or user_slot with its figures. Nothing when
  /// it runs, is not here, or take() would choose it sooner or later without an end of another one.
  [[nodiscard]] std::optional<job::WaitCause> why_waits(job::Id id) const;
  /// What holds queued ones back, each cause once; at most `max`.
  [[nodiscard]] std::vector<job::WaitCause> obstacles(std::size_t max) const;

 private:
  /// Stays while something queued or running refers to it, or it is left alone.
  struct HostState {
    std::uint32_t running = 0;
    std::uint32_t lanes = 0;
    bool backs_off = false;
  };
  using Hosts = std::unordered_map<std::string, HostState>;
  /// What limits count by. The host is shared: 100,000 of them hold no string each.
  struct Kind {
    Hosts::value_type* host = nullptr;
    bool process = false;
    uid_t uid = 0;

    auto operator<=>(const Kind&) const = default;
  };
  /// The queued ones of one kind and priority, oldest first; never empty.
  using Lanes = std::map<std::pair<job::Priority, Kind>, std::set<job::Id>, std::greater<>>;

  /// What holds a kind back, in the order in which it is told.
  enum class Obstacle { none, host_backoff, active, processes, host, user };

  void enqueue(job::Id id, job::Priority priority, const Kind& kind);
  void leave(Lanes::value_type& lane, job::Id id);
  void release(const Kind& kind);
  void forget_unused(Hosts::value_type& host);
  [[nodiscard]] std::optional<job::WaitCause> cause_for(const Kind& kind) const;
  [[nodiscard]] Obstacle obstacle(const Kind& kind) const;
  [[nodiscard]] std::uint32_t running_of(uid_t uid) const;

  Limits m_limits;
  Hosts m_hosts;
  Lanes m_lanes;
  std::unordered_map<job::Id, Lanes::value_type*> m_queued;
  std::unordered_map<job::Id, Kind> m_running;
  std::unordered_map<uid_t, std::uint32_t> m_running_per_user;
  std::uint32_t m_running_processes = 0;
};

}  // namespace concd::scheduler
