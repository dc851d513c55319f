#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "control/authority.hpp"
#include "event/bus.hpp"
#include "event/timer.hpp"
#include "util/clock.hpp"
#include "util/thread_checker.hpp"

namespace concd::control {

/// How long polkit may take to answer.
inline constexpr auto k_polkit_timeout = std::chrono::seconds(5);
/// How long it is not asked once it could not be reached.
inline constexpr auto k_polkit_pause = std::chrono::seconds(30);

/// polkit(8), asked by org.freedesktop.PolicyKit1.Authority.CheckAuthorization, without a dialog: what needs
/// a password is not granted. Where it cannot be reached nothing is granted, which the journal is told once.
/// Main thread.
class Polkit final : public Authority {
 public:
  /// Borrows both. Nobody is connected to before there is a question.
  Polkit(event::Loop& loop, const Clock& clock);

  void ask(Action action, const job::Peer& peer, Answered answered) override;

 private:
  enum class Reached { not_tried, yes, no };

  void send(Action action, const job::Peer& peer, std::uint64_t question);
  void answer(std::uint64_t question, sd_bus_message* reply);
  /// Answers all questions that are open.
  void give_up(const std::string& reason);
  void set_reached(Reached reached, const std::string& reason);

  event::Loop& m_loop;
  const Clock& m_clock;
  event::Timer m_silence;  ///< armed while questions are open: also a bus that never lets anybody in is left
  std::optional<event::Bus> m_bus;
  std::map<std::uint64_t, Answered> m_open;
  std::uint64_t m_last = 0;  ///< question
  Microseconds m_pause_end{};
  Reached m_reached = Reached::not_tried;
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
