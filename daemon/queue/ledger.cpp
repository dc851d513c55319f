#include "queue/ledger.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "util/crash_point.hpp"

namespace concd::queue {
namespace {

using namespace std::chrono_literals;

/// A group of at least this many changes is taken for a burst.
constexpr std::size_t k_burst = 4;
/// How long the next group of a burst gathers: what that adds to an answer nobody notices.
constexpr Microseconds k_gather = 20ms;
/// How long the store is left alone after it could not write, e.g. because the disk is full.
constexpr Microseconds k_again = 2s;

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

/// The ended jobs whose rows an entry has brought up to date.
std::size_t count_ended(const Entry& entry) {
  if (entry.error || entry.known) return 0;
  const auto has_ended = [](const job::Job& job) { return job::has_ended(job.standing); };
  const auto& change = entry.change;
  return static_cast<std::size_t>(std::ranges::count_if(change.new_jobs, has_ended) +
                                  std::ranges::count_if(change.jobs, has_ended));
}

}  // namespace

struct Ledger::Open {
  Change change;
  Committed committed;  ///< of a change that is written once
  Compose compose;      ///< of one that is written until it is on disk
  std::function<void()> done;
};

Ledger::Ledger(const Clock& clock, const AlarmMaker& alarms, Storage& storage)
    : m_clock(clock),
      m_storage(storage),
      m_group_alarm(alarms([this] { flush(); })),
      m_again_alarm(alarms([this] {
        for (auto& open : std::exchange(m_refused, {})) add(std::move(open));
      })) {}

Ledger::~Ledger() = default;

void Ledger::commit(Change change, Committed committed) {
  add({std::move(change), std::move(committed), nullptr, nullptr});
}

void Ledger::commit_eventually(Compose compose, std::function<void()> done) {
  add({{}, nullptr, std::move(compose), std::move(done)});
}

void Ledger::add(Open open) {
  m_thread.check();
  m_open.push_back(std::move(open));
  crash_point("ledger.decided");
  // Within one turn of the loop as well: what comes together goes together.
  if (m_open.size() == 1) m_group_alarm->arm(m_next_group);
}

void Ledger::flush() {
  m_thread.check();
  m_group_alarm->disarm();
  std::vector<Open> group;
  std::vector<Entry> entries;
  for (auto& open : std::exchange(m_open, {})) {
    if (open.compose) {
      auto change = open.compose();
      if (!change) continue;
      open.change = std::move(*change);
    }
    entries.push_back({std::move(open.change), {}, nullptr});
    group.push_back(std::move(open));
  }
  if (entries.empty()) return;
  const auto now = m_clock.boottime();
  m_next_group = entries.size() >= k_burst ? now + k_gather : now;
  m_storage.write(std::move(entries), [this, shared = std::make_shared<std::vector<Open>>(std::move(group))](
                                          std::vector<Entry> written_entries) {
    written(std::move(*shared), std::move(written_entries));
  });
  crash_point("ledger.handed");
}

void Ledger::written(std::vector<Open> group, std::vector<Entry> entries) {
  m_thread.check();
  std::size_t ended = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& open = group[i];
    ended += count_ended(entries[i]);
    const auto& error = entries[i].error;
    if (open.committed)
      open.committed(error, entries[i].known);
    else if (error)
      try_again(std::move(open), error);
    else if (open.done)
      open.done();
  }
  crash_point("ledger.told");
  if (ended > 0 && m_ended) m_ended(ended);
}

void Ledger::try_again(Open open, const std::exception_ptr& error) {
  if (m_refused.empty()) {
    spdlog::error("the queue could not be written, and will be again in {}s: {}",
                  std::chrono::duration_cast<std::chrono::seconds>(k_again).count(), text_of(error));
    m_again_alarm->arm(m_clock.boottime() + k_again);
  }
  m_refused.push_back(std::move(open));
}

}  // namespace concd::queue
