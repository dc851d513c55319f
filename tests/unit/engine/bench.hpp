#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/pool.hpp"
#include "event/loop.hpp"
#include "event/mailbox.hpp"
#include "job/executor.hpp"
#include "util/thread_pool.hpp"

namespace concd::test {

[[nodiscard]] std::string read(const std::filesystem::path& path);
void write(const std::filesystem::path& path, const std::string& text);

/// A pool with all that it needs around it: a loop, threads for the disk, a folder of partial files, and ears
/// for what it reports.
class Bench : public job::ExecutorEvents {
 public:
  explicit Bench(std::size_t threads = 1);
  ~Bench() override;

  engine::Settings settings;
  std::function<void(job::Id)> on_progress_of;  ///< called at each progress

  /// The pool, made with `settings` at the first call and anew after each finish().
  engine::Pool& pool();
  /// A task for `url` with a new, empty file for a start from 0, and nothing kept.
  [[nodiscard]] job::Task task(const std::string& url, job::Id id = 1);
  /// The task of the next attempt: with what `kept` tells of, and a new file for a start from 0.
  [[nodiscard]] job::Task next(job::Task task, const job::Checkpoint& kept);
  /// Makes a partial file that holds the text; its number.
  std::uint32_t new_part(const std::string& text);
  [[nodiscard]] job::SharedFd part(std::uint32_t number) const { return m_parts.at(number); }
  /// All that the partial file holds.
  [[nodiscard]] std::string bytes(std::uint32_t number) const { return read(path(number)); }
  [[nodiscard]] std::string bytes(const job::Outcome& outcome) const {
    return bytes(outcome.checkpoint.part);
  }
  [[nodiscard]] std::filesystem::path path(std::uint32_t number) const;
  /// Runs one attempt to its end.
  job::Outcome run(job::Task task);
  /// Runs the loop until all that was started has ended.
  void finish();
  void start(job::Task task);

  [[nodiscard]] const std::filesystem::path& folder() const { return m_folder; }
  [[nodiscard]] const job::Outcome& outcome(job::Id id) const { return m_outcomes.at(id); }
  [[nodiscard]] const std::vector<job::Progress>& progress(job::Id id) { return m_progress[id]; }
  [[nodiscard]] const std::vector<job::Checkpoint>& checkpoints(job::Id id) { return m_checkpoints[id]; }
  [[nodiscard]] const job::Execution& execution(job::Id id) const { return m_executions.at(id); }

 private:
  void on_started(job::Id id, const job::Execution& execution) override;
  void on_progress(job::Id id, const job::Progress& progress) override;
  void on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) override;
  void on_finished(job::Id id, const job::Outcome& outcome) override;

  struct Engine {
    Engine(const engine::Settings& settings, std::size_t threads, job::ExecutorEvents& events)
        : mailbox(loop), pool(settings, threads, disk, mailbox, events) {}
    event::Loop loop;
    event::Mailbox mailbox;
    ThreadPool disk{"disk", 4};
    engine::Pool pool;
  };

  std::filesystem::path m_folder;
  std::map<std::uint32_t, job::SharedFd> m_parts;
  std::size_t m_threads;
  std::size_t m_running = 0;
  std::map<job::Id, job::Outcome> m_outcomes;
  std::map<job::Id, std::vector<job::Progress>> m_progress;
  std::map<job::Id, std::vector<job::Checkpoint>> m_checkpoints;
  std::map<job::Id, job::Execution> m_executions;
  std::unique_ptr<Engine> m_engine;
};

/// The digest of a text, to be expected of a file.
[[nodiscard]] job::Digest sha256(const std::string& text);
/// `size` bytes that differ from place to place.
[[nodiscard]] std::string noise(std::size_t size, unsigned seed = 1);

}  // namespace concd::test
