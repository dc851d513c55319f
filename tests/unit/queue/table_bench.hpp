#pragma once

#include <vector>

#include "queue/transfers.hpp"
#include "support/temporary_folder.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/fakes/listener.hpp"
#include "unit/queue/fakes/storage.hpp"
#include "unit/queue/fakes/time.hpp"

namespace concd::test {

/// The table of transfers alone, with what it writes to.
struct TableBench {
  /// Lets alarms ring and the storage answer.
  void turn() {
    while (time.ring_one() || storage.answer_one()) {
    }
  }
  /// A new transfer, on disk, of that phase.
  queue::Record& add(job::Id id, job::Phase phase = job::Queued{}, const std::string& url = "https://a/b") {
    job::Transfer transfer;
    transfer.id = id;
    transfer.spec.urls = {url};
    transfer.phase = std::move(phase);
    storage.transfers[id] = transfer;
    return transfers.add(std::move(transfer));
  }
  /// A new job, on disk, of that transfer.
  job::Job& join(job::Id id, job::Id transfer, job::Standing standing = job::Standing::active) {
    job::Job job;
    job.id = id;
    job.transfer = transfer;
    job.standing = standing;
    storage.jobs[id] = job;
    return transfers.join(job);
  }

  TemporaryFolder root;
  library::StateFolder folder{root.path()};
  FakeJournal journal;
  FakeTime time;
  FakeStorage storage;
  FakeListener listener;
  std::vector<job::Id> cleaned, forgotten;
  scheduler::Places places{scheduler::Limits{}};
  queue::Views views{places, folder};
  queue::Ledger ledger{time, time.alarms(), storage};
  queue::Transfers transfers{time,
                             ledger,
                             views,
                             listener,
                             [this](const job::Transfer& transfer) { cleaned.push_back(transfer.id); },
                             [this](const job::Transfer& transfer) { forgotten.push_back(transfer.id); }};
};

}  // namespace concd::test
