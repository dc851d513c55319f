#include "queue/record.hpp"

namespace concd::queue {

bool is_ending(const job::Job& job, const Record& record) {
  return job.standing == job::Standing::active && record.has_ended();
}

void note_advance(Record& record, Microseconds now) {
  record.transfer.history.stalled = {};
  record.transfer.history.tries = record.transfer.history.waits = 0;
  record.seemed_enough = 0;
  record.stalled_until = now;
}

void note_received(Record& record, std::uint64_t received, Microseconds now) {
  if (received <= record.transfer.history.furthest) return;
  record.transfer.history.furthest = received;
  note_advance(record, now);
}

void count_stalled(Record& record, Microseconds now) {
  record.transfer.history.stalled += now - record.stalled_until.value_or(now);
  record.stalled_until = now;
}

}  // namespace concd::queue
