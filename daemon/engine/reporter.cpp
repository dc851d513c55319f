#include "engine/reporter.hpp"

namespace concd::engine {

Reporter::Reporter(event::Mailbox& mailbox, job::ExecutorEvents& events, Ended ended)
    : m_mailbox(mailbox), m_events(&events), m_ended(std::move(ended)) {}

template <typename Function>
void Reporter::post(Function function) {
  m_mailbox.post([self = shared_from_this(), function = std::move(function)] {
    if (self->m_events != nullptr) function(*self);
  });
}

void Reporter::started(const TicketPtr& ticket, job::Execution execution) {
  post([ticket, execution = std::move(execution)](Reporter& self) {
    if (!ticket->ended) self.m_events->on_started(ticket->id, execution);
  });
}

void Reporter::progress(std::vector<std::pair<TicketPtr, job::Progress>> batch) {
  post([batch = std::move(batch)](Reporter& self) {
    for (const auto& [ticket, progress] : batch) {
      if (self.m_events == nullptr) return;
      if (!ticket->ended) self.m_events->on_progress(ticket->id, progress);
    }
  });
}

void Reporter::checkpoint(const TicketPtr& ticket, job::Checkpoint checkpoint) {
  post([ticket, checkpoint = std::move(checkpoint)](Reporter& self) {
    if (!ticket->ended) self.m_events->on_checkpoint(ticket->id, checkpoint);
  });
}

void Reporter::finished(const TicketPtr& ticket, job::Outcome outcome) {
  post([ticket, outcome = std::move(outcome)](Reporter& self) {
    if (std::exchange(ticket->ended, true)) return;
    self.m_ended(ticket->id);
    self.m_events->on_finished(ticket->id, outcome);
  });
}

void Reporter::close() {
  m_events = nullptr;
}

}  // namespace concd::engine
