#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace concd {

/// A few threads for all that may block on the disk. They are started as they are needed, and wait without
/// waking up. Several at once, because concurrent syncs share one commit of the file system's journal.
class ThreadPool {
 public:
  using Work = std::function<void()>;

  /// At most `max` threads, called "NAME-0", "NAME-1", …
  ThreadPool(std::string name, std::size_t max) : m_name(std::move(name)), m_max(max) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Finishes what is being done, drops what is waiting.
  ~ThreadPool();

  /// Any thread. The work must not throw. Done at once, by the caller, when no thread can be had.
  void submit(Work work);

 private:
  void run();
  /// Under the lock. Whether there is a thread to do the work.
  bool grow();

  const std::string m_name;
  const std::size_t m_max;
  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::deque<Work> m_queue;
  std::size_t m_idle = 0;
  bool m_quit = false;
  std::vector<std::thread> m_threads;
};

}  // namespace concd
