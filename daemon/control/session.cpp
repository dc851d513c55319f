#include "control/session.hpp"

#include <cerrno>

#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include "util/errno_error.hpp"

namespace concd::control {

Session::Session(UniqueFd socket, const job::Peer& peer, const MethodTable& methods, SessionOwner& owner)
    : m_socket(std::move(socket)), m_peer(peer), m_methods(methods), m_owner(owner) {}

Session::~Session() {
  m_pipeline.abandon();
}

void Session::start(event::Loop& loop) {
  // The handler may end the session, which must outlive its own handler.
  m_io = std::make_unique<event::Io>(loop, m_socket.get(), EPOLLIN,
                                     [weak = weak_from_this()](std::uint32_t events) {
                                       if (const auto self = weak.lock()) self->on_io(events);
                                     });
}

void Session::flush() {
  m_thread.check();
  if (m_life != Life::open) return;
  send_gathered();
  settle();
}

void Session::send(Ticket ticket, const protocol::MethodReply& reply, std::vector<UniqueFd> descriptors,
                   Delivery delivery) {
  m_thread.check();
  if (m_life != Life::open) return;
  if (delivery == Delivery::may_be_dropped && m_output.size() >= k_output_watermark) return;
  const auto text = protocol::serialise(reply);
  if (text.size() > protocol::k_frame_limit) return lose("an answer to it is longer than a frame may be");
  auto frame = protocol::encode_frame(text);
  if (m_pipeline.is_first(ticket))
    transmit(std::move(frame), std::move(descriptors));
  else
    m_pipeline.hold(ticket, std::move(frame));
}

void Session::call_finished(Ticket ticket) {
  m_thread.check();
  if (auto held = m_pipeline.finish(ticket); !held.empty()) transmit(std::move(held), {});
  // Inside a turn its loop goes on. Otherwise the next call waits for the next turn: the backend may be in
  // the middle of telling everybody of a change, and must not be called back now.
  settle();
}

void Session::on_io(std::uint32_t events) {
  m_thread.check();
  m_in_turn = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) hang_up();
  take_turn();
  m_in_turn = false;
  settle();
}

void Session::take_turn() {
  send_gathered();
  if (m_input.wants_more() && !m_input.receive(m_socket.get())) hang_up();
  begin_calls();
  send_gathered();
}

void Session::begin_calls() {
  for (int begun = 0; begun < k_calls_a_turn && can_begin(); ++begun) begin(m_input.take());
  if (m_input.is_overlong()) stop_reading("a frame longer than 1 MiB");
}

bool Session::can_begin() {
  if (m_output.size() >= k_output_watermark || m_output.holds_descriptors()) return false;
  const auto* message = m_input.front();
  return message != nullptr && m_pipeline.admits(order_of(*message));
}

CallOrder Session::order_of(const Input::Message& message) const {
  if (!message.call || message.call->more) return CallOrder::in_turn;
  const auto* method = m_methods.find(message.call->method);
  return method == nullptr ? CallOrder::in_turn : method->order;
}

void Session::begin(Input::Message message) {
  if (!message.call) return refuse(message.call.error());
  const auto order = order_of(message);
  const auto name = message.call->method;
  const bool upgrade = message.call->upgrade;
  const auto call = std::make_shared<Call>(std::move(*message.call), m_peer, m_methods, weak_from_this(),
                                           m_pipeline.next_ticket());
  m_pipeline.add(call, order, message.size);
  const auto* method = m_methods.find(name);
  if (method == nullptr) return call->error(m_methods.why_not(name));
  if (upgrade) return call->error(protocol::method_not_implemented(name));
  method->handler(call);
  if (m_life == Life::hung_up) m_pipeline.abandon_watching();
}

void Session::refuse(const protocol::BadMessage& bad) {
  // No call, so it has no place in the pipeline, which is empty: what is not a call is of no order but in
  // turn.
  auto error = protocol::invalid_parameter(bad.member.empty() ? "message" : bad.member);
  send(m_pipeline.next_ticket(), {std::move(error.parameters), false, std::move(error.name)}, {},
       Delivery::must_arrive);
  // Where what was sent cannot be read at all, what follows cannot be trusted either.
  if (bad.member.empty()) stop_reading("what is not a call: " + bad.reason);
}

void Session::stop_reading(const std::string& reason) {
  spdlog::warn("hanging up on uid {}, pid {}, which sent {}", m_peer.uid, m_peer.pid, reason);
  m_input.close();
}

void Session::transmit(std::string bytes, std::vector<UniqueFd> descriptors) {
  if (m_output.size() + bytes.size() > k_output_limit) return lose("it does not read what it asked for");
  m_output.push(std::move(bytes), std::move(descriptors));
  // Within a turn its end sends all at once. Many replies between two turns are sent before they are too
  // many.
  if (!m_in_turn && m_output.size() >= k_output_watermark) send_gathered();
  settle();
}

void Session::send_gathered() {
  const auto flushed = m_output.flush(m_socket.get());
  if (flushed == Output::Flushed::unread) hang_up();
  if (flushed == Output::Flushed::failed) lose("sending to it failed: " + errno_text(errno));
}

void Session::hang_up() {
  if (m_life == Life::open) m_life = Life::hung_up;
  m_output.clear();
  m_pipeline.abandon_watching();
}

void Session::lose(const std::string& why) {
  if (m_life == Life::lost || m_life == Life::ended) return;
  spdlog::warn("hung up on uid {}, pid {}: {}", m_peer.uid, m_peer.pid, why);
  m_life = Life::lost;
  m_output.clear();
  m_input.close();
  settle();
}

void Session::settle() {
  if (m_in_turn || m_life == Life::ended) return;
  const bool all_is_said = m_input.has_ended() && m_pipeline.empty() && m_output.empty();
  if (m_life == Life::lost || all_is_said)
    end();
  else
    watch();
}

void Session::watch() {
  std::uint32_t events = 0;
  if (m_input.wants_more() && m_pipeline.admits(CallOrder::overlaps)) events |= EPOLLIN;
  if (!m_output.empty() || can_begin()) events |= EPOLLOUT;
  // After a hang-up the loop would report nothing but that for as long as a call goes on.
  m_io->set_enabled(m_life == Life::open || events != 0);
  m_io->set_events(events);
}

void Session::end() {
  m_life = Life::ended;
  m_pipeline.abandon();
  m_io.reset();
  m_socket.reset();
  m_owner.session_ended(*this);
}

}  // namespace concd::control
