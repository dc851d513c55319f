// What a taken-over daemon may reply to concctl: it is decoded as the reply to every call, and what a
// terminal then gets of it is one line that does nothing to it.

#include <optional>
#include <string>

#include "client/exit_code.hpp"
#include "client/output/job_text.hpp"
#include "client/output/printable.hpp"
#include "client/output/table.hpp"
#include "client/output/wait_text.hpp"
#include "client/refusal.hpp"
#include "expect.hpp"
#include "protocol/codec.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"

namespace {

using namespace concd;
using namespace concd::client;
using fuzz::expect;
using nlohmann::json;

constexpr Microseconds k_now = std::chrono::hours(500'000);
constexpr std::uint64_t k_largest = (1ULL << 63) - 1;

void check_line(const std::string& text) {
  expect(is_plain(text));
  expect(columns_of(cut(text, 20)) <= 20 && columns_of(padded(text, 20)) == 20);
}

void check_progress(const job::Progress& progress) {
  expect(progress.received <= k_largest && progress.total.value_or(0) <= k_largest);
  check_line(percent_text(progress));
  check_line(amount_text(progress));
}

void check_job(const job::View& job) {
  check_progress(job.progress);
  for (const auto& text : {source_text(job), failure_text(job), reason_text(job, k_now),
                           time_text(job.created), standing_text(job, k_now), state_text(job.state)})
    check_line(text);
  for (const auto& line : table_lines({{"A"}, {"B", true}}, {{source_text(job), state_text(job.state)}}))
    check_line(line);
  if (job.wait) check_line(wait_text(*job.wait, k_now));
  if (job::is_final(job.state)) expect(exit_code::of(job) >= 0 && exit_code::of(job) <= 255);
}

/// Each for itself, as list does it: one that cannot be read hides no other.
void read_jobs(const json& parameters) {
  const auto jobs = parameters.find("jobs");
  if (jobs == parameters.end() || !jobs->is_array()) return;
  for (const auto& raw : *jobs) {
    const auto job = protocol::decode_job(raw);
    if (!job) continue;
    const auto id = protocol::decode_id_of_job(raw);
    expect(id && *id == job->id);
    check_job(*job);
  }
}

void read_reply(const json& parameters) {
  read_jobs(parameters);
  if (const auto job = protocol::decode_job_reply(parameters)) check_job(*job);
  if (const auto event = protocol::decode_event(parameters); event && *event) check_job((**event).job);
  if (const auto result = protocol::decode_result(parameters)) expect(result->size <= k_largest);
  if (const auto items = protocol::decode_catalog(parameters))
    for (const auto& item : *items) check_line(printable(item.name) + printable(item.description));
  if (const auto status = protocol::decode_status(parameters)) check_line(printable(status->version));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = protocol::parse_reply(fuzz::text_of(data, size));
  if (!reply) return 0;
  read_reply(reply->parameters);
  const protocol::WireError error{reply->error, reply->parameters};
  if (reply->error.empty()) return 0;
  check_line(describe(error));
  expect(exit_code::of(error) > 0 && exit_code::of(error) <= 255);
  return 0;
}
