#include <algorithm>

#include "client/commands/calls.hpp"
#include "client/exit_code.hpp"
#include "client/follow/request.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "protocol/codec.hpp"
#include "protocol/message.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

/// Jobs that --all lists; a page has fewer where they do not fit one message.
constexpr std::size_t k_max = protocol::k_max_listed;

std::vector<std::string> row_of(const job::View& job) {
  const auto& progress = job.progress;
  const bool running = job.state == job::State::running;
  return {fmt::format("{}", job.id),
          state_text(job.state),
          percent_text(progress),
          progress.total ? format_size(*progress.total) : "",
          running ? format_size(progress.rate) + "/s" : "",
          source_text(job)};
}

void print_table(const std::vector<job::View>& jobs, Microseconds now) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(jobs.size());
  for (const auto& job : jobs) rows.push_back(row_of(job));
  const std::vector<TableColumn> columns{{_("ID"), true},   {_("STATE")},      {_("PROGRESS"), true},
                                         {_("SIZE"), true}, {_("RATE"), true}, {_("NAME OR URL")}};
  const auto lines = table_lines(columns, rows);
  print_line(lines.front());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    print_line(lines[i + 1]);
    if (const auto reason = reason_text(jobs[i], now); !reason.empty()) print_line("    " + reason);
  }
}

}  // namespace

int list(const Context& context) {
  protocol::ListQuery query;
  query.finished = context.arguments.all;
  std::vector<job::View> jobs;
  std::vector<nlohmann::json> raw;
  bool more = true;
  while (more) {
    const auto use = [&](const nlohmann::json& reply) {
      const auto page = protocol::decode_jobs(reply);
      if (!page) throw BadReply(page.error());
      if (query.before && !page->empty() && page->back().id >= *query.before) throw BadReply();
      jobs.insert(jobs.begin(), page->begin(), page->end());
      raw.insert(raw.begin(), reply.at("jobs").begin(), reply.at("jobs").end());
      // All unfinished jobs are listed; of all that there have ever been, only the newest.
      if (query.finished) query.limit = k_max - std::min(k_max, jobs.size());
      more = !page->empty() && query.limit > 0;
      if (more) query.before = page->front().id;
    };
    const auto code = ask_and(context, "List", protocol::encode_list_query(query), use);
    if (code != exit_code::k_complete) return code;
  }
  if (!context.arguments.json)
    print_table(jobs, context.clock.realtime());
  else
    for (const auto& job : raw) print_line(protocol::serialise(job));
  return exit_code::k_complete;
}

}  // namespace concd::client
