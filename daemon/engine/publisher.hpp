#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace concd::engine {

/// A few threads for all that may block on the disk. They are started as they are needed, and wait without
/// waking up. Several at once, since concurrent syncs share one commit of the file system's journal.
class Publisher {
 public:
  using Work = std::function<void()>;

  Publisher() = default;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  /// Finishes what is being done, drops what is waiting.
  ~Publisher();

  /// Any thread. The work must not throw. Done at once, by the caller, when no thread can be had.
  void submit(Work work);

 private:
  void run();
  /// Under the lock. Whether there is a thread to do the work.
  bool grow();

  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::deque<Work> m_queue;
  std::size_t m_idle = 0;
  bool m_quit = false;
  std::vector<std::thread> m_threads;
};

}  // namespace concd::engine
