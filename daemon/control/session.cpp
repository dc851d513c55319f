#include "control/session.hpp"

#include <array>
#include <cerrno>

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "util/errno_error.hpp"

namespace concd::control {

Session::Session(UniqueFd socket, const job::Peer& peer, const MethodTable& methods, SessionOwner& owner)
    : m_socket(std::move(socket)), m_peer(peer), m_methods(methods), m_owner(owner) {}

Session::~Session() {
  if (m_active) m_active->abandon();
}

void Session::start(event::Loop& loop) {
  // The handler may end the session, which must outlive its own handler.
  m_io = std::make_unique<event::Io>(loop, m_socket.get(), EPOLLIN,
                                     [weak = weak_from_this()](std::uint32_t events) {
                                       if (const auto self = weak.lock()) self->on_io(events);
                                     });
}

void Session::send(const protocol::Reply& reply, std::vector<UniqueFd> descriptors, Haste haste) {
  if (m_hung_up || m_ended) return;
  if (haste == Haste::may_be_dropped && m_output.size() >= k_output_watermark) return;
  const auto text = protocol::serialise(reply);
  if (text.size() > protocol::k_frame_limit) return lose("an answer to it is longer than a frame may be");
  if (m_output.size() + text.size() > k_output_limit) return lose("it does not read what it asked for");
  m_output.push(protocol::encode_frame(text), std::move(descriptors));
  flush();
  if (!m_beginning) settle();
}

void Session::call_finished() {
  m_active.reset();
  // Inside begin_calls() its loop goes on. Otherwise the next call waits for the next turn: the backend may
  // be in the middle of telling everybody of a change, and must not be called back now.
  if (!m_beginning) settle();
}

void Session::on_io(std::uint32_t events) {
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) hang_up();
  if (!m_active && !m_input_ready && !m_input_ended) receive();
  flush();
  begin_calls();
  settle();
}

void Session::receive() {
  std::array<char, 65536> bytes;
  const auto count = ::recv(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (count <= 0) {
    m_input_ended = true;
    if (count < 0) hang_up();
    return;
  }
  m_input_overlong = !m_input.feed({bytes.data(), static_cast<std::size_t>(count)});
  m_input_ready = true;
}

void Session::flush() {
  const auto flushed = m_output.flush(m_socket.get());
  if (flushed == Output::Flushed::unread) hang_up();
  if (flushed == Output::Flushed::failed) lose("sending to it failed: " + errno_text(errno));
}

void Session::begin_calls() {
  m_beginning = true;
  for (int begun = 0; m_input_ready && !m_active && begun < k_calls_a_turn; ++begun) {
    if (m_output.size() >= k_output_watermark || m_output.holds_descriptors()) break;
    if (const auto frame = m_input.next()) {
      begin_call(*frame);
    } else {
      m_input_ready = false;
      if (m_input_overlong) stop_reading("a frame longer than 1 MiB");
    }
  }
  m_beginning = false;
}

void Session::begin_call(const std::string& frame) {
  auto message = protocol::parse_call(frame);
  if (!message) return refuse(message.error());
  const auto method = message->method;
  const bool upgrade = message->upgrade;
  const auto call = std::make_shared<Call>(std::move(*message), m_peer, m_methods, weak_from_this());
  m_active = call;
  const auto* handler = m_methods.find(method);
  if (handler == nullptr) return call->error(m_methods.why_not(method));
  if (upgrade) return call->error(protocol::method_not_implemented(method));
  (*handler)(call);
  if (m_hung_up) abandon_watching();
}

void Session::refuse(const protocol::BadMessage& bad) {
  auto error = protocol::invalid_parameter(bad.member.empty() ? "message" : bad.member);
  send({std::move(error.parameters), false, std::move(error.name)}, {}, Haste::must_arrive);
  // Where what was sent can't be read at all, what follows can't be trusted either.
  if (bad.member.empty()) stop_reading("what is no call: " + bad.reason);
}

void Session::stop_reading(const std::string& reason) {
  spdlog::warn("hanging up on uid {}, pid {}, which sent {}", m_peer.uid, m_peer.pid, reason);
  m_closing = m_input_ended = true;
  m_input_ready = false;
}

void Session::hang_up() {
  m_hung_up = true;
  m_output.clear();
  abandon_watching();
}

void Session::abandon_watching() {
  // Such a call may have no other end. Any other one is let finish, before what was sent after it.
  if (!m_active || !m_active->only_watches()) return;
  const auto call = std::exchange(m_active, nullptr);
  call->abandon();
}

void Session::lose(const std::string& why) {
  spdlog::warn("hung up on uid {}, pid {}: {}", m_peer.uid, m_peer.pid, why);
  m_closing = m_input_ended = true;
  m_input_ready = false;
  hang_up();
  if (!m_beginning) settle();
}

void Session::settle() {
  if (m_ended) return;
  const bool over = m_closing || (m_input_ended && !m_input_ready && !m_active);
  if (over && m_output.empty()) return end();
  watch();
}

void Session::watch() {
  // After a hang-up the loop would report nothing but that for as long as a call goes on.
  m_io->set_enabled(!m_hung_up || !m_active);
  std::uint32_t events = 0;
  if (!m_active && !m_input_ready && !m_input_ended) events |= EPOLLIN;
  if (!m_output.empty() || (m_input_ready && !m_active)) events |= EPOLLOUT;
  m_io->set_events(events);
}

void Session::end() {
  m_ended = true;
  if (const auto call = std::exchange(m_active, nullptr)) call->abandon();
  m_io.reset();
  m_socket.reset();
  m_owner.session_ended(*this);
}

}  // namespace concd::control
