#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "library/held_folder.hpp"
#include "util/synchronized.hpp"

namespace concd::library {

/// Where folders go that are to be removed: one rename at once, and the removal, which takes a second for
/// 100,000 files, by a thread that may block. What is left there at the end is removed after the next start.
class Trash {
 public:
  using Run = std::function<void(std::function<void()> work)>;

  explicit Trash(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return m_folder.path(); }
  /// Who removes from now on; before that, it is done at once. What `run` still does ends before this object.
  void removed_by(Run run) { m_run = std::move(run); }
  /// Takes a folder out of `from`. What cannot be done is logged. Main thread.
  void take(const HeldFolder& from, const std::string& name) noexcept;
  /// Has all removed that lies there. Main thread.
  void empty();
  /// Ends a removal that goes on, and begins none any more. Any thread.
  void stop() { m_stop.store(true); }

 private:
  enum class State { idle, running, asked_again };

  void drain();
  void remove_all() noexcept;
  void remove(const std::string& name) noexcept;

  HeldFolder m_folder;
  Run m_run = [](const auto& work) { work(); };
  std::uint64_t m_number = 0;
  Synchronized<State> m_state;
  std::atomic<bool> m_stop{false};
};

}  // namespace concd::library
