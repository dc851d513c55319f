#include "publish/folder_sync.hpp"

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "job/local_failure.hpp"
#include "util/crash_point.hpp"

namespace concd::publish {
namespace {

/// How long a sync waits for others to share it when the one before it had left some behind. Each is a commit
/// of the file system's journal, which the syncs of files wait for.
constexpr auto k_gather = std::chrono::milliseconds(5);

}  // namespace

void FolderSync::sync(const std::filesystem::path& folder, Served served) {
  const bool first = m_waiting.with([&](auto& waiting) {
    const auto [place, added] = waiting.try_emplace(folder);
    place->second.push_back(std::move(served));
    return added;
  });
  if (first) m_threads.submit([this, folder] { sync_once(folder); });
}

std::optional<job::Failure> FolderSync::sync(const std::filesystem::path& folder) {
  // Shared with the thread that serves: it may still be at it when this one has been woken.
  const auto done = std::make_shared<std::promise<std::optional<job::Failure>>>();
  auto synced = done->get_future();
  sync(folder, [done](const std::optional<job::Failure>& failure) { done->set_value(failure); });
  return synced.get();
}

void FolderSync::sync_once(const std::filesystem::path& folder) {
  const auto served = m_waiting.with([&](auto& waiting) { return std::exchange(waiting[folder], {}); });
  std::optional<job::Failure> failure;
  try {
    m_sync(folder);
    crash_point("publish.grouped");
  } catch (const std::exception& error) {
    failure = job::failure_of(error);
  }
  for (const auto& call : served) call(failure);
  const bool more = m_waiting.with([&](auto& waiting) {
    const auto place = waiting.find(folder);
    if (!place->second.empty()) return true;
    waiting.erase(place);
    return false;
  });
  if (!more) return;
  m_threads.submit([this, folder] {
    std::this_thread::sleep_for(k_gather);
    sync_once(folder);
  });
}

}  // namespace concd::publish
