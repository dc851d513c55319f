#pragma once

#include <optional>

#include "job/job.hpp"
#include "job/transfer.hpp"
#include "job/view.hpp"
#include "library/state_folder.hpp"
#include "queue/record.hpp"
#include "scheduler/places.hpp"

namespace concd::queue {

/// Makes what callers see of jobs; nobody else does, so that all verbs and events agree.
class Views {
 public:
  /// Borrows both.
  Views(const scheduler::Places& places, const library::StateFolder& folder)
      : m_places(places), m_folder(folder) {}

  /// A job of the table. An end that is not on disk yet is not shown.
  [[nodiscard]] job::View of(const job::Job& job, const Record& record) const;
  /// A job of the store.
  [[nodiscard]] job::View of(const job::Job& job, const job::Transfer& transfer) const;

 private:
  const scheduler::Places& m_places;
  const library::StateFolder& m_folder;
};

/// Of a job that is active.
[[nodiscard]] job::State state_of(const job::Phase& phase);
/// The job's own standing and its transfer's phase in one word.
[[nodiscard]] job::State state_of(const job::Job& job, const job::Phase& phase);

}  // namespace concd::queue
