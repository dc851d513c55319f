#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "event/mailbox.hpp"
#include "job/executor.hpp"

namespace concd::engine {

/// One attempt, as those who work on it see it. Shared by all threads.
struct Ticket {
  explicit Ticket(job::Id which) : id(which) {}

  const job::Id id;
  bool ended = false;  ///< main thread only: the outcome has been reported
};
using TicketPtr = std::shared_ptr<Ticket>;

/// Carries what happened to the main thread, by the mailbox. May outlive the pool inside letters that are
/// still under way, and is mute then. Held by shared_ptr; all but the constructor and close() may be called
/// on any thread.
class Reporter : public std::enable_shared_from_this<Reporter> {
 public:
  using Ended = std::function<void(job::Id)>;

  /// `ended` is called on the main thread just before the outcome is reported.
  Reporter(event::Mailbox& mailbox, job::ExecutorEvents& events, Ended ended);

  void started(const TicketPtr& ticket, job::Execution execution);
  void progress(std::vector<std::pair<TicketPtr, job::Progress>> batch);
  void checkpoint(const TicketPtr& ticket, job::Checkpoint checkpoint);
  void finished(const TicketPtr& ticket, job::Outcome outcome);

  /// Main thread: nothing is reported from now on.
  void close();

 private:
  template <typename Function>
  void post(Function function);

  event::Mailbox& m_mailbox;
  job::ExecutorEvents* m_events;  ///< main thread only; null once closed
  Ended m_ended;
};

}  // namespace concd::engine
