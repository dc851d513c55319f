#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "control/method_table.hpp"
#include "control/server_state.hpp"
#include "job/peer.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"
#include "util/received_fd.hpp"
#include "util/unique_fd.hpp"

namespace concd::control {

/// Where the replies of a call go: its session.
class ReplyChannel {
 public:
  /// The number of a call in its session.
  using Ticket = std::uint64_t;
  /// What becomes of a reply when the caller reads too slowly.
  enum class Delivery {
    may_be_dropped,  ///< e.g. progress: a later one says more
    must_arrive,
  };
  virtual ~ReplyChannel() = default;
  /// `text` is that of a reply.
  virtual void send(Ticket ticket, const std::string& text, std::vector<UniqueFd> descriptors,
                    Delivery delivery) = 0;
  /// The last reply of the call has been sent.
  virtual void call_finished(Ticket ticket) = 0;
  /// A call holds more or less than before. May end the session.
  virtual void memory_changed() = 0;
  /// Who makes the calls that follow.
  virtual job::Peer& peer() = 0;
  /// The process of the peer, process_of().
  [[nodiscard]] virtual UniqueFd process() const = 0;
  virtual ServerState& state() = 0;
};

/// A call that waits for its answer. Once it is finished, or its caller has hung up, what is replied goes
/// nowhere and its subscriptions are over. Main thread.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(protocol::MethodCall message, std::vector<ReceivedFd> descriptors, const job::Peer& peer,
       const MethodTable& methods, std::weak_ptr<ReplyChannel> channel, ReplyChannel::Ticket ticket);

  [[nodiscard]] const job::Peer& peer() const { return m_peer; }
  [[nodiscard]] const nlohmann::json& parameters() const { return m_message.parameters; }
  /// Gives the descriptor of that index away that came with the call; null when there is none.
  [[nodiscard]] ReceivedFd take_descriptor(std::uint64_t index);
  /// The service that was called.
  [[nodiscard]] const MethodTable& methods() const { return m_methods; }
  /// The caller takes several replies.
  [[nodiscard]] bool more() const { return m_message.more && !m_message.oneway; }
  /// The caller takes no reply; replying is harmless.
  [[nodiscard]] bool oneway() const { return m_message.oneway; }
  /// Streams, or waits for changes: of no use once the caller has hung up.
  [[nodiscard]] bool only_watches() const { return more() || !m_subscriptions.empty(); }
  /// Answered, or nobody waits for the answer any more.
  [[nodiscard]] bool finished() const { return m_channel.expired(); }

  /// The last reply. The descriptors go with its first byte and are closed here.
  void reply(nlohmann::json parameters, std::vector<UniqueFd> descriptors = {});
  /// The last reply: an error.
  void error(protocol::WireError error);
  /// The last reply; the text of its parameters, a JSON object.
  void reply_text(std::string_view parameters);
  /// A reply that others follow, for calls with more(); the text of its parameters.
  void reply_continues(std::string_view parameters,
                       ReplyChannel::Delivery delivery = ReplyChannel::Delivery::must_arrive);
  /// Whether the caller may submit a job now; if not, the call is answered by the limit that forbids it.
  [[nodiscard]] bool may_submit();

  /// Asks whether the caller may do what his groups do not let him; `answered` is called once, at once or
  /// later.
  void ask(Action action, Authority::Answered answered);
  /// From now on this call is that of somebody who manages the jobs of all.
  void manage_all() { m_peer.reach = job::Reach::manages_all; }
  /// Asks, once a connection, whether the caller sees the jobs of others; then, or if it is known, calls
  /// `then`.
  void learn_sight(std::function<void()> then);

  /// What is kept for the call beside its frame, in bytes; counts among the memory of its user. May end it.
  void hold(std::size_t bytes);
  [[nodiscard]] std::size_t held() const { return m_held; }

  /// Hears of changes of the job, or of all jobs, until the call is finished. The watcher may hold the call.
  void watch_job(job::Id id, Subscriptions::Watcher watcher);
  void watch_all(Subscriptions::Watcher watcher);

  /// The caller is gone. For the session.
  void abandon();

 private:
  void finish(const std::string& text, std::vector<UniqueFd> descriptors);
  void set_sight(bool sees_all);

  protocol::MethodCall m_message;
  std::vector<ReceivedFd> m_descriptors;
  job::Peer m_peer;
  const MethodTable& m_methods;
  std::weak_ptr<ReplyChannel> m_channel;
  ReplyChannel::Ticket m_ticket;
  std::vector<Subscriptions::Subscription> m_subscriptions;
  std::vector<std::function<void()>> m_until_sight;  ///< wait for the answer of learn_sight()
  std::size_t m_held = 0;
};

}  // namespace concd::control
