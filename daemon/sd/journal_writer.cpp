#include "sd/journal_writer.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <systemd/sd-journal.h>

#include "util/start_thread.hpp"

namespace concd::sd {

struct JournalWriter::Shared {
  Send send;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<JournalEntry> entries;
  std::size_t dropped = 0;
  bool sending = false;
  bool stop = false;
};

JournalWriter::JournalWriter(Send send) : m_shared(std::make_shared<Shared>()) {
  m_shared->send = std::move(send);
  m_thread = start_thread("journal", [shared = m_shared] { run(shared); });
}

JournalWriter::~JournalWriter() {
  std::unique_lock lock(m_shared->mutex);
  m_shared->stop = true;
  m_shared->changed.notify_all();
  const auto sent = [this] { return m_shared->entries.empty() && !m_shared->sending; };
  const bool finished = m_shared->changed.wait_for(lock, std::chrono::seconds(2), sent);
  lock.unlock();
  if (finished)
    m_thread.join();
  else
    m_thread.detach();
}

void JournalWriter::push(JournalEntry entry) {
  const std::lock_guard lock(m_shared->mutex);
  if (m_shared->entries.size() >= k_max) {
    m_shared->entries.pop_front();
    ++m_shared->dropped;
  }
  m_shared->entries.push_back(std::move(entry));
  m_shared->changed.notify_all();
}

void JournalWriter::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return !shared->entries.empty() || shared->stop; });
    if (shared->entries.empty()) return;
    auto entry = std::move(shared->entries.front());
    shared->entries.pop_front();
    const auto dropped = std::exchange(shared->dropped, 0);
    shared->sending = true;
    lock.unlock();
    if (dropped > 0)
      shared->send(JournalEntry{
          "MESSAGE=the journal did not take " + std::to_string(dropped) + " entries in time; they are lost",
          "PRIORITY=4", "SYSLOG_IDENTIFIER=concd"});
    shared->send(entry);
    lock.lock();
    shared->sending = false;
    shared->changed.notify_all();
  }
}

void JournalWriter::send_to_journal(const JournalEntry& entry) {
  std::vector<iovec> parts;
  parts.reserve(entry.size());
  for (const auto& field : entry) parts.push_back({const_cast<char*>(field.data()), field.size()});
  // Without a journal there is nobody left to tell.
  sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace concd::sd
