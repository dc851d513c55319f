#include "library/trash.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <utility>

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include "library/remove_tree.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"

namespace concd::library {

namespace fs = std::filesystem;

void Trash::take(const HeldFolder& from, const std::string& name) noexcept {
  try {
    int taken = -1;
    // Names that an earlier life left are passed over.
    do
      taken = ::renameat2(from.fd(), name.c_str(), m_folder.fd(), std::to_string(++m_number).c_str(),
                          RENAME_NOREPLACE);
    while (taken < 0 && errno == EEXIST);
    if (taken < 0 && errno == ENOENT) return;
    check_errno(taken, (from.path() / name).string());
    crash_point("trash.taken");
    empty();
  } catch (const std::exception& error) {
    spdlog::warn("cannot remove {}", error.what());
  }
}

void Trash::empty() {
  const bool idle = m_state.with([](State& state) {
    return std::exchange(state, state == State::idle ? State::running : State::asked_again) == State::idle;
  });
  if (idle) m_run([this] { drain(); });
}

void Trash::drain() {
  const auto is_asked_again = [this] {
    return m_state.with([](State& state) {
      state = state == State::asked_again ? State::running : State::idle;
      return state == State::running;
    });
  };
  do remove_all();
  while (is_asked_again());
}

void Trash::remove(const std::string& name) noexcept {
  try {
    if (remove_tree(m_folder.fd(), name, m_stop)) crash_point("trash.removed");
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
}

void Trash::remove_all() noexcept {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(m_folder.path(), error)) {
    if (m_stop.load()) return;
    remove(entry.path().filename().string());
  }
  if (error) spdlog::warn("cannot read {}: {}", m_folder.path().string(), error.message());
}

}  // namespace concd::library
