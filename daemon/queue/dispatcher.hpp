#pragma once

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalog/catalog.hpp"
#include "config/config.hpp"
#include "control/backend.hpp"
#include "event/timer.hpp"
#include "job/executor.hpp"
#include "job/job.hpp"
#include "library/state_folder.hpp"
#include "queue/transfer.hpp"
#include "scheduler/queue.hpp"
#include "scheduler/retry.hpp"
#include "store/store.hpp"

namespace concd::queue {

/// Owns the state of all unfinished jobs: takes requests (control::Backend), lets policy choose, gives
/// attempts to the executors, takes their ends (job::ExecutorEvents), and writes down what must last before
/// it is said. Main thread.
///
/// dispatcher.cpp: construction, the loop of choosing and starting. verbs.cpp and results.cpp:
/// control::Backend. outcomes.cpp: job::ExecutorEvents. jobs.cpp: the tables and what is stored.
class Dispatcher final : public control::Backend, public job::ExecutorEvents {
 public:
  /// Told of every change of a job; `event` is one of Monitor's words.
  using Changed = std::function<void(std::string_view event, const job::Job& job)>;

  Dispatcher(event::Loop& loop, const Clock& clock, store::Store& store, library::StateFolder folder);

  /// Before anything else: the executors and the listener, which outlive the dispatcher's use.
  void attach(job::Executor& threads, job::Executor& processes, Changed changed);
  /// For what is decided from now on.
  void configure(const config::Config& config, catalog::Catalog catalog);
  /// Takes over what an earlier life left: its jobs are queued again, files that belong to nobody are
  /// removed.
  void restore(std::vector<job::Job> jobs, std::vector<job::Artifact> artifacts);
  /// Begins to run jobs.
  void run();
  /// Refuses new work, checkpoints what runs and calls `stopped` when every executor has let go.
  void stop(std::function<void()> stopped);
  // control::Backend
  void download(const job::Request& request, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void get(job::Id id, control::Reply<job::Job> reply) override;
  void list(const control::ListQuery& query, control::Reply<std::vector<job::Job>> reply) override;
  void cancel(job::Id id, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void pause(job::Id id, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void resume(job::Id id, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void retry(job::Id id, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void release(job::Id id, const job::Peer& peer, control::Reply<job::Job> reply) override;
  void open_result(job::Id id, const job::Peer& peer,
                   control::Reply<std::shared_ptr<control::Result>> reply) override;
  control::Status status() override;
  std::vector<control::CatalogItem> catalog(const std::string& after) override;

  // job::ExecutorEvents
  void on_started(job::Id id, const job::Execution& execution) override;
  void on_progress(job::Id id, const job::Progress& progress) override;
  void on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) override;
  void on_finished(job::Id id, const job::Outcome& outcome) override;

 private:
  /// Ended jobs on their way into the store, with what is said once they are there.
  struct Ending {
    job::Id transfer = 0;
    std::vector<job::Job> jobs;
    std::optional<job::Artifact> artifact;
    std::string_view event;
  };
  struct Unsaved {
    job::Job job;
    std::string_view event;  ///< to be said once it is on disk; empty: none
  };
  using Stored = std::function<void(std::exception_ptr error)>;

  // dispatcher.cpp
  void pump();
  /// Removes ended jobs that the configuration no longer keeps, now and every hour.
  void prune();
  void remove_unheld_results();
  void start_attempt(Transfer& transfer);
  /// What the library has under the name, if that is the file that the spec asks for; how old it is, is
  /// another question.
  [[nodiscard]] const job::Artifact* present(const job::Spec& spec) const;
  /// Whether somebody wants the file fetched although it is there.
  [[nodiscard]] bool is_forced(const Transfer& transfer) const;
  [[nodiscard]] job::Task task_of(const Transfer& transfer, const job::Job& job) const;
  void make_ready(Transfer& transfer);
  void wait_until(Transfer& transfer, Microseconds when);
  void ring_alarms();
  [[nodiscard]] bool lacks_room(const Transfer& transfer, Microseconds now) const;
  void arm_alarm();
  /// Leaves a host alone for a moment that nobody can connect to: all that is queued would only try in vain.
  void rest(const std::string& host);

  // jobs.cpp
  [[nodiscard]] job::Job* find(job::Id id);
  /// Puts an unfinished job into the tables and lets it join or begin its transfer.
  job::Job& adopt(job::Job job);
  /// The same, and sees to it that it runs.
  job::Job& enter(job::Job job);
  Transfer& transfer_of(job::Job& job);
  /// Takes a job out of its transfer; what nobody wants any more is stopped, and forgotten unless parked.
  void leave(job::Job& job, bool parks);
  void drop_if_unused(job::Id transfer);
  void move(job::Job& job, job::State to);
  void say(std::string_view event, const job::Job& job);
  void save(std::vector<job::Job> jobs, Stored stored);
  void save_soon(const job::Job& job, std::string_view event = {});
  void save_later(const job::Job& job, std::string_view event);
  void save_unsaved();
  void write_down(Ending ending);
  [[nodiscard]] std::vector<job::Job> copies_of(const std::set<job::Id>& ids);

  // verbs.cpp
  /// What was accepted before, by its token, is answered by its job, whatever has changed since.
  void refuse_unless_known(const job::Request& request, const job::Peer& peer, control::Refusal refusal,
                           const control::Reply<job::Job>& reply);
  [[nodiscard]] bool is_full() const;
  void accept(job::Job job, bool known, const control::Reply<job::Job>& reply);
  void accept_fresh(const job::Job& job);
  [[nodiscard]] bool is_fresh(const job::Spec& spec) const;
  void with_owned(job::Id id, const job::Peer& peer, const std::string& verb,
                  const control::Reply<job::Job>& reply, const std::function<void(job::Job)>& act);
  void retry_ended(job::Job job, const control::Reply<job::Job>& reply);
  void reply_when_saved(const job::Job& job, std::string_view event, const control::Reply<job::Job>& reply);

  // outcomes.cpp
  void note_contact(job::Job& job);
  void note_progress(Transfer& transfer, std::uint64_t received);
  void note_advance(Transfer& transfer);
  /// Counts the time since it was last counted as time in which no byte has arrived.
  void count_stalled(Transfer& transfer);
  /// Removes what nobody wanted any more when it came, unless an earlier job still holds a file of that name.
  void remove_unwanted_result(job::Id transfer);
  void end_published(Transfer& transfer, const job::Outcome& outcome);
  void end_failed(Transfer& transfer, const job::Outcome& outcome);
  void fail(Transfer& transfer, const job::Failure& failure);
  void retry_later(Transfer& transfer, const scheduler::Decision& decision, const job::Failure& failure);
  void need_room(Transfer& transfer);
  void written_down(const Ending& ending);
  void end_stopped(Transfer& transfer);

  const Clock& m_clock;
  store::Store& m_store;
  library::StateFolder m_folder;
  config::Config m_config;
  catalog::Catalog m_catalog;
  job::Executor* m_threads = nullptr;
  job::Executor* m_processes = nullptr;
  Changed m_changed;
  Microseconds m_start;           ///< CLOCK_BOOTTIME
  Microseconds m_start_realtime;  ///< CLOCK_REALTIME

  std::map<job::Id, job::Job> m_jobs;  ///< unfinished ones
  std::unordered_map<job::Id, Transfer> m_transfers;
  std::unordered_map<std::string, job::Id> m_by_key;
  std::map<std::string, job::Artifact, std::less<>> m_artifacts;
  std::unordered_set<std::string> m_answering;  ///< hosts of which an answer has come
  scheduler::Queue m_queue;
  std::mt19937_64 m_random;
  std::set<std::pair<Microseconds, job::Id>> m_alarms;
  std::set<std::pair<Microseconds, std::string>> m_rests;  ///< until when, and which host
  event::Timer m_alarm_timer;
  std::map<job::Id, Unsaved> m_unsaved;  ///< states that the store did not take
  std::vector<Ending> m_unwritten;       ///< ends that the store did not take
  event::Timer m_save_timer;
  std::size_t m_accepting = 0;  ///< jobs on their way into the store and the table
  std::uint64_t m_done = 0, m_failed = 0;
  event::Timer m_prune_timer;
  bool m_running = false;
  std::function<void()> m_stopped;  ///< set while stopping
};

}  // namespace concd::queue
