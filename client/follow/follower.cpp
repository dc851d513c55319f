#include "client/follow/follower.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "client/delivery/destination.hpp"
#include "client/exit_code.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/refusal.hpp"
#include "protocol/codec.hpp"

namespace concd::client {
namespace {

/// Jobs of one Wait; its last reply has all these jobs and must fit a frame.
constexpr std::size_t k_batch = 256;

std::string joined(const std::vector<job::Id>& ids) {
  return fmt::format("{}", fmt::join(ids, " "));
}

/// Whether the caller wants a file in another place than where it was once to be brought.
bool is_meant_elsewhere(const FollowedRequest& request) {
  const std::filesystem::path known = request.job->spec.output;
  return target_of(request, known.filename()) != known;
}

/// Why a file that was fetched before is not where it is wanted; `place` is where it is, empty: gone.
std::string fetched_text(const job::Job& job, const std::string& place) {
  if (!place.empty()) return phrase(_("the file was fetched before, to {0}"), printable(place));
  if (job.spec.output.empty()) return _("the file was fetched before, and concd does not know where to");
  return phrase(_("the file was fetched before and is gone from {0}"), printable(job.spec.output));
}

std::string go_on_text(const std::vector<job::Id>& ids) {
  const auto* sentence =
      ids.size() == 1
          ? _("job {0} goes on. Cancel it with: concctl cancel {0}; fetch it with: concctl wait {0}")
          : _("jobs {0} go on. Cancel them with: concctl cancel {0}; fetch them with: concctl wait {0}");
  return phrase(sentence, joined(ids));
}

std::string unfetched_text(const std::vector<job::Id>& ids) {
  const auto* sentence = ids.size() == 1 ? _("job {0} is done, fetch its file with: concctl wait {0}")
                                         : _("jobs {0} are done, fetch their files with: concctl wait {0}");
  return phrase(sentence, joined(ids));
}

/// How to go on with what is left to the daemon; empty when nothing of it has a number.
std::string farewell(const std::vector<FollowedRequest>& requests) {
  std::vector<job::Id> running, unfetched;
  for (const auto& request : requests)
    if (!request.settled && request.id != 0) (request.ended ? unfetched : running).push_back(request.id);
  std::string text;
  if (!unfetched.empty()) text += "; " + unfetched_text(unfetched);
  if (!running.empty()) text += "; " + go_on_text(running);
  return text;
}

}  // namespace

Follower::Follower(Following following, std::vector<FollowedRequest>& requests, Report& report,
                   const Clock& clock)
    : m_following(std::move(following)),
      m_requests(requests),
      m_report(report),
      m_clock(clock),
      m_reconnect(m_following.socket, m_signals, m_clock),
      m_deliverer([this]() -> Connection& { return *m_main; },
                  [this](FollowedRequest& request, const auto& result) { on_delivered(request, result); }) {}

int Follower::run() {
  if (m_following.timeout) m_deadline = m_clock.boottime() + *m_following.timeout;
  m_main = Connection::open(m_following.socket);
  open_requests();
  while (!m_leave && !(all_settled() && m_deliverer.is_idle())) turn();
  return m_leave.value_or(exit_code());
}

void Follower::turn() {
  try {
    if (m_main)
      exchange();
    else
      come_back();
  } catch (const ConnectionLost& loss) {
    lose(loss.what());
  } catch (const CannotConnect& loss) {
    lose(loss.describe());
  }
  heed_signals();
  heed_time();
  m_report.draw();
}

void Follower::exchange() {
  cancel_jobs();
  wait_for_input();
  m_main->turn();
  for (auto& batch : m_batches) batch.connection.turn();
  wait_for_jobs();
  m_deliverer.turn();
}

void Follower::wait_for_input() {
  std::vector<pollfd> inputs{{m_signals.fd(), POLLIN, 0}, {m_main->fd(), m_main->events(), 0}};
  for (const auto& batch : m_batches) inputs.push_back({batch.connection.fd(), batch.connection.events(), 0});
  ::poll(inputs.data(), inputs.size(), poll_timeout());
}

int Follower::poll_timeout() const {
  if (m_deliverer.is_busy()) return 0;
  auto timeout = m_report.until_draw();
  if (!m_deadline) return timeout;
  const auto left = std::max(Microseconds::zero(), *m_deadline - m_clock.boottime());
  // A day is as long as any other wait here, and fits.
  const auto bound =
      std::chrono::ceil<std::chrono::milliseconds>(std::min<Microseconds>(left, std::chrono::hours(24)));
  const auto milliseconds = static_cast<int>(bound.count());
  return timeout < 0 ? milliseconds : std::min(timeout, milliseconds);
}

void Follower::open_requests() {
  m_opening = 0;
  for (auto& request : m_requests)
    if (!request.ended && !request.settled) open(request);
}

void Follower::open(FollowedRequest& request) {
  const bool known = request.id != 0;
  request.awaited = false;
  ++m_opening;
  m_main->call(known ? "Get" : "Download",
               known ? protocol::encode_id(request.id) : protocol::encode_request(*request.download),
               [this, &request](const Reply& reply, bool) { on_opened(request, reply); });
}

void Follower::on_opened(FollowedRequest& request, const Reply& reply) {
  --m_opening;
  m_unawaited = true;
  m_reconnect.succeeded();
  if (!reply) return settle(request, exit_code::of(reply.error()), {}, describe(reply.error()));
  auto job = protocol::decode_job_reply(*reply);
  if (!job) return settle(request, exit_code::k_other, {}, _("concd sent what is no reply"));
  request.id = job->id;
  m_by_id[request.id] = &request;
  take(request, std::move(*job), reply->at("job"));
}

void Follower::wait_for_jobs() {
  if (m_opening > 0 || !m_unawaited) return;
  m_unawaited = false;
  std::erase_if(m_batches, [](const Batch& batch) { return batch.over; });
  std::vector<FollowedRequest*> requests;
  for (auto& request : m_requests) {
    if (request.awaited || request.ended || request.settled) continue;
    requests.push_back(&request);
    if (requests.size() == k_batch) wait_for_batch(std::exchange(requests, {}));
  }
  if (!requests.empty()) wait_for_batch(std::move(requests));
}

void Follower::wait_for_batch(std::vector<FollowedRequest*> requests) {
  std::vector<job::Id> ids;
  for (auto* request : requests) {
    request->awaited = true;
    ids.push_back(request->id);
  }
  m_batches.push_back({Connection::open(m_following.socket), std::move(requests)});
  auto& batch = m_batches.back();
  batch.connection.call(
      "Wait", protocol::encode_ids(ids),
      [this, &batch](const Reply& reply, bool more) { on_waited(batch, reply, more); }, true);
}

void Follower::on_waited(Batch& batch, const Reply& reply, bool more) {
  m_reconnect.succeeded();
  if (!more) {
    batch.over = m_unawaited = true;
    for (auto* request : batch.requests) request->awaited = false;
  }
  if (reply) {
    const auto jobs = reply->find("jobs");
    if (jobs == reply->end() || !jobs->is_array()) throw BadReply();
    for (const auto& raw : *jobs) on_job(raw);
    return;
  }
  const bool one_is_gone = protocol::is_refusal<protocol::NoSuchJob>(reply.error());
  for (auto* request : batch.requests) {
    if (request->ended || request->settled) continue;
    if (one_is_gone)
      open(*request);  // asking for each again tells which: it was pruned meanwhile
    else
      settle(*request, exit_code::of(reply.error()), {}, describe(reply.error()));
  }
}

void Follower::on_job(const nlohmann::json& raw) {
  auto job = protocol::decode_job(raw);
  if (!job) throw BadReply();
  const auto request = m_by_id.find(job->id);
  if (request != m_by_id.end()) take(*request->second, std::move(*job), raw);
}

void Follower::lose(const std::string& why) {
  if (m_reconnect.is_news())
    m_report.note(phrase(_("connection lost ({0}); waiting for concd to come back"), why));
  m_main.reset();
  m_batches.clear();
  m_cancelled.clear();
  m_deliverer.forget_connection();
}

void Follower::come_back() {
  try {
    m_main = m_reconnect.attempt(m_deadline);
    if (m_main) open_requests();
  } catch (const CannotConnect& loss) {
    m_report.warn(loss.describe());
    m_leave = all_settled() ? exit_code() : exit_code::k_no_daemon;
  }
}

void Follower::take(FollowedRequest& request, job::Job job, const nlohmann::json& raw) {
  if (request.ended || request.settled) return;
  const auto before = std::exchange(request.job, std::move(job));
  m_report.changed(request, before, raw);
  if (!m_following.block) return settle(request, exit_code::k_complete, fmt::format("{}", request.id));
  if (job::is_final(request.job->state)) finish(request);
}

void Follower::finish(FollowedRequest& request) {
  request.ended = true;
  const auto& job = *request.job;
  if (job.state == job::State::failed) return settle(request, exit_code::of(job), {}, failure_text(job));
  if (job.state == job::State::cancelled)
    return settle(request, exit_code::of(job), {}, state_text(job.state));
  if (job.released) return settle_fetched(request);
  if (request.output || is_to_be_fetched(job, ::getuid())) return m_deliverer.add(request);
  settle(request, exit_code::k_complete, place_of(job));
}

/// The file of a URL is handed over once; where it was brought to then is all that is left to tell.
void Follower::settle_fetched(FollowedRequest& request) {
  const auto& job = *request.job;
  const auto place = place_of(job);
  if (!place.empty() && !is_meant_elsewhere(request)) return settle(request, exit_code::k_complete, place);
  settle(request, exit_code::k_file, {}, fetched_text(job, place));
}

void Follower::on_delivered(FollowedRequest& request, const tl::expected<Delivered, Undelivered>& result) {
  m_reconnect.succeeded();
  if (!result && request.job->released) return settle_fetched(request);
  if (!result) return settle(request, result.error().code, {}, result.error().text);
  m_report.delivered(request, result->path, result->wanted);
  settle(request, exit_code::k_complete, result->path);
}

void Follower::settle(FollowedRequest& request, int code, std::string result, const std::string& trouble) {
  request.settled = true;
  request.code = code;
  request.result = std::move(result);
  m_report.settled(request, trouble);
}

bool Follower::all_settled() const {
  return std::ranges::all_of(m_requests, &FollowedRequest::settled);
}

void Follower::heed_signals() {
  while (const auto signal = m_signals.next()) {
    if (*signal == SIGWINCH)
      m_report.draw(true);
    else if (m_signal)
      m_leave = 128 + *signal;
    else
      m_signal = signal;
  }
  // What has just been handed over is about to get its number; without it nobody could find it again.
  const bool numbered = m_opening == 0 || !m_main;
  if (m_signal && !m_leave && !m_following.cancel_on_interrupt && numbered)
    detach(128 + *m_signal, _("detached"));
}

void Follower::heed_time() {
  if (m_deadline && !m_leave && m_clock.boottime() >= *m_deadline)
    detach(exit_code::k_timeout, _("timed out"));
}

void Follower::cancel_jobs() {
  if (!m_signal || !m_following.cancel_on_interrupt || m_opening > 0) return;
  for (auto& request : m_requests)
    if (!request.ended && !request.settled && m_cancelled.insert(request.id).second)
      m_main->call("Cancel", protocol::encode_id(request.id),
                   [this, &request](const Reply& reply, bool) { on_cancelled(request, reply); });
}

void Follower::on_cancelled(FollowedRequest& request, const Reply& reply) {
  if (request.ended || request.settled) return;
  if (!reply) return settle(request, exit_code::of(reply.error()), {}, describe(reply.error()));
  on_job(reply->value("job", nlohmann::json()));
}

void Follower::detach(int code, const std::string& why) {
  m_leave = code;
  if (!all_settled()) m_report.warn(why + farewell(m_requests));
}

int Follower::exit_code() const {
  if (m_signal && m_following.cancel_on_interrupt) return 128 + *m_signal;
  const auto wrong =
      std::ranges::find_if(m_requests, [](const FollowedRequest& request) { return request.code != 0; });
  return wrong == m_requests.end() ? exit_code::k_complete : wrong->code;
}

}  // namespace concd::client
