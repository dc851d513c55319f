#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace concd::sd {

/// One journal entry: each string is "FIELD=value", sd_journal_sendv(3).
using JournalEntry = std::vector<std::string>;

/// A thread that sends entries to the journal, so that a journal that is full, stopped or restarting never
/// holds up the daemon. When more than k_max wait, the oldest are dropped and counted.
class JournalWriter {
 public:
  static constexpr std::size_t k_max = 8192;
  using Send = std::function<void(const JournalEntry&)>;

  /// `send` may block; it is called on the writer's thread. The default is sd_journal_sendv.
  explicit JournalWriter(Send send = send_to_journal);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  /// Sends what waits, for at most 2 s; a thread that is stuck in the journal is then left behind.
  ~JournalWriter();

  /// Any thread; never blocks on the journal.
  void push(JournalEntry entry);

 private:
  struct Shared;
  static void send_to_journal(const JournalEntry& entry);
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> m_shared;
  std::thread m_thread;
};

}  // namespace concd::sd
