#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "control/backend.hpp"
#include "engine/settings.hpp"
#include "queue/admission.hpp"
#include "queue/artifacts.hpp"
#include "queue/ledger.hpp"
#include "queue/recheck.hpp"
#include "queue/retention.hpp"
#include "queue/runner.hpp"
#include "queue/transfers.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// What callers ask for: verbs/<verb>.cpp has the function of that name. Main thread.
class Service final : public control::Backend {
 public:
  struct Surroundings {
    const Clock& clock;
    Ledger& ledger;
    Storage& storage;
    Transfers& transfers;
    Runner& runner;
    Admission& admission;
    Retention& retention;
    CallersFiles& files;
    const Artifacts& artifacts;
    Recheck& recheck;
    const Views& views;
    const library::StateFolder& folder;
  };

  explicit Service(const Surroundings& with) : m(with), m_start(with.clock.boottime()) {}

  /// For what is asked from now on.
  void configure(catalog::Catalog catalog, engine::Settings settings);
  /// What Status tells of the worker processes.
  void set_protection(const control::Protection& protection) { m_protection = protection; }

  void download(const job::Request& request, ReceivedFd file, const job::Peer& peer,
                control::Reply<job::View> reply) override;
  void attach(job::Id id, ReceivedFd file, const job::Peer& peer, control::Reply<job::View> reply) override;
  void get(job::Id id, control::Reply<job::View> reply) override;
  void list(const control::ListQuery& query, control::Reply<std::vector<job::View>> reply) override;
  void cancel(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) override;
  void pause(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) override;
  void resume(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) override;
  void retry(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) override;
  void priority(job::Id id, job::Priority priority, const job::Peer& peer,
                control::Reply<job::View> reply) override;
  void release(job::Id id, const job::Peer& peer, control::Reply<job::View> reply) override;
  void open_result(job::Id id, const job::Peer& peer,
                   control::Reply<std::shared_ptr<control::ResultFile>> reply) override;
  control::Status status() override;
  std::vector<control::CatalogItem> catalog(const std::string& after) override;

 private:
  using Act = std::function<void(store::StoredJob)>;

  /// Takes in what is asked for, once it is known what the library has of it.
  void admit(const job::Request& request, const job::Peer& peer, const Resolved& resolved, job::SharedFd file,
             control::Reply<job::View> reply);
  [[nodiscard]] control::Answer<std::shared_ptr<control::ResultFile>> open(const job::View& view,
                                                                           const job::Spec& spec,
                                                                           job::Id transfer) const;
  /// Finds a job wherever it is.
  void find(job::Id id, std::function<void(control::Answer<store::StoredJob>)> found);
  /// Finds a job that the caller may change and whose end is not being written down, and acts on it.
  void with_owned(job::Id id, const job::Peer& peer, const std::string& verb,
                  const control::Reply<job::View>& reply, const Act& act);
  /// The same for a job that has not ended.
  void with_unfinished(job::Id id, const job::Peer& peer, const std::string& verb,
                       const control::Reply<job::View>& reply, const std::function<void(job::Job&)>& act);
  [[nodiscard]] job::View view_of(const store::StoredJob& stored) const;
  [[nodiscard]] control::WrongState wrong_state(const store::StoredJob& stored,
                                                const std::string& verb) const;
  /// Replies with the job once its row is on disk, and tells everybody. Where that fails it is written, and
  /// told, as soon as it can be.
  void reply_when_saved(const job::Job& job, JobEventKind event, const control::Reply<job::View>& reply);
  void save_eventually(job::Id id, JobEventKind event);
  job::View saved(job::Id id, JobEventKind event);

  Surroundings m;
  const Microseconds m_start;
  catalog::Catalog m_catalog;
  engine::Settings m_settings;
  control::Protection m_protection;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
