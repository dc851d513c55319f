#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "catalog/catalog.hpp"
#include "control/backend.hpp"
#include "engine/settings.hpp"
#include "queue/answered.hpp"
#include "queue/artifacts.hpp"
#include "queue/ledger.hpp"
#include "queue/resolve.hpp"
#include "queue/runner.hpp"
#include "queue/transfers.hpp"
#include "util/per_user.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// Lets jobs in: within the queue's limit, on disk before anybody hears of them, each beside equal ones on
/// one transfer. Main thread.
class Admission {
 public:
  struct Surroundings {
    const Clock& clock;
    Ledger& ledger;
    Storage& storage;
    Transfers& transfers;
    Runner& runner;
    CallersFiles& files;
    const Artifacts& artifacts;
    const Views& views;
  };

  /// Lets nobody in before it has a limit.
  explicit Admission(const Surroundings& with) : m(with) {}

  /// `limit`: unfinished jobs, of everybody; `limit_per_user`: of one user.
  void set_limits(std::uint32_t limit, PerUser<std::uint32_t> limit_per_user);
  /// Which limit keeps one more unfinished job of the user out.
  [[nodiscard]] std::optional<control::Refusal> objection(uid_t uid) const;

  /// Whether the job is answered by what the library has.
  [[nodiscard]] bool is_fresh(const job::Job& job, const Resolved& resolved) const {
    return fresh(job, resolved) != nullptr;
  }
  /// A job that was answered so and has no row; null when that is long ago, or it has one.
  [[nodiscard]] const store::StoredJob* answered(job::Id id) const { return m_answered.find(id); }
  /// Takes a new job in. `file`, if there is one, is the caller's own, to fetch into.
  void accept(job::Job job, const Resolved& resolved, job::SharedFd file, control::Reply<job::View> reply);
  /// What was accepted before, by its token, is answered by its job, whatever has changed since.
  void refuse_unless_known(const job::Request& request, const job::Peer& peer, control::Refusal refusal,
                           control::Reply<job::View> reply);
  /// Queues a failed or cancelled job anew.
  void readmit(store::StoredJob ended, const job::Peer& caller, control::Reply<job::View> reply);
  /// An active or paused job whose transfer has ended gets one that fetches the same.
  /// Returns the job, which has another place in the table now.
  job::Job& rejoin(job::Job& job);

 private:
  /// The transfer that a job joins, new if there is none that fetches the same. A new one is fetched into the
  /// file, if there is one: then the job is direct.
  Record& transfer_for(job::Job& job, const job::Spec& spec, job::SharedFd file = nullptr);
  /// Reserves a place for the job and its transfer, which is in the change that is to be written.
  [[nodiscard]] Change begin_to_join(job::Job& job, const job::Spec& spec, job::SharedFd file = nullptr);
  void accept_fresh(job::Job job, const Resolved& resolved, std::uint64_t size,
                    const control::Reply<job::View>& reply);
  /// What is on disk comes into the table and is told: a new job as accepted, one that returns as resumed.
  void enter(job::Job job, JobEventKind event, const job::Peer& caller,
             const control::Reply<job::View>& reply);
  job::Job& join(job::Job job);
  /// The job's way is over, into the table or not.
  void leave_way(const job::Job& job);
  void give_back(job::Id transfer);
  void answer_known(const store::StoredJob& known, const control::Reply<job::View>& reply);
  [[nodiscard]] const job::Artifact* fresh(const job::Job& job, const Resolved& resolved) const;

  Surroundings m;
  std::uint32_t m_limit = 0;
  PerUser<std::uint32_t> m_limit_per_user = 0;
  std::map<uid_t, std::size_t> m_entering;  ///< jobs on their way into the store and the table
  std::size_t m_all_entering = 0;
  Answered m_answered;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
