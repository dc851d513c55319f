#include "client/follow/follower.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>
#include <poll.h>

#include "client/exit_code.hpp"
#include "client/output/language.hpp"
#include "protocol/codec.hpp"

namespace concd::client {

Follower::Follower(Following following, std::vector<FollowedRequest>& requests, Report& report,
                   const Clock& clock)
    : m_following(std::move(following)),
      m_report(report),
      m_interrupts(m_following.timeout, clock),
      m_reconnect(m_following.socket, m_interrupts.signals(), clock),
      m_deliverer([this]() -> Connection& { return *m_main; },
                  [this](FollowedRequest& request, const auto& result) {
                    m_reconnect.succeeded();
                    m_requests.on_delivered(request, result);
                  }),
      m_requests(requests, m_following.block, report, m_deliverer),
      m_waits(
          m_following.socket,
          [this](const auto& raw) {
            m_reconnect.succeeded();
            m_requests.on_job(raw);
          },
          [this](FollowedRequest& request, const auto& error) { on_wait_refused(request, error); }) {}

int Follower::run() {
  m_main = Connection::open(m_following.socket);
  open_requests();
  while (!m_leave && !(m_requests.all_settled() && m_deliverer.is_idle())) turn();
  if (m_leave) m_requests.leave_files();
  return m_leave.value_or(exit_code());
}

void Follower::turn() {
  try {
    if (m_main)
      exchange();
    else
      reconnect();
  } catch (const ConnectionLost& loss) {
    lose(loss.what());
  } catch (const CannotConnect& loss) {
    lose(loss.describe());
  }
  heed_interrupts();
  m_report.draw();
}

void Follower::exchange() {
  cancel_jobs();
  wait_for_input();
  m_main->turn();
  m_waits.turn();
  // All that are opened at once go into few Waits; but the first ones of very many may be done, and forgotten
  // by the daemon for others, before the last is opened.
  if (!m_requests.is_opening() || m_requests.opened() >= WaitCalls::k_batch)
    m_waits.wait_for(m_requests.all());
  m_deliverer.turn();
}

void Follower::wait_for_input() {
  std::vector<pollfd> inputs{{m_interrupts.signals().fd(), POLLIN, 0}, {m_main->fd(), m_main->events(), 0}};
  m_waits.add_inputs(inputs);
  ::poll(inputs.data(), inputs.size(), poll_timeout());
}

int Follower::poll_timeout() const {
  if (m_deliverer.is_busy()) return 0;
  const auto draw = m_report.until_draw(), deadline = m_interrupts.until_deadline();
  return draw < 0 || deadline < 0 ? std::max(draw, deadline) : std::min(draw, deadline);
}

void Follower::open_requests() {
  for (auto& request : m_requests.all())
    if (request.is_pending()) open(request);
}

void Follower::open(FollowedRequest& request) {
  const bool known = request.id != 0;
  request.stage = Stage::opening;
  const auto opened = [this, &request](const CallResult& reply, bool) {
    m_reconnect.succeeded();
    m_requests.on_opened(request, reply);
  };
  if (!known) {
    auto file = m_requests.file_for(request);
    request.download->file = file ? std::optional<std::uint64_t>(0) : std::nullopt;
    return m_main->call_with(std::move(file), "Download", protocol::encode_request(*request.download),
                             opened);
  }
  m_main->call("Get", protocol::encode_id(request.id),
               [this, &request, opened](const auto& reply, bool more) {
                 opened(reply, more);
                 if (request.own && request.is_pending()) attach(request);
               });
}

/// A daemon that was started anew may miss the file that it was handed before.
void Follower::attach(FollowedRequest& request) {
  auto file = request.own->open_again();
  if (!file) return;
  m_main->call_with(std::move(file), "Attach", protocol::encode_attachment({request.id, 0}),
                    [this](const CallResult& reply, bool) {
                      if (reply) m_requests.on_job(reply->value("job", nlohmann::json()));
                    });
}

void Follower::on_wait_refused(FollowedRequest& request, const protocol::WireError& error) {
  m_reconnect.succeeded();
  if (protocol::is_refusal<protocol::NoSuchJob>(error))
    open(request);  // asking for each again tells which: it was pruned meanwhile
  else
    m_requests.on_refused(request, error);
}

void Follower::lose(const std::string& why) {
  if (m_reconnect.is_news())
    m_report.note(phrase(_("connection lost ({0}); waiting for concd to come back"), why));
  m_main.reset();
  m_waits.clear();
  m_cancelled.clear();
  m_deliverer.forget_connection();
}

void Follower::reconnect() {
  try {
    m_main = m_reconnect.attempt(m_interrupts.deadline());
    if (m_main) open_requests();
  } catch (const CannotConnect& loss) {
    m_report.warn(loss.describe());
    m_leave = m_requests.all_settled() ? exit_code() : exit_code::k_no_daemon;
  }
}

void Follower::heed_interrupts() {
  if (m_interrupts.take_signals()) m_report.draw(true);
  if (const auto second = m_interrupts.second_signal()) m_leave = 128 + *second;
  // What has just been handed over is about to get its number; without it nobody could find it again.
  const bool numbered = !m_requests.is_opening() || !m_main;
  if (const auto signal = m_interrupts.signal(); signal && !m_following.cancel_on_interrupt && numbered)
    detach(128 + *signal, _("detached"));
  if (m_interrupts.is_late()) detach(exit_code::k_timeout, _("timed out"));
}

void Follower::cancel_jobs() {
  if (!m_interrupts.signal() || !m_following.cancel_on_interrupt || m_requests.is_opening()) return;
  for (auto& request : m_requests.all())
    if (request.is_pending() && m_cancelled.insert(request.id).second)
      m_main->call("Cancel", protocol::encode_id(request.id),
                   [this, &request](const CallResult& reply, bool) { on_cancelled(request, reply); });
}

void Follower::on_cancelled(FollowedRequest& request, const CallResult& reply) {
  if (!request.is_pending()) return;
  if (!reply) return m_requests.on_refused(request, reply.error());
  m_requests.on_job(reply->value("job", nlohmann::json()));
}

void Follower::detach(int code, const std::string& why) {
  if (m_leave) return;
  m_leave = code;
  if (!m_requests.all_settled()) m_report.warn(why + m_requests.farewell());
}

int Follower::exit_code() const {
  const auto signal = m_interrupts.signal();
  return signal && m_following.cancel_on_interrupt ? 128 + *signal : m_requests.exit_code();
}

}  // namespace concd::client
