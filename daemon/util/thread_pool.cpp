#include "util/thread_pool.hpp"

#include <string>
#include <system_error>

#include "util/start_thread.hpp"

namespace concd {
ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(m_mutex);
    m_quit = true;
    m_queue.clear();
  }
  m_wake.notify_all();
  for (auto& thread : m_threads) thread.join();
}

void ThreadPool::submit(Work work) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_quit) return;
    if (grow()) {
      m_queue.push_back(std::move(work));
      m_wake.notify_one();
      return;
    }
  }
  work();
}

bool ThreadPool::grow() {
  if (m_idle > m_queue.size() || m_threads.size() == m_max) return true;
  try {
    m_threads.reserve(m_max);
    m_threads.push_back(start_thread(m_name + "-" + std::to_string(m_threads.size()), [this] { run(); }));
  } catch (const std::system_error&) {
    // Fewer threads are slower, no more than that.
  }
  return !m_threads.empty();
}

void ThreadPool::run() {
  std::unique_lock lock(m_mutex);
  for (;;) {
    ++m_idle;
    m_wake.wait(lock, [this] { return m_quit || !m_queue.empty(); });
    --m_idle;
    if (m_quit) return;
    {
      const auto work = std::move(m_queue.front());
      m_queue.pop_front();
      lock.unlock();
      work();
    }
    lock.lock();
  }
}

}  // namespace concd
