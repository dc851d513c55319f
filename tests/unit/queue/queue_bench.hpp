#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include <unistd.h>

#include "queue/core.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "unit/queue/fakes/executor.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/fakes/listener.hpp"
#include "unit/queue/fakes/publisher.hpp"
#include "unit/queue/fakes/storage.hpp"
#include "unit/queue/fakes/time.hpp"

namespace concd::test {

using control::Answer;
using job::View;

inline const job::Peer k_user{1000, 1000, 42};
inline const job::Peer k_other{1001, 1001, 43};
inline const job::Peer k_root{0, 0, 1};
/// Who runs the tests: the owner of the files that they make.
inline const job::Peer k_self{::getuid(), ::getgid(), 44};
inline const std::string k_url = "https://example.org/file";

/// A failure as an attempt brings it.
[[nodiscard]] job::Failure failure(job::RetryClass retry_class,
                                   job::FailureKind kind = job::FailureKind::network);

/// How a publication ends that is stopped, with the partial file kept or not.
[[nodiscard]] publish::Result stopped(bool kept);

/// A file as a caller hands it over; it is made where it is not there.
[[nodiscard]] ReceivedFd opened(const std::filesystem::path& file);

/// A request for the source and no more.
[[nodiscard]] job::Request request_for(const std::string& source = k_url);

/// What is to outlive the daemon.
struct FakeDescriptors final : queue::DescriptorStore {
  std::set<job::Id> kept;
  void keep(job::Id job, int) override { kept.insert(job); }
  void drop(job::Id job) override { kept.erase(job); }
};

/// The whole queue with everything around it in the test's hands, in a temporary state folder.
class QueueBench {
 public:
  QueueBench();

  /// Replaces the catalog by these entries, concd-catalog(5), and takes `config` over.
  void configure(const std::string& catalog = "");
  /// Lets all that is due happen: alarms, and answers of the storage unless `holds_answers`.
  void turn();
  /// Time passes, with all that is due meanwhile.
  void advance(Microseconds span);

  /// What a verb answers, once it has.
  template <typename T>
  Answer<T> answer_of(const std::function<void(control::Reply<T>)>& ask) {
    auto answer = ask_later(ask);
    turn();
    REQUIRE(answer->has_value());
    return std::move(**answer);
  }
  /// The place where the answer will be.
  template <typename T>
  std::shared_ptr<std::optional<Answer<T>>> ask_later(const std::function<void(control::Reply<T>)>& ask) {
    auto place = std::make_shared<std::optional<Answer<T>>>();
    ask([place](Answer<T> answer) {
      REQUIRE_FALSE(place->has_value());
      place->emplace(std::move(answer));
    });
    return place;
  }

  Answer<View> request(const job::Request& request, const job::Peer& peer = k_user);
  /// Of a source that is accepted.
  View download(const std::string& source = k_url, const job::Peer& peer = k_user);
  /// Into a file of the test's own, which is its user's.
  View download_into(const std::filesystem::path& file, const std::string& source = k_url);
  View get(job::Id id);
  Answer<View> cancel(job::Id id, const job::Peer& peer = k_user);
  Answer<View> pause(job::Id id, const job::Peer& peer = k_user);
  Answer<View> resume(job::Id id, const job::Peer& peer = k_user);
  Answer<View> retry(job::Id id, const job::Peer& peer = k_user);
  Answer<View> release(job::Id id, const job::Peer& peer = k_user);
  Answer<View> priority(job::Id id, job::Priority priority, const job::Peer& peer = k_user);

  // What an executor reports of a transfer.
  void started(job::Id transfer);
  void progress(job::Id transfer, std::uint64_t received);
  /// So many bytes are synced in the fresh partial file.
  void checkpoint(job::Id transfer, std::uint64_t durable);
  void deliver(job::Id transfer, std::uint64_t size = 5);
  void fail(job::Id transfer, const job::Failure& failure);
  void let_go(job::Id transfer, std::uint64_t durable = 0);
  void finish(job::Id transfer, const job::Outcome& outcome);
  [[nodiscard]] job::Outcome outcome(job::Outcome::Kind kind, job::Id transfer,
                                     std::uint64_t durable = 0) const;
  /// The publication of what was delivered succeeds.
  void publish(job::Id transfer);
  void publication_ends(job::Id transfer, const publish::Result& result);
  /// From start to end.
  void fetch(job::Id transfer, std::uint64_t size = 5);

  [[nodiscard]] bool runs(job::Id transfer) const { return threads.tasks.contains(transfer); }
  /// Files in partial/ and in results/.
  [[nodiscard]] std::size_t partials() const;
  [[nodiscard]] bool has_result(job::Id transfer) const;

  TemporaryFolder root;
  library::StateFolder folder{root.path()};
  FakeJournal journal;
  FakeTime time;
  AlarmMaker alarms = time.alarms();
  FakeStorage storage;
  FakeListener listener;
  FakeExecutor threads, processes;
  FakePublisher publisher;
  bool online = true;
  bool holds_answers = false;
  std::uint64_t free = std::uint64_t{1} << 40;
  FakeDescriptors descriptors;
  config::Config config;
  queue::Core core;
  queue::Service& service = core.service();
};

/// A bench whose queue has begun to run.
struct RunningBench : QueueBench {
  RunningBench() {
    core.run();
    turn();
  }
};

/// Whether a verb was refused like that.
template <typename Refusal, typename T>
[[nodiscard]] bool is_refused(const Answer<T>& answer) {
  return !answer && std::holds_alternative<Refusal>(answer.error());
}

}  // namespace concd::test
