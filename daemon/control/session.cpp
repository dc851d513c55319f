#include "control/session.hpp"

#include <cerrno>

#include <spdlog/fmt/fmt.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "control/peer_credentials.hpp"
#include "util/clock.hpp"
#include "util/errno_error.hpp"

namespace concd::control {
namespace {

CallOrder order_of(const Input::Message& message, const MethodTable& methods) {
  if (!message.call || message.call->more) return CallOrder::in_turn;
  const auto* method = methods.find(message.call->method);
  return method == nullptr ? CallOrder::in_turn : method->order;
}

}  // namespace

void send_last_word(int socket, protocol::WireError error) {
  const auto frame = protocol::encode_frame(
      protocol::serialise(protocol::MethodReply{std::move(error.parameters), false, std::move(error.name)}));
  // Who has gone need not hear it.
  (void)::send(socket, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

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

void Session::send(Ticket ticket, const std::string& text, std::vector<UniqueFd> descriptors,
                   Delivery delivery) {
  m_thread.check();
  if (m_life != Life::open) return;
  if (delivery == Delivery::may_be_dropped && m_output.size() >= k_output_watermark) return;
  if (text.size() > protocol::k_frame_limit) {
    lose("an answer to it is longer than a frame may be");
    return settle();
  }
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

UniqueFd Session::process() const {
  return process_of(m_socket.get(), m_peer.pid);
}

void Session::on_io(std::uint32_t events) {
  m_thread.check();
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) hang_up();
  ask_turn();
}

void Session::ask_turn() {
  m_turn = Turn::asked;
  m_io->set_enabled(false);
  state().turns.ask(m_peer.uid, [weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && self->m_life != Life::ended) self->take_turn();
  });
}

void Session::take_turn() {
  m_turn = Turn::taken;
  send_gathered();
  if (m_input.wants_more() && !m_input.receive(m_socket.get())) hang_up();
  begin_calls();
  send_gathered();
  m_turn = Turn::none;
  settle();
}

void Session::begin_calls() {
  const SystemClock clock;
  const auto end = clock.monotonic() + k_turn_time;
  for (int begun = 0; begun < k_calls_a_turn && can_begin(); ++begun) {
    begin(m_input.take());
    if (clock.monotonic() >= end) break;
  }
  if (m_input.is_overlong()) stop_reading("a frame longer than 1 MiB");
}

bool Session::can_begin() {
  if (m_output.size() >= k_output_watermark || m_output.holds_descriptors()) return false;
  const auto* message = m_input.front();
  return message != nullptr && m_pipeline.admits(order_of(*message, m_methods));
}

void Session::begin(Input::Message message) {
  if (!message.call) return refuse(message.call.error());
  const auto order = order_of(message, m_methods);
  const auto name = message.call->method;
  const auto* method = m_methods.find(name);
  if (m_life == Life::hung_up && method != nullptr && method->effect == CallEffect::reads) return;
  const bool upgrade = message.call->upgrade;
  const auto call = std::make_shared<Call>(std::move(*message.call), std::move(message.descriptors), m_peer,
                                           m_methods, weak_from_this(), m_pipeline.next_ticket());
  m_pipeline.add(call, order, message.size);
  if (method == nullptr) return call->error(m_methods.why_not(name));
  if (upgrade) return call->error(protocol::method_not_implemented(name));
  method->handler(call);
  if (m_life == Life::hung_up) m_pipeline.abandon_watching();
}

void Session::refuse(const protocol::BadMessage& bad) {
  // No call, so it has no place in the pipeline, which is empty: what is not a call is of no order but in
  // turn.
  auto error = protocol::invalid_parameter(bad.member.empty() ? "message" : bad.member);
  const protocol::MethodReply reply{std::move(error.parameters), false, std::move(error.name)};
  send(m_pipeline.next_ticket(), protocol::serialise(reply), {}, Delivery::must_arrive);
  // Where what was sent cannot be read at all, what follows cannot be trusted either.
  if (bad.member.empty()) stop_reading("what is not a call: " + bad.reason);
}

void Session::stop_reading(const std::string& reason) {
  state().refusals.note(spdlog::level::warn, m_peer, "hangs up on it, for it sent " + reason);
  m_input.close();
}

void Session::transmit(std::string bytes, std::vector<UniqueFd> descriptors) {
  if (m_output.size() + bytes.size() > k_output_limit) {
    lose("it does not read what it asked for");
    return settle();
  }
  m_output.push(std::move(bytes), std::move(descriptors));
  // Within a turn its end sends all at once. Many replies between two turns are sent before they are too
  // many.
  if (m_turn != Turn::taken && m_output.size() >= k_output_watermark) send_gathered();
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
  state().refusals.note(spdlog::level::warn, m_peer, "hung up on it: " + why);
  m_life = Life::lost;
  m_output.clear();
  m_input.close();
}

void Session::count_memory() {
  const auto memory = m_input.memory() + m_output.size() + m_pipeline.memory();
  const auto refusal = state().users.hold(
      m_peer.uid, static_cast<std::int64_t>(memory) - static_cast<std::int64_t>(m_counted));
  m_counted = memory;
  if (!refusal) return;
  // Within what is half sent it would not be read as a message.
  if (m_output.empty()) send_last_word(m_socket.get(), protocol::error_of(*refusal));
  lose(refusal->limit + " is reached");
}

void Session::settle() {
  if (m_turn == Turn::taken || m_life == Life::ended) return;
  count_memory();
  const bool all_is_said = m_input.has_ended() && m_pipeline.empty() && m_output.empty();
  if (m_life == Life::lost || all_is_said)
    end();
  else if (m_turn == Turn::none)
    watch();
}

void Session::watch() {
  if (can_begin()) return ask_turn();
  std::uint32_t events = 0;
  if (m_input.wants_more() && m_pipeline.admits(CallOrder::overlaps)) events |= EPOLLIN;
  if (!m_output.empty()) events |= EPOLLOUT;
  // After a hang-up the loop would report nothing but that for as long as a call goes on.
  m_io->set_enabled(m_life == Life::open || events != 0);
  m_io->set_events(events);
}

void Session::end() {
  m_life = Life::ended;
  (void)state().users.hold(m_peer.uid, -static_cast<std::int64_t>(m_counted));
  m_pipeline.abandon();
  m_io.reset();
  m_socket.reset();
  m_owner.session_ended(*this);
}

}  // namespace concd::control
