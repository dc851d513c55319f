#include <algorithm>
#include <utility>

#include "client/commands/calls.hpp"
#include "client/exit_code.hpp"
#include "client/follow/request.hpp"
#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/report.hpp"
#include "client/output/table.hpp"
#include "protocol/codec.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

/// Jobs that --all lists; a page has fewer where they do not fit one message.
constexpr std::size_t k_max = protocol::k_max_listed;
/// So many of the longest jobs fit into one message: a page with fewer is the last one.
constexpr std::size_t k_least_page = 4;
/// queue.limit of concd.toml(5) at its highest. With k_least_page it ends the listing of a daemon gone wild.
constexpr std::size_t k_max_jobs = 1'000'000;

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

/// What List told, newest first, a page after the other.
struct Listing {
  std::vector<job::View> jobs;
  std::vector<nlohmann::json> raw;                ///< of each of them
  std::size_t unreadable = 0;                     ///< jobs that could not be decoded, which are left out
  std::optional<protocol::InvalidParameter> why;  ///< of the first of those
  bool is_at_end = false;                         ///< nothing but an empty page may follow

  [[nodiscard]] std::size_t size() const { return jobs.size() + unreadable; }
};

/// Takes a page, whose ids grow, from its end. Returns its least id; nothing when it is empty.
std::optional<job::Id> take_page(Listing& listing, const nlohmann::json& reply,
                                 std::optional<job::Id> before) {
  const auto page = reply.find("jobs");
  if (page == reply.end() || !page->is_array()) throw BadReply();
  if (!page->empty() && std::exchange(listing.is_at_end, page->size() < k_least_page)) throw BadReply();
  if (listing.size() > k_max_jobs) throw BadReply();
  std::optional<job::Id> least;
  for (auto raw = page->rbegin(); raw != page->rend(); ++raw) {
    const auto id = protocol::decode_id_of_job(*raw);
    const auto bound = least ? least : before;
    if (!id || (bound && *id >= *bound)) throw BadReply();
    least = *id;
    auto job = protocol::decode_job(*raw);
    if (!job && listing.unreadable++ == 0) listing.why = job.error();
    if (!job) continue;
    listing.jobs.push_back(std::move(*job));
    listing.raw.push_back(*raw);
  }
  return least;
}

void print(const Context& context, Listing& listing) {
  std::ranges::reverse(listing.jobs);
  std::ranges::reverse(listing.raw);
  if (!context.arguments.json)
    print_table(listing.jobs, context.clock.realtime());
  else
    for (const auto& job : listing.raw) print_json(job);
  if (listing.unreadable > 0)
    complain(context, phrase(_("jobs left out because they cannot be read: {0} ({1})"), listing.unreadable,
                             BadReply(*listing.why).what()));
}

}  // namespace

int list(const Context& context) {
  protocol::ListQuery query;
  query.finished = context.arguments.all;
  Listing listing;
  bool more = true;
  while (more) {
    const auto use = [&](const nlohmann::json& reply) {
      const auto least = take_page(listing, reply, query.before);
      // All unfinished jobs are listed; of all that there have ever been, only the newest.
      if (query.finished) query.limit = k_max - std::min(k_max, listing.size());
      more = least && query.limit > 0;
      if (more) query.before = least;
    };
    const auto code = ask_and(context, "List", protocol::encode_list_query(query), use);
    if (code != exit_code::k_complete) return code;
  }
  print(context, listing);
  return exit_code::k_complete;
}

}  // namespace concd::client
