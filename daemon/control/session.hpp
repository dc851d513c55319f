#pragma once

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

class Session;

/// Who keeps the sessions.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// Nothing follows; the session may be dropped at once.
  virtual void session_ended(Session& session) = 0;
  virtual Subscriptions& subscriptions() = 0;
};

/// One connection. Its calls are answered in order: one after another, or together where the Pipeline admits
/// it; a call that only watches is abandoned once its caller has hung up, and what was sent before a hang-up
/// is still carried out. Replies are gathered and sent when the loop turns. Main thread.
class Session final : public ReplyChannel, public std::enable_shared_from_this<Session> {
 public:
  /// `owner` and `methods` outlive the session.
  Session(UniqueFd socket, const job::Peer& peer, const MethodTable& methods, SessionOwner& owner);
  ~Session() override;

  /// Begins to read.
  void start(event::Loop& loop);
  [[nodiscard]] const job::Peer& peer() const { return m_peer; }
  /// Sends at once what is gathered, as far as the socket takes it. May end the session.
  void flush();

  void send(Ticket ticket, const protocol::MethodReply& reply, std::vector<UniqueFd> descriptors,
            Delivery delivery) override;
  void call_finished(Ticket ticket) override;
  Subscriptions& subscriptions() override { return m_owner.subscriptions(); }

 private:
  enum class Life {
    open,
    hung_up,  ///< nobody reads what is sent; what was called before is carried out
    lost,     ///< ends as soon as the turn is over
    ended,    ///< nothing follows
  };

  void on_io(std::uint32_t events);
  void take_turn();
  void begin_calls();
  /// Whether there is a call that may be begun now.
  [[nodiscard]] bool can_begin();
  [[nodiscard]] CallOrder order_of(const Input::Message& message) const;
  void begin(Input::Message message);
  void refuse(const protocol::BadMessage& bad);
  void stop_reading(const std::string& reason);
  void transmit(std::string bytes, std::vector<UniqueFd> descriptors);
  void send_gathered();
  void hang_up();
  void lose(const std::string& why);
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
  bool m_in_turn = false;  ///< inside on_io(), which settles at its end
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::control
