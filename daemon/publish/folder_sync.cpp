#include "publish/folder_sync.hpp"

#include <future>
#include <utility>

#include "util/crash_point.hpp"

namespace concd::publish {

void FolderSync::sync(const std::filesystem::path& folder, Served served) {
  const bool first = m_waiting.with([&](auto& waiting) {
    const auto [place, added] = waiting.try_emplace(folder);
    place->second.push_back(std::move(served));
    return added;
  });
  if (first) m_threads.submit([this, folder] { sync_once(folder); });
}

void FolderSync::sync(const std::filesystem::path& folder) {
  // Shared with the thread that serves: it may still be at it when this one has been woken.
  const auto done = std::make_shared<std::promise<void>>();
  auto synced = done->get_future();
  sync(folder, [done](const std::exception_ptr& error) {
    if (error)
      done->set_exception(error);
    else
      done->set_value();
  });
  synced.get();
}

void FolderSync::sync_once(const std::filesystem::path& folder) {
  const auto served = m_waiting.with([&](auto& waiting) { return std::exchange(waiting[folder], {}); });
  std::exception_ptr error;
  try {
    m_sync(folder);
    crash_point("publish.grouped");
  } catch (...) {
    error = std::current_exception();
  }
  for (const auto& call : served) call(error);
  const bool more = m_waiting.with([&](auto& waiting) {
    const auto place = waiting.find(folder);
    if (!place->second.empty()) return true;
    waiting.erase(place);
    return false;
  });
  if (more) m_threads.submit([this, folder] { sync_once(folder); });
}

}  // namespace concd::publish
