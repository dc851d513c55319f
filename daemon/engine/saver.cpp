#include "engine/saver.hpp"

#include <algorithm>
#include <utility>

#include "job/local_failure.hpp"
#include "util/crash_point.hpp"

namespace concd::engine {
namespace {

using namespace std::chrono_literals;
using job::Outcome;

// What a crash may cost: this many bytes or this much time, whichever comes first.
constexpr std::uint64_t k_save_bytes = 32 << 20;
constexpr Microseconds k_save_pause = 1s;
constexpr Microseconds k_save_interval = 5s;

/// What a transfer that has filled the disk gives back of it: the queue must go on being written, so that
/// jobs can be cancelled, and small ones accepted.
constexpr std::uint64_t k_spare_bytes = 1 << 20;

bool is_disk_full(const Outcome& outcome) {
  return outcome.failure && outcome.failure->retry_class == job::RetryClass::disk_space;
}

/// What is kept after `outcome`; never less than what was there before the attempt.
job::Extents worth_keeping(const Outcome& outcome, const Received& received) {
  const auto& written = received.written();
  if (!is_disk_full(outcome)) return written;
  const auto bytes = end_of(written);
  return below(written, std::max(bytes - std::min(bytes, k_spare_bytes), end_of(received.continued())));
}

/// The whole file has come, but not to the disk: none of it is kept.
void refute(Outcome& delivered, const std::exception& error) {
  delivered.kind = Outcome::Kind::failed;
  delivered.failure = job::failure_of(error);
  delivered.checkpoint = {};
  delivered.size = 0;
  delivered.digest.clear();
}

}  // namespace

Saver::Saver(ThreadPool& disk, std::shared_ptr<Reporter> reporter, TicketPtr ticket)
    : m_disk(disk), m_reporter(std::move(reporter)), m_ticket(std::move(ticket)) {}

void Saver::save(Microseconds now, const Received& received) {
  const auto written = covered(received.written());
  const auto synced = covered(received.file()->synced());
  if (written <= synced || saving()) return;
  const auto pause = now - m_saved_at;
  if (pause < k_save_pause || (pause < k_save_interval && written - synced < k_save_bytes)) return;
  m_saved_at = now;
  m_saving = std::make_shared<std::atomic<bool>>(true);
  auto checkpoint = received.checkpoint();
  checkpoint.extents = received.written();
  m_disk.submit([file = received.file(), saving = m_saving, reporter = m_reporter, ticket = m_ticket,
                 checkpoint = std::move(checkpoint)]() mutable {
    try {
      checkpoint.extents = file->sync(std::move(checkpoint.extents));
      crash_point("checkpoint.synced");
      reporter->checkpoint(ticket, checkpoint);
      crash_point("checkpoint.told");
    } catch (const std::exception&) {
      // The part file remembers: the attempt fails at its next write, or at its end.
    }
    saving->store(false);
  });
}

void Saver::keep(Outcome outcome, const Received& received) {
  auto extents = worth_keeping(outcome, received);
  const bool none = extents.empty();
  outcome.checkpoint = none ? job::Checkpoint() : received.checkpoint();
  // The transfer waits until the disk has space for all of it.
  if (none && is_disk_full(outcome)) outcome.checkpoint = received.size_only();
  // On a full disk all that is past the checkpoint is given back, also what was only reserved.
  const bool done = extents == outcome.checkpoint.extents && (none || !is_disk_full(outcome));
  if (done) return m_reporter->finished(m_ticket, std::move(outcome));
  m_disk.submit([file = received.file(), reporter = m_reporter, ticket = m_ticket,
                 extents = std::move(extents), outcome = std::move(outcome)]() mutable {
    outcome.checkpoint = engine::keep(*file, std::move(outcome.checkpoint), std::move(extents));
    reporter->finished(ticket, std::move(outcome));
  });
}

void Saver::deliver(Outcome outcome, const Received& received) {
  auto report = [file = received.file(), reporter = m_reporter, ticket = m_ticket,
                 outcome = std::move(outcome)]() mutable {
    try {
      file->hand_over();
    } catch (const std::exception& error) {
      refute(outcome, error);
    }
    reporter->finished(ticket, std::move(outcome));
  };
  // Nobody but the pool may wait for the disk.
  if (saving()) return m_disk.submit(std::move(report));
  report();
}

job::Checkpoint keep(PartFile& file, job::Checkpoint checkpoint, job::Extents extents) noexcept {
  try {
    const auto end = end_of(extents);
    const auto here = file.size();
    if (here < end) return {};
    if (here > end) file.shorten(end);
    checkpoint.extents = file.sync(std::move(extents));
    crash_point("keep.synced");
    return checkpoint;
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace concd::engine
