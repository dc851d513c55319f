#pragma once

#include <optional>
#include <string>
#include <utility>

#include "job/peer.hpp"
#include "protocol/values.hpp"

namespace concd::control {

/// A change of a job on its way to many callers: what they are told of it is written once, not once a caller.
/// Main thread.
class News {
 public:
  explicit News(protocol::JobEvent event) : m_event(std::move(event)) {}

  [[nodiscard]] const protocol::JobEvent& event() const { return m_event; }
  [[nodiscard]] const job::View& job() const { return m_event.job; }
  /// The type Job of io.concd in JSON, as the peer may see it.
  [[nodiscard]] const std::string& text_for(const job::Peer& peer) const;

 private:
  protocol::JobEvent m_event;
  mutable std::optional<std::string> m_full, m_concealed;
};

}  // namespace concd::control
