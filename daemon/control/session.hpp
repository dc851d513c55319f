#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/call.hpp"
#include "control/output.hpp"
#include "event/io.hpp"
#include "protocol/frame.hpp"

namespace concd::control {

/// Above so many unread bytes a session's progress replies are dropped and its next call is not begun. Nor is
/// it as long as a descriptor waits to be sent, so that a session holds those of one reply at most.
inline constexpr std::size_t k_output_watermark = 256 << 10;
/// Above so many unread bytes, which only streams reach, the session is ended.
inline constexpr std::size_t k_output_limit = 4 << 20;
/// Calls of one session that are begun before others have their turn.
inline constexpr int k_calls_a_turn = 16;

class Session;

/// Who keeps the sessions.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// Nothing follows; the session may be dropped at once.
  virtual void session_ended(Session& session) = 0;
  virtual Subscriptions& subscriptions() = 0;
};

/// One connection. Its calls are answered one after another, in order; a call that only watches is
/// abandoned once its caller has hung up, and what was sent before a hang-up is still carried out.
/// Descriptors that a peer sends are never received: the kernel closes them, since no room is given for them,
/// unix(7). Main thread.
class Session final : public ReplyChannel, public std::enable_shared_from_this<Session> {
 public:
  /// `owner` and `methods` outlive the session.
  Session(UniqueFd socket, const job::Peer& peer, const MethodTable& methods, SessionOwner& owner);
  ~Session() override;

  /// Begins to read.
  void start(event::Loop& loop);
  [[nodiscard]] const job::Peer& peer() const { return m_peer; }

  void send(const protocol::Reply& reply, std::vector<UniqueFd> descriptors, Haste haste) override;
  void call_finished() override;
  Subscriptions& subscriptions() override { return m_owner.subscriptions(); }

 private:
  void on_io(std::uint32_t events);
  void receive();
  void flush();
  void begin_calls();
  void begin_call(const std::string& frame);
  void refuse(const protocol::BadMessage& bad);
  void stop_reading(const std::string& reason);
  void hang_up();
  void abandon_watching();
  void lose(const std::string& why);
  void settle();
  void end();
  void watch();

  UniqueFd m_socket;
  job::Peer m_peer;
  const MethodTable& m_methods;
  SessionOwner& m_owner;
  std::unique_ptr<event::Io> m_io;
  protocol::FrameReader m_input;
  Output m_output;
  CallPtr m_active;
  bool m_input_ready = false;     ///< m_input may have a whole frame
  bool m_input_ended = false;     ///< nothing more is read
  bool m_input_overlong = false;  ///< the frame after those in m_input is
  bool m_closing = false;         ///< ends once m_output is empty
  bool m_hung_up = false;         ///< nobody reads what is sent
  bool m_beginning = false;       ///< inside begin_calls()
  bool m_ended = false;
};

}  // namespace concd::control
