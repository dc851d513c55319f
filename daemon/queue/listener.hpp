#pragma once

#include "job/event.hpp"
#include "job/id.hpp"
#include "job/view.hpp"

namespace concd::queue {

using job::JobEventKind;

/// Who hears of every change of a job. Main thread.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A job has changed, whether anybody wants to hear of that one or not.
  virtual void touched() = 0;
  /// Whether anybody wants to hear of the job: a view of it costs something.
  [[nodiscard]] virtual bool watches(job::Id id) = 0;
  virtual void changed(JobEventKind event, const job::View& view) = 0;
};

}  // namespace concd::queue
