#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "queue/known_hosts.hpp"
#include "queue/starter.hpp"
#include "queue/transfers.hpp"
#include "queue/waits.hpp"
#include "scheduler/places.hpp"
#include "scheduler/retry.hpp"

namespace concd::queue {

/// Decides by the retry policy what follows a failed attempt, and when what waits goes on. Main thread.
class Retrier {
 public:
  using Online = std::function<bool()>;
  using FreeBytes = std::function<std::uint64_t()>;

  /// Borrows all. `online`: the machine has a route to somewhere. `free_bytes`: of the disk. `due`: transfers
  /// have been queued again.
  Retrier(const Clock& clock, const AlarmMaker& alarms, scheduler::Places& places, Transfers& transfers,
          Starter& starter, Online online, FreeBytes free_bytes, const std::function<void()>& due);

  /// For what is decided from now on; `kept_free`: bytes of the disk that stay free.
  void set_policy(const scheduler::RetryPolicy& policy, std::uint64_t kept_free = 0) {
    m_policy = policy;
    m_kept_free = kept_free;
  }
  /// An origin at the transfer's URL has answered.
  void note_contact(Record& record);
  /// A wanted transfer's attempt or publication has failed: it waits, tries another mirror, or ends.
  void failed(Record& record, const job::Failure& failure);
  /// Where a transfer stands that an earlier life of the daemon has left like this.
  [[nodiscard]] job::Phase phase_after_restart(const job::Transfer& transfer) const;
  /// Takes over a wait of an earlier life of the daemon, or queues the transfer.
  void restore(Record& record);
  /// It waits no more, for whatever reason.
  void forget(const Record& record) { m_waits.remove(record.id()); }

 private:
  [[nodiscard]] scheduler::Situation situation_of(const Record& record, bool online) const;
  void give_up(Record& record, const std::string& suffix);
  void try_later(Record& record, const scheduler::TryLater& decision);
  void wait_for_space(Record& record);
  void next_mirror(Record& record, std::uint32_t mirror);
  void back_off(const std::string& host);

  const Clock& m_clock;
  scheduler::Places& m_places;
  Transfers& m_transfers;
  Starter& m_starter;
  Online m_online;
  FreeBytes m_free_bytes;
  scheduler::RetryPolicy m_policy;
  std::uint64_t m_kept_free = 0;
  KnownHosts m_known_hosts;
  std::mt19937_64 m_random;
  Waits m_waits;
};

}  // namespace concd::queue
