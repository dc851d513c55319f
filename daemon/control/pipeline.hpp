#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "control/call.hpp"

namespace concd::control {

/// Calls of one session that are begun and not answered, where they overlap.
inline constexpr std::size_t k_max_overlapping = 4096;
/// Bytes of their frames, so that no session takes more memory by many calls than by one.
inline constexpr std::size_t k_max_overlapping_size = 512 << 10;

/// The calls of a session that are begun and not answered, in the order they came, and the replies that those
/// before them hold up: Varlink answers in order. Main thread.
class Pipeline {
 public:
  using Ticket = ReplyChannel::Ticket;

  /// Whether a call of that order may be begun beside those that are.
  [[nodiscard]] bool admits(CallOrder order) const;
  /// The ticket of the call that is added next.
  [[nodiscard]] Ticket next_ticket() const { return m_first + m_entries.size(); }
  /// `size`: bytes of its frame.
  void add(CallPtr call, CallOrder order, std::size_t size);
  [[nodiscard]] bool empty() const { return m_entries.empty(); }

  /// Whether the replies of the call may be sent.
  [[nodiscard]] bool is_first(Ticket ticket) const { return ticket == m_first; }
  /// Keeps a frame until the call is the first.
  void hold(Ticket ticket, std::string frame);
  /// The call is answered. The frames that were held up by it alone; none where it was abandoned meanwhile.
  [[nodiscard]] std::string finish(Ticket ticket);

  /// Bytes that are held: frames, replies that wait, and what a call that is alone keeps.
  [[nodiscard]] std::size_t memory() const;

  /// Ends a call that is of no use to a caller that has hung up; any other one is let finish.
  void abandon_watching();
  /// Ends all.
  void abandon();

 private:
  struct Entry {
    CallPtr call;  ///< null: it is answered
    std::size_t size = 0;
    std::string held;
  };
  [[nodiscard]] Entry& at(Ticket ticket) { return m_entries.at(ticket - m_first); }

  std::deque<Entry> m_entries;
  Ticket m_first = 0;                      ///< of the first entry
  std::size_t m_size = 0;                  ///< bytes of the frames of all
  std::size_t m_held = 0;                  ///< bytes of the replies that wait
  CallOrder m_order = CallOrder::in_turn;  ///< of all
};

}  // namespace concd::control
