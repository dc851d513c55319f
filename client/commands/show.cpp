#include "client/commands/calls.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "client/output/wait_text.hpp"
#include "protocol/codec.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string progress_text(const job::Progress& progress) {
  const auto percent = percent_text(progress);
  return percent.empty() ? amount_text(progress) : amount_text(progress) + " (" + percent + ")";
}

std::string failure_of(const job::Failure& failure) {
  auto text = printable(failure.message) + " (" + std::string(job::to_string(failure.kind));
  if (failure.code != 0) text += fmt::format(", {}", failure.code);
  return text + ")";
}

void add_if(Pairs& pairs, const char* key, const std::string& value) {
  if (!value.empty()) pairs.emplace_back(key, value);
}

void add_time(Pairs& pairs, const char* key, Microseconds time) {
  if (time != Microseconds::zero()) pairs.emplace_back(key, time_text(time));
}

void add_source(Pairs& pairs, const job::View& job) {
  add_if(pairs, _("Source"), printable(job.source));
  add_if(pairs, _("Name"), printable(job.name));
  add_if(pairs, _("URL"), printable(job.url));
  if (job.digest) pairs.emplace_back(_("Digest"), job::to_string(*job.digest));
}

void add_standing(Pairs& pairs, const job::View& job, Microseconds now) {
  pairs.emplace_back(_("State"), state_text(job.state));
  if (job.wait) {
    pairs.emplace_back(_("Reason"), wait_text(*job.wait, now));
    add_time(pairs, _("Goes on at"), job.wait->until);
  }
  if (job.failure) pairs.emplace_back(_("Failure"), failure_of(*job.failure));
  pairs.emplace_back(_("Received"), progress_text(job.progress));
  if (job.progress.rate > 0) pairs.emplace_back(_("Rate"), format_size(job.progress.rate) + "/s");
  pairs.emplace_back(_("Attempts"), fmt::format("{}", job.attempts));
  pairs.emplace_back(_("Executor"), job::to_string(job.executor));
  if (job.priority != job::Priority::normal) pairs.emplace_back(_("Priority"), job::to_string(job.priority));
}

void add_history(Pairs& pairs, const job::View& job) {
  pairs.emplace_back(_("Owner"), job.uid ? fmt::format("{}", *job.uid) : _("another user"));
  add_time(pairs, _("Created"), job.created);
  add_time(pairs, _("Started"), job.started);
  add_time(pairs, _("Ended"), job.finished);
  add_time(pairs, _("File's time"), job.mtime);
  add_if(pairs, _("File"), printable(job.path));
  add_if(pairs, _("Copy for"), printable(job.output));
  if (job.released) pairs.emplace_back(_("Fetched"), _("yes"));
  pairs.emplace_back(_("Transfer"), fmt::format("{}", job.transfer));
}

}  // namespace

int show(const Context& context) {
  bool first = true;
  return for_each_job(context, "Get", protocol::encode_id,
                      [&](const job::View& job, const nlohmann::json& raw) {
                        if (context.arguments.json) return print_json(raw);
                        if (!std::exchange(first, false)) print_line("");
                        Pairs pairs{{_("Job"), fmt::format("{}", job.id)}};
                        add_source(pairs, job);
                        add_standing(pairs, job, context.clock.realtime());
                        add_history(pairs, job);
                        for (const auto& line : pair_lines(pairs)) print_line(line);
                      });
}

}  // namespace concd::client
