#include "control/call.hpp"

#include <spdlog/spdlog.h>

namespace concd::control {

Call::Call(protocol::MethodCall message, const job::Peer& peer, const MethodTable& methods,
           std::weak_ptr<ReplyChannel> channel, ReplyChannel::Ticket ticket)
    : m_message(std::move(message)),
      m_peer(peer),
      m_methods(methods),
      m_channel(std::move(channel)),
      m_ticket(ticket) {}

void Call::reply(nlohmann::json parameters, std::vector<UniqueFd> descriptors) {
  finish({std::move(parameters), false, {}}, std::move(descriptors));
}

void Call::error(protocol::WireError error) {
  if (finished()) return;
  // Parameters may hold what the caller typed; the journal gets the name of the error only. Nor is the method
  // repeated unless it is one of ours.
  spdlog::info("refused {} of uid {}, pid {}: {}",
               m_methods.find(m_message.method) != nullptr ? m_message.method : "an unknown method",
               m_peer.uid, m_peer.pid, error.name);
  finish({std::move(error.parameters), false, std::move(error.name)}, {});
}

void Call::reply_continues(nlohmann::json parameters, ReplyChannel::Delivery delivery) {
  if (!more()) return;
  if (const auto channel = m_channel.lock())
    channel->send(m_ticket, {std::move(parameters), true, {}}, {}, delivery);
}

void Call::watch_job(job::Id id, Subscriptions::Watcher watcher) {
  if (const auto channel = m_channel.lock())
    m_subscriptions.push_back(channel->subscriptions().watch_job(id, std::move(watcher)));
}

void Call::watch_all(Subscriptions::Watcher watcher) {
  if (const auto channel = m_channel.lock())
    m_subscriptions.push_back(channel->subscriptions().watch_all(std::move(watcher)));
}

void Call::abandon() {
  m_channel.reset();
  // Destroyed last and from a local: a watcher may hold the last reference to this call.
  const auto subscriptions = std::exchange(m_subscriptions, {});
}

void Call::finish(const protocol::MethodReply& reply, std::vector<UniqueFd> descriptors) {
  const auto channel = m_channel.lock();
  abandon();
  if (!channel) return;
  if (!oneway()) channel->send(m_ticket, reply, std::move(descriptors), ReplyChannel::Delivery::must_arrive);
  channel->call_finished(m_ticket);
}

}  // namespace concd::control
