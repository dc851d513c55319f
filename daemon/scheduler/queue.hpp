#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "job/id.hpp"

namespace concd::scheduler {

/// How much may run at once.
struct Limits {
  std::size_t active = 32;
  std::size_t active_per_host = 8;
  std::size_t processes = 8;
};

/// Which transfer runs next: the oldest one that no limit holds back. Pure bookkeeping, no clock, no effects.
class Queue {
 public:
  explicit Queue(Limits limits) : m_limits(limits) {}
  void set_limits(Limits limits) { m_limits = limits; }

  /// A transfer may run. `host` is what the limit per host counts by; empty: no such limit. `process`: it
  /// will be a child process.
  void add(job::Id transfer, std::string host, bool process);
  /// The oldest that may run now counts as running from here on; nothing when all have to wait.
  [[nodiscard]] std::optional<job::Id> take();
  /// It waits or runs no more, for whatever reason. Does nothing for one that is not here.
  void remove(job::Id transfer);
  /// Nothing of the host is taken until wake(). False when it rests already, or is none.
  bool rest(const std::string& host);
  void wake(const std::string& host) { m_resting.erase(host); }

  [[nodiscard]] std::size_t running() const { return m_running; }
  [[nodiscard]] std::size_t ready() const { return m_items.size() - m_running; }
  /// Why the transfer is not running although it may, one sentence; empty when it runs or is not here.
  [[nodiscard]] std::string why_not(job::Id transfer) const;

 private:
  struct Item {
    std::string host;
    bool process = false;
    bool running = false;
  };
  /// Transfers of one host and kind that wait, oldest first.
  using LaneKey = std::pair<std::string, bool>;

  [[nodiscard]] bool has_place(const LaneKey& lane) const;
  [[nodiscard]] std::size_t running_on(const std::string& host) const;

  Limits m_limits;
  std::unordered_map<job::Id, Item> m_items;
  std::map<LaneKey, std::set<job::Id>> m_lanes;
  std::map<std::string, std::size_t> m_running_per_host;
  std::set<std::string> m_resting;
  std::size_t m_running = 0;
  std::size_t m_running_processes = 0;
};

}  // namespace concd::scheduler
