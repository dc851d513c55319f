#include "queue/runner.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "queue/mirrors.hpp"
#include "queue/public_bit.hpp"
#include "util/crash_point.hpp"

namespace concd::queue {

using job::Outcome;

namespace {

/// Whether anybody but the caller whose own file it is gets a copy.
bool is_wanted_by_others(const Record& record) {
  const auto own = record.transfer.into.job;
  const auto is_own = [own](job::Id id) { return id == own; };
  return record.joining > 0 || !std::ranges::all_of(record.active.all(), is_own);
}

publish::Publication publication_of(const Record& record, const Outcome& outcome,
                                    const library::StateFolder& folder) {
  const auto& transfer = record.transfer;
  const bool named = !transfer.spec.name.empty();
  publish::Publication publication;
  publication.id = transfer.id;
  publication.file = Parts::delivered(record);
  publication.in_place = Parts::is_in_place(transfer);
  const auto part = transfer.checkpoint.part;
  // The number of the copy of a caller's file is that of no other one.
  publication.part = folder.partial(transfer.id, publication.in_place ? record.last_part + 2 : part);
  if (!publication.in_place || is_wanted_by_others(record))
    publication.destination = named ? folder.library(transfer.spec.name) : folder.result(transfer.id);
  publication.mode = named ? 0644 : 0600;
  publication.mtime = outcome.mtime;
  publication.size = outcome.size;
  publication.expected_size = transfer.spec.size;
  publication.expected_digest = transfer.spec.digest;
  const auto executor = std::get<job::Running>(transfer.phase).executor;
  // A worker's word for the digest counts for nothing.
  if (executor == job::ExecutorKind::thread) publication.digest = outcome.digest;
  publication.validated = outcome.validated;
  publication.unpack = transfer.spec.unpack;
  return publication;
}

job::Artifact artifact_of(const job::Transfer& transfer, const Outcome& outcome, Microseconds now,
                          const job::FileStamp& stamp) {
  const auto digest = transfer.spec.digest ? job::to_string(*transfer.spec.digest) : "";
  return {transfer.spec.name, transfer.url(), outcome.validators, outcome.size, digest, now, stamp};
}

/// Writes each mirror that the attempt gave up to the journal.
void tell_dropped(const Transfers& transfers, const Record& record, const Outcome& outcome) {
  const auto mirrors = mirrors_of(record.transfer);
  for (const auto& dropped : outcome.dropped)
    for (const auto id : record.active)
      if (dropped.index < mirrors.size())
        journal::mirror_dropped(transfers.jobs().at(id), record.transfer, mirrors[dropped.index].url,
                                dropped.reason);
}

}  // namespace

void Runner::run() {
  m_state = State::running;
  pump();
}

void Runner::stop(std::function<void()> stopped) {
  m_state = State::stopping;
  m_stopped = std::move(stopped);
  for (const auto& [id, record] : m.transfers.records()) {
    if (job::is<job::Running>(record.transfer.phase)) m.starter.stop(record);
    if (job::is<job::Publishing>(record.transfer.phase)) m_publisher->stop(id);
  }
  go_on();
}

void Runner::pump() {
  m_thread.check();
  while (m_state == State::running) {
    const auto id = m.places.take();
    if (!id) return m.held_back.note();
    auto& record = m.transfers.at(*id);
    if (const auto failure = m.starter.start(record)) {
      m.places.remove(*id);
      m.parts.keep_only(record, record.transfer.checkpoint.part);
      failed(record, *failure);
    }
  }
}

/// After an end: others may have a place now, or the daemon may stop.
void Runner::go_on() {
  pump();
  if (m_state != State::stopping || !m_stopped) return;
  const bool any = std::ranges::any_of(m.transfers.records(), [](const auto& entry) {
    const auto& phase = entry.second.transfer.phase;
    return job::is<job::Running>(phase) || job::is<job::Publishing>(phase);
  });
  if (!any) std::exchange(m_stopped, nullptr)();
}

void Runner::wanted(Record& record) {
  m_thread.check();
  if (record.active.size() == 1) {
    // Nothing could arrive while nobody wanted it.
    record.transfer.history.stalled = {};
    record.stalled_until.reset();
  }
  hurry(record);
}

void Runner::hurry(Record& record) {
  const auto& phase = record.transfer.phase;
  if (job::is<job::Running>(phase) || job::is<job::Publishing>(phase)) return;
  const bool waited = job::is<job::Waiting>(phase);
  m.retrier.forget(record);
  m.starter.enqueue(record);
  // After a crash it would wait once more.
  if (waited) m.transfers.save(record);
}

void Runner::unwanted(Record& record) {
  m_thread.check();
  const auto& phase = record.transfer.phase;
  const auto id = record.id();
  if (!record.active.empty()) return m.starter.reconsider(record);
  if (job::is<job::Running>(phase)) return m.starter.stop(record);
  if (job::is<job::Publishing>(phase)) return m_publisher->stop(id);
  m.places.remove(id);
  m.retrier.forget(record);
  idle(record);
}

void Runner::restore(Record& record) {
  if (record.active.empty())
    idle(record);
  else
    m.retrier.restore(record);
}

void Runner::settle(Record& record) {
  record.live.reset();
  if (record.active.empty())
    idle(record);
  else
    m.starter.enqueue(record);
}

void Runner::idle(Record& record) {
  const auto& phase = record.transfer.phase;
  if (record.is_unwanted()) return m.transfers.drop_if_unused(record);
  if (record.has_ended()) return;
  const bool has_paused = !record.paused.empty();
  if (has_paused && !job::is<job::Paused>(phase)) m.transfers.move(record, job::Paused{});
  // Somebody is being written down, and will want it.
  if (!has_paused && !job::is<job::Queued>(phase)) m.transfers.move(record, job::Queued{});
}

void Runner::on_started(job::Id id, const job::Execution& execution) {
  m_thread.check();
  auto& record = m.transfers.at(id);
  record.live->execution = execution;
  const auto kind = std::get<job::Running>(record.transfer.phase).executor;
  m.transfers.move(record, job::Running{kind, true});
}

void Runner::on_progress(job::Id id, const job::Progress& progress) {
  m_thread.check();
  auto& record = m.transfers.at(id);
  note_received(record, progress.received, m.clock.monotonic());
  if (!record.transfer.history.contacted) m.retrier.note_contact(record);
  auto& live = *record.live;
  live.progress = progress;
  live.progress.rate = live.rate.update(m.clock.boottime(), progress.received);
  m.transfers.tell(record, JobEventKind::progress);
}

void Runner::on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) {
  m_thread.check();
  auto& record = m.transfers.at(id);
  record.last_part = std::max(record.last_part, checkpoint.part);
  record.transfer.checkpoint = checkpoint;
  if (Parts::is_in_place(record.transfer)) m.files.keep(record.transfer.into);
  Change change;
  change.checkpoint = CheckpointOf{id, checkpoint};
  m.ledger.commit(std::move(change), [](const std::exception_ptr& error, const auto&) {
    crash_point("checkpoint.stored");
    // An older checkpoint is right as well, only less of a help.
    if (error) spdlog::warn("a checkpoint could not be written");
  });
}

void Runner::note_end_of_attempt(Record& record, const Outcome& outcome) {
  auto& live = *record.live;
  const auto now = m.clock.monotonic();
  const auto durable = outcome.checkpoint.durable();
  note_received(record, std::max(durable, outcome.size), now);
  // A file that was begun anew because it had changed has a long way to the furthest that the old one got.
  if (live.durable_before > 0 && !outcome.restarted && durable > live.durable_before)
    note_advance(record, now);
  if (outcome.contacted) m.retrier.note_contact(record);
  if (outcome.met_public) record.transfer.history.met_public |= public_bit(record.transfer.mirror);
  record.transfer.checkpoint = outcome.checkpoint;
  m.parts.keep_only(record, outcome.checkpoint.part);
  if (record.transfer.into && outcome.checkpoint.part > job::CallersFile::k_part)
    m.transfers.lose_file(record);
  // It may be the end of this life.
  if (durable > 0 && Parts::is_in_place(record.transfer)) m.files.keep(record.transfer.into);
  live.progress.rate = 0;
  tell_dropped(m.transfers, record, outcome);
  if (outcome.restarted && !record.active.empty())
    journal::restarted(m.transfers.jobs().at(record.active.front()), record.transfer);
}

void Runner::on_finished(job::Id id, const Outcome& outcome) {
  m_thread.check();
  auto& record = m.transfers.at(id);
  const bool delivered = outcome.kind == Outcome::Kind::delivered;
  // The worker that unpacks takes the place of the one that fetched.
  if (!delivered || !record.transfer.spec.unpack) m.places.remove(id);
  note_end_of_attempt(record, outcome);
  switch (outcome.kind) {
    case Outcome::Kind::delivered:
      publish(record, outcome);
      break;
    case Outcome::Kind::unchanged:
      end_unchanged(record, outcome);
      break;
    case Outcome::Kind::failed:
      failed(record, outcome.failure.value());
      break;
    case Outcome::Kind::stopped:
      count_stalled(record, m.clock.monotonic());
      m.transfers.save(record);
      // Either the daemon stops, or somebody came back before the executor had let go.
      settle(record);
      break;
  }
  go_on();
}

void Runner::failed(Record& record, const job::Failure& failure) {
  if (record.active.empty()) return settle(record);
  m.retrier.failed(record, failure);
}

void Runner::publish(Record& record, const Outcome& outcome) {
  auto publication = publication_of(record, outcome, m.folder);
  m.transfers.move(record, job::Publishing{});
  m_publisher->start(std::move(publication),
                     [this, id = record.id(), outcome](const publish::Result& result) {
                       on_published(id, outcome, result);
                     });
  if (record.active.empty() || m_state == State::stopping) m_publisher->stop(record.id());
}

void Runner::on_published(job::Id id, const Outcome& outcome, const publish::Result& result) {
  m_thread.check();
  auto& record = m.transfers.at(id);
  auto& checkpoint = record.transfer.checkpoint;
  m.places.remove(id);
  if (result.kept)
    checkpoint.set_durable(outcome.size);
  else
    checkpoint = {};
  switch (result.kind) {
    case publish::Result::Kind::published:
      crash_point("end.published");
      if (!record.transfer.spec.name.empty())
        m.artifacts.put(artifact_of(record.transfer, outcome, m.clock.realtime(), result.stamp));
      record.active.empty() ? discard(record) : end_done(record, outcome);
      break;
    case publish::Result::Kind::failed:
      failed(record, result.failure.value());
      break;
    case publish::Result::Kind::stopped:
      m.transfers.save(record);
      settle(record);
      break;
  }
  go_on();
}

void Runner::end_done(Record& record, const Outcome& outcome) {
  auto& transfer = record.transfer;
  transfer.size = outcome.size;
  transfer.mtime = outcome.mtime;
  transfer.failure.reset();
  m.transfers.move(record, job::Ended{job::End::done, false}, m.artifacts.maker(transfer.spec.name));
}

void Runner::end_unchanged(Record& record, const Outcome& outcome) {
  // Who wants it fetched whatever there is may have joined while the origin was asked for news only; or
  // somebody has touched the file since.
  const auto* const known = m.artifacts.present(record.transfer.spec);
  if (record.active.empty() || m.transfers.is_forced(record) || known == nullptr) return settle(record);
  auto artifact = *known;
  artifact.fetched_at = m.clock.realtime();
  record.transfer.size = artifact.size;
  record.transfer.mtime = outcome.mtime;
  record.transfer.failure.reset();
  m.artifacts.put(std::move(artifact));
  m.transfers.move(record, job::Ended{job::End::done, false}, m.artifacts.maker(known->name));
}

/// Everybody lost interest at the last moment. Of a URL no other transfer has that file; a NAME's is there
/// for all.
void Runner::discard(Record& record) {
  const auto& name = record.transfer.spec.name;
  if (name.empty()) {
    m.folder.remove_result(record.id());
  } else {
    m.ledger.commit_eventually(
        [artifact = m.artifacts.maker(name)] {
          Change change;
          change.artifact = artifact();
          return std::optional(std::move(change));
        },
        nullptr);
  }
  crash_point("end.unwanted");
  settle(record);
}

}  // namespace concd::queue
