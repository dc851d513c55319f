#include "control/call.hpp"

#include <spdlog/fmt/fmt.h>

namespace concd::control {

Call::Call(protocol::MethodCall message, std::vector<ReceivedFd> descriptors, const job::Peer& peer,
           const MethodTable& methods, std::weak_ptr<ReplyChannel> channel, ReplyChannel::Ticket ticket)
    : m_message(std::move(message)),
      m_descriptors(std::move(descriptors)),
      m_peer(peer),
      m_methods(methods),
      m_channel(std::move(channel)),
      m_ticket(ticket) {}

ReceivedFd Call::take_descriptor(std::uint64_t index) {
  return index < m_descriptors.size() ? std::move(m_descriptors[index]) : ReceivedFd();
}

void Call::reply(nlohmann::json parameters, std::vector<UniqueFd> descriptors) {
  finish(protocol::serialise(protocol::MethodReply{std::move(parameters), false, {}}),
         std::move(descriptors));
}

void Call::reply_text(std::string_view parameters) {
  finish(protocol::serialise_reply(parameters, false), {});
}

void Call::error(protocol::WireError error) {
  const auto channel = m_channel.lock();
  if (!channel) return;
  // Parameters may hold what the caller typed; the journal gets the name of the error only. Nor is the method
  // repeated unless it is one of ours.
  const auto* const method =
      m_methods.find(m_message.method) != nullptr ? m_message.method.c_str() : "an unknown method";
  channel->state().refusals.note(spdlog::level::info, m_peer,
                                 fmt::format("refused {}: {}", method, error.name));
  finish(
      protocol::serialise(protocol::MethodReply{std::move(error.parameters), false, std::move(error.name)}),
      {});
}

void Call::reply_continues(std::string_view parameters, ReplyChannel::Delivery delivery) {
  if (!more()) return;
  if (const auto channel = m_channel.lock())
    channel->send(m_ticket, protocol::serialise_reply(parameters, true), {}, delivery);
}

bool Call::may_submit() {
  const auto channel = m_channel.lock();
  const auto refusal = channel ? channel->state().users.submit(m_peer.uid) : std::nullopt;
  if (refusal) error(protocol::error_of(*refusal));
  return !refusal;
}

void Call::ask(Action action, Authority::Answered answered) {
  const auto channel = m_channel.lock();
  if (!channel) return answered(false);
  channel->state().rights.ask(action, m_peer, channel->process(), std::move(answered));
}

void Call::learn_sight(std::function<void()> then) {
  if (m_peer.reach != job::Reach::unasked || m_peer.manages_all()) return then();
  m_until_sight.push_back(std::move(then));
  if (m_until_sight.size() > 1) return;
  ask(Action::see_others, [self = shared_from_this()](bool granted) { self->set_sight(granted); });
}

void Call::set_sight(bool sees_all) {
  m_peer.reach = sees_all ? job::Reach::sees_all : job::Reach::own;
  if (const auto channel = m_channel.lock()) channel->peer().reach = m_peer.reach;
  for (const auto& then : std::exchange(m_until_sight, {})) then();
}

void Call::hold(std::size_t bytes) {
  m_held = bytes;
  if (const auto channel = m_channel.lock()) channel->memory_changed();
}

void Call::watch_job(job::Id id, Subscriptions::Watcher watcher) {
  if (const auto channel = m_channel.lock())
    m_subscriptions.push_back(channel->state().subscriptions.watch_job(id, std::move(watcher)));
}

void Call::watch_all(Subscriptions::Watcher watcher) {
  if (const auto channel = m_channel.lock())
    m_subscriptions.push_back(channel->state().subscriptions.watch_all(std::move(watcher)));
}

void Call::abandon() {
  m_channel.reset();
  // Destroyed last and from a local: a watcher may hold the last reference to this call.
  const auto subscriptions = std::exchange(m_subscriptions, {});
  const auto waiting = std::exchange(m_until_sight, {});
}

void Call::finish(const std::string& text, std::vector<UniqueFd> descriptors) {
  const auto channel = m_channel.lock();
  abandon();
  if (!channel) return;
  if (!oneway()) channel->send(m_ticket, text, std::move(descriptors), ReplyChannel::Delivery::must_arrive);
  channel->call_finished(m_ticket);
}

}  // namespace concd::control
