#include <array>

#include <poll.h>

#include "client/commands/calls.hpp"
#include "client/exit_code.hpp"
#include "client/follow/reconnect.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/report.hpp"
#include "client/refusal.hpp"
#include "client/signals.hpp"
#include "protocol/codec.hpp"

namespace concd::client {
namespace {

/// What a person wants to know besides the event: how far, or why not.
std::string detail(const job::View& job, Microseconds now) {
  if (auto reason = reason_text(job, now); !reason.empty()) return reason;
  const auto percent = percent_text(job.progress);
  return percent.empty() ? amount_text(job.progress) : amount_text(job.progress) + " " + percent;
}

/// Follows Monitor until a signal, through restarts of the daemon. One thread.
class Watch {
 public:
  explicit Watch(const Context& context)
      : m_context(context), m_reconnect(context.arguments.socket, m_signals, context.clock) {}

  int run() {
    m_connection = Connection::open(m_context.arguments.socket);
    subscribe();
    while (!m_code) turn();
    return *m_code;
  }

 private:
  void turn() {
    try {
      if (m_connection)
        exchange();
      else
        come_back();
    } catch (const ConnectionLost& loss) {
      if (m_reconnect.is_news() && !m_context.arguments.quiet)
        complain(m_context, phrase(_("connection lost ({0}); waiting for concd to come back"), loss.what()));
      m_connection.reset();
    }
    while (const auto signal = m_signals.next())
      if (*signal != SIGWINCH) m_code = exit_code::k_complete;  // the way to end it, no error
  }

  void exchange() {
    std::array<pollfd, 2> inputs{
        {{m_signals.fd(), POLLIN, 0}, {m_connection->fd(), m_connection->events(), 0}}};
    ::poll(inputs.data(), inputs.size(), -1);
    m_connection->turn();
  }

  void come_back() {
    m_connection = m_reconnect.attempt(std::nullopt);
    if (m_connection) subscribe();
  }

  void subscribe() {
    m_connection->call(
        "Monitor", nlohmann::json::object(), [this](const CallResult& reply, bool) { on_event(reply); },
        true);
  }

  void on_event(const CallResult& reply) {
    m_reconnect.succeeded();
    if (!reply) {
      complain(m_context, describe(reply.error()));
      m_code = exit_code::of(reply.error());
      return;
    }
    if (m_context.arguments.json) return print_json(*reply);
    const auto event = protocol::decode_event(*reply);
    if (!event)
      complain(m_context, BadReply(event.error()).what());
    else if (*event)
      show(**event);
  }

  void show(const protocol::JobEvent& event) {
    const auto now = m_context.clock.realtime();
    print_line(fmt::format("{}  {}  {}  {}  {}", time_text(now), event.job.id, job::to_string(event.kind),
                           source_text(event.job), detail(event.job, now)));
  }

  const Context& m_context;
  Signals m_signals;
  Reconnect m_reconnect;
  std::optional<Connection> m_connection;
  std::optional<int> m_code;
};

}  // namespace

int monitor(const Context& context) {
  return Watch(context).run();
}

}  // namespace concd::client
