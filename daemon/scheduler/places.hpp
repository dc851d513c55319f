#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
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
  std::string host{};           ///< what the limit per host counts by, url_host(); empty: no such limit
  bool process = false;         ///< it will be a child process
  std::vector<uid_t> users{0};  ///< who wants it; at least one, each once
  job::Priority priority = job::Priority::normal;
};

/// Who runs and who runs next: of those that no limit holds back one of the user who has the fewest places,
/// of several who has waited longest for one; of that user's the highest priority, among equals the hosts in
/// turn, and of one host the oldest (the lowest id). A transfer of several users stands in the line of each,
/// and counts for the one whose turn it was until its place is free again. Pure bookkeeping, no clock, no
/// effects; take() costs the logarithm of what is queued plus the number of users with something queued.
class Places {
 public:
  explicit Places(Limits limits) : m_limits(std::move(limits)) {}
  Places(Places&&) = default;
  /// For what is taken from now on; what runs goes on.
  void set_limits(Limits limits);

  /// A transfer may run. One that is here already, queued or running, is replaced.
  void add(const Candidate& candidate);
  /// The next one, which counts as running from here on; nothing when all have to wait.
  [[nodiscard]] std::optional<job::Id> take();
  /// It waits or runs no more, for whatever reason. Does nothing for one that is not here.
  void remove(job::Id id);
  /// Another priority or other users of one that is queued; does nothing for one that runs or is not here.
  void change(const Candidate& candidate);

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
  struct Line;
  struct Share;
  /// Stays while something queued or running refers to it, or it is left alone.
  struct HostState {
    std::uint32_t running = 0;
    bool backs_off = false;
    bool is_open = true;  ///< neither left alone nor at its limit
    std::set<Line*> lines{};
  };
  using Hosts = std::unordered_map<std::string, HostState>;
  /// Stays while something of the user is queued or runs.
  struct UserState {
    std::uint32_t running = 0;
    std::uint32_t shares = 0;
    std::uint64_t turn = 0;  ///< when the last place was given; the lower, the longer ago
  };
  using Users = std::map<uid_t, UserState>;
  /// The turn, the oldest id and the line, of what is first in a line.
  using First = std::tuple<std::uint64_t, job::Id, Line*>;

  /// What one user has queued in one priority from one host, oldest first; never empty.
  struct Line {
    job::Priority priority = job::Priority::normal;
    Share* share = nullptr;
    Hosts::value_type* host = nullptr;
    std::uint64_t turn = 0;      ///< as UserState::turn
    std::set<job::Id> ids[2]{};  ///< [0] threads, [1] processes

    /// Brings what is first before those who choose, unless the host holds it back.
    void show();
    /// Before the line, or whether its host is open, changes.
    void hide();
  };
  /// All his lines in one priority.
  struct Share {
    Users::value_type* user = nullptr;
    std::map<Hosts::value_type*, Line> lines{};
    std::set<First> ready[2]{};  ///< of lines whose host is open; as Line::ids
  };
  using Shares = std::map<uid_t, Share>;
  using Levels = std::map<job::Priority, Shares, std::greater<>>;

  struct Queued {
    bool process = false;
    std::vector<Line*> lines{};
  };
  struct Running {
    bool process = false;
    Hosts::value_type* host = nullptr;
    Users::value_type* user = nullptr;
  };

  void stand_in_line(const Candidate& candidate, Hosts::value_type& host);
  Line& line_of(job::Priority priority, uid_t uid, Hosts::value_type& host);
  void leave(Line& line, bool process, job::Id id);
  void forget(Line& line);
  void unqueue(job::Id id);
  job::Id start(const Share& share);
  void release(const Running& running);
  void settle(Hosts::value_type& host);
  void forget_unused(Hosts::value_type& host);
  void forget_unused(Users::value_type& user);
  [[nodiscard]] const First* first(const Share& share) const;
  [[nodiscard]] std::optional<job::WaitCause> cause_for(const Line& line, bool process) const;
  [[nodiscard]] bool is_at_limit(const Users::value_type& user) const;

  Limits m_limits;
  Hosts m_hosts;
  Users m_users;
  Levels m_levels;
  std::unordered_map<job::Id, Queued> m_queued;
  std::unordered_map<job::Id, Running> m_running;
  std::uint32_t m_running_processes = 0;
  std::uint64_t m_turn = 1;  ///< of the last place that was given
};

}  // namespace concd::scheduler
