#include "client/follow/followed_requests.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "client/delivery/destination.hpp"
#include "client/exit_code.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/refusal.hpp"
#include "protocol/codec.hpp"
#include "util/url.hpp"

namespace concd::client {
namespace {

std::string joined(const std::vector<job::Id>& ids) {
  return fmt::format("{}", fmt::join(ids, " "));
}

/// Whether the caller wants a file in another place than where it was once to be brought.
bool is_meant_elsewhere(const FollowedRequest& request) {
  const auto& known = request.remembered;
  return request.output && (!known || target_of(request, known->filename()) != *known);
}

/// Why a file that was fetched before is not where it is wanted; `place` is where it is, empty: gone.
std::string fetched_text(const FollowedRequest& request, const std::string& place) {
  if (!place.empty()) return phrase(_("the file was fetched before, to {0}"), printable(place));
  if (!request.remembered) return _("the file was fetched before, and nothing here says where to");
  return phrase(_("the file was fetched before and is gone from {0}"),
                printable(request.remembered->native()));
}

void write_place_down(Records& records, const FollowedRequest& request) {
  try {
    records.remember(*request.job,
                     {*request.output, request.own ? request.own->hidden() : std::filesystem::path()});
  } catch (const std::system_error&) {
    return;  // not everybody has a home; a wait without a record asks for the path
  }
}

std::string placeless_text(job::Id id) {
  return phrase(
      _("nothing that you wrote down says where the file is to go; say it with: concctl wait {0} -o PATH"),
      id);
}

std::string foreign_text(const FollowedRequest& request) {
  return phrase(_("job {0} is another user's, and so is the file that it was fetched into"), request.id);
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

}  // namespace

bool FollowedRequests::all_settled() const {
  return std::ranges::all_of(m_requests, &FollowedRequest::is_settled);
}

bool FollowedRequests::is_opening() const {
  return std::ranges::any_of(m_requests, [](const auto& request) { return request.stage == Stage::opening; });
}

std::size_t FollowedRequests::opened() const {
  return static_cast<std::size_t>(std::ranges::count(m_requests, Stage::opened, &FollowedRequest::stage));
}

void FollowedRequests::on_opened(FollowedRequest& request, const CallResult& reply) {
  // A Cancel that came between may have settled it.
  if (request.stage != Stage::opening) return;
  request.stage = Stage::opened;
  if (!reply) return on_refused(request, reply.error());
  auto job = protocol::decode_job_reply(*reply);
  if (!job) return settle(request, exit_code::k_other, {}, BadReply(job.error()).what());
  if (request.id != 0 && job->id != request.id)
    return settle(request, exit_code::k_other, {}, BadReply().what());
  request.id = job->id;
  m_by_id[request.id] = &request;
  take(request, std::move(*job), reply->at("job"));
}

void FollowedRequests::on_job(const nlohmann::json& raw) {
  const auto id = protocol::decode_id_of_job(raw);
  if (!id) throw BadReply(id.error());
  const auto request = m_by_id.find(*id);
  if (request == m_by_id.end() || !request->second->is_pending()) return;
  auto job = protocol::decode_job(raw);
  if (!job) return settle(*request->second, exit_code::k_other, {}, BadReply(job.error()).what());
  take(*request->second, std::move(*job), raw);
}

void FollowedRequests::on_refused(FollowedRequest& request, const protocol::WireError& error) {
  settle(request, exit_code::of(error), {}, describe(error));
}

void FollowedRequests::on_delivered(FollowedRequest& request,
                                    const tl::expected<Delivered, Undelivered>& result) {
  if (!result && request.job->released) return settle_fetched(request);
  if (!result) return settle(request, result.error().code, {}, result.error().text);
  m_report.delivered(request, result->path, result->wanted);
  settle(request, exit_code::k_complete, result->path);
}

int FollowedRequests::exit_code() const {
  const auto wrong =
      std::ranges::find_if(m_requests, [](const FollowedRequest& request) { return request.code != 0; });
  return wrong == m_requests.end() ? exit_code::k_complete : wrong->code;
}

std::string FollowedRequests::farewell() const {
  std::vector<job::Id> running, unfetched;
  for (const auto& request : m_requests)
    if (!request.is_settled() && request.id != 0)
      (request.is_pending() ? running : unfetched).push_back(request.id);
  std::string text;
  if (!unfetched.empty()) text += "; " + unfetched_text(unfetched);
  if (!running.empty()) text += "; " + go_on_text(running);
  return text;
}

void FollowedRequests::take(FollowedRequest& request, job::View job, const nlohmann::json& raw) {
  if (!request.is_pending()) return;
  const auto before = std::exchange(request.job, std::move(job));
  m_report.changed(request, before, raw);
  if (!before) look_up_place(request);
  // It goes on in the state folder, and a copy is to be made.
  if (!request.job->direct) request.own.reset();
  if (request.is_settled()) return;
  if (!m_block) return settle(request, exit_code::k_complete, fmt::format("{}", request.id));
  if (job::is_final(request.job->state)) finish(request);
}

/// Where its file is to go is known, or asked for, before hours are spent.
void FollowedRequests::look_up_place(FollowedRequest& request) {
  if (request.download) {
    request.remembered = request.output;
    if (!request.job->direct) request.own.reset();
    if (request.output) write_place_down(m_records, request);
    return;
  }
  if (const auto place = m_records.find(*request.job)) {
    request.remembered = place->output;
    if (request.job->direct) request.own = NewFile::find(place->hidden);
  }
  if (lacks_place(request, ::getuid())) settle(request, exit_code::k_usage, {}, placeless_text(request.id));
}

void FollowedRequests::finish(FollowedRequest& request) {
  request.stage = Stage::ended;
  const auto& job = *request.job;
  if (job.state == job::State::failed) return settle(request, exit_code::of(job), {}, failure_text(job));
  if (job.state == job::State::cancelled)
    return settle(request, exit_code::of(job), {}, state_text(job.state));
  if (job.direct) return finish_direct(request);
  if (job.released) return settle_fetched(request);
  if (is_to_be_fetched(request, ::getuid())) return m_deliverer.add(request);
  settle(request, exit_code::k_complete, place_of(request));
}

/// It lies beside its place already, or has been given its name by another concctl.
void FollowedRequests::finish_direct(FollowedRequest& request) {
  if (request.job->uid != ::getuid())
    return settle(request, exit_code::k_not_permitted, {}, foreign_text(request));
  request.own ? m_deliverer.add(request) : settle_fetched(request);
}

UniqueFd FollowedRequests::file_for(FollowedRequest& request) const {
  const bool is_url = request.download && looks_like_url(request.download->source);
  if (!m_block || !is_url || !request.output) return {};
  if (request.own) return request.own->open_again();
  try {
    return request.own.emplace(request.output->parent_path(), NewFile::Kind::hidden).take_fd();
  } catch (const std::system_error&) {
    return {};  // the copy will tell what is wrong with the folder
  }
}

void FollowedRequests::leave_files() {
  for (auto& request : m_requests)
    if (!request.is_settled() && request.own && request.id != 0) request.own->leave();
}

/// The file of a URL is handed over once; where it was brought to then is all that is left to tell.
void FollowedRequests::settle_fetched(FollowedRequest& request) {
  const auto place = place_of(request);
  if (!place.empty() && !is_meant_elsewhere(request)) return settle(request, exit_code::k_complete, place);
  settle(request, exit_code::k_file, {}, fetched_text(request, place));
}

void FollowedRequests::settle(FollowedRequest& request, int code, std::string result,
                              const std::string& trouble) {
  request.stage = Stage::settled;
  request.own.reset();
  request.code = code;
  request.result = std::move(result);
  m_report.settled(request, trouble);
}

}  // namespace concd::client
