#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "control/input.hpp"
#include "control/output.hpp"
#include "control/pipeline.hpp"
#include "event/io.hpp"
#include "util/thread_checker.hpp"

namespace concd::control {

/// Above so many unread bytes a session's progress replies are dropped and its next call is not begun. Nor is
/// it as long as a descriptor waits to be sent, so that a session holds those of one reply at most.
inline constexpr std::size_t k_output_watermark = 256 << 10;
/// Above so many unread bytes, which only streams reach, the session is ended.
inline constexpr std::size_t k_output_limit = 4 << 20;
/// Calls of one session that are begun before others have their turn.
inline constexpr int k_calls_a_turn = 64;
/// How long they may take; the one that is begun by then is finished.
inline constexpr auto k_turn_time = std::chrono::milliseconds(1);

class Session;

/// Says why the connection is closed, as the answer to what the peer has asked or will ask; as far as the
/// socket takes it without blocking.
void send_last_word(int socket, protocol::WireError error);

/// Who keeps the sessions.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// Nothing follows; the session may be dropped at once.
  virtual void session_ended(Session& session) = 0;
  virtual ServerState& state() = 0;
};

/// One connection. Its calls are answered in order: one after another, or together where the Pipeline admits
/// it; a call that only watches is abandoned once its caller has hung up, and what was sent before a hang-up
/// is still carried out. It reads, begins calls and sends when it has a turn; what comes between turns is
/// gathered. What it holds counts among the memory of its user. Main thread.
class Session final : public ReplyChannel, public std::enable_shared_from_this<Session> {
 public:
  /// `owner` and `methods` outlive the session.
  Session(UniqueFd socket, const job::Peer& peer, const MethodTable& methods, SessionOwner& owner);
  ~Session() override;

  /// Begins to read.
  void start(event::Loop& loop);
  /// Sends at once what is gathered, as far as the socket takes it. May end the session.
  void flush();

  void send(Ticket ticket, const std::string& text, std::vector<UniqueFd> descriptors,
            Delivery delivery) override;
  void call_finished(Ticket ticket) override;
  void memory_changed() override { settle(); }
  job::Peer& peer() override { return m_peer; }
  [[nodiscard]] UniqueFd process() const override;
  ServerState& state() override { return m_owner.state(); }

 private:
  enum class Life {
    open,
    hung_up,  ///< nobody reads what is sent; what was called before is carried out
    lost,     ///< ends as soon as the turn is over
    ended,    ///< nothing follows
  };
  enum class Turn {
    none,   ///< waits for what the socket has to tell
    asked,  ///< does not look at the socket until it has the turn
    taken,  ///< settles at its end
  };

  void on_io(std::uint32_t events);
  void ask_turn();
  void take_turn();
  void begin_calls();
  /// Whether there is a call that may be begun now.
  [[nodiscard]] bool can_begin();
  void begin(Input::Message message);
  void refuse(const protocol::BadMessage& bad);
  void stop_reading(const std::string& reason);
  void transmit(std::string bytes, std::vector<UniqueFd> descriptors);
  void send_gathered();
  void hang_up();
  void lose(const std::string& why);
  /// Loses the session where its user holds too much.
  void count_memory();
  /// After each change outside of a turn, and at its end: ends the session, or says what it waits for.
  void settle();
  void watch();
  void end();

  UniqueFd m_socket;
  job::Peer m_peer;
  const MethodTable& m_methods;
  SessionOwner& m_owner;
  std::unique_ptr<event::Io> m_io;
  Input m_input;
  Output m_output;
  Pipeline m_pipeline;
  Life m_life = Life::open;
  Turn m_turn = Turn::none;
  std::size_t m_counted = 0;  ///< bytes that are counted for the user
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
