#include "worker/values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

namespace concd::worker {
namespace {

using Kind = job::Outcome::Kind;

constexpr std::array k_outcomes{
    std::pair{Kind::delivered, std::string_view("delivered")},
    std::pair{Kind::unchanged, std::string_view("unchanged")},
    std::pair{Kind::failed, std::string_view("failed")},
    std::pair{Kind::stopped, std::string_view("stopped")},
};

std::string_view name_of(Kind kind) {
  return std::ranges::find(k_outcomes, kind, &std::pair<Kind, std::string_view>::first)->second;
}

Kind outcome_kind_from(const std::string& name) {
  const auto found = std::ranges::find(k_outcomes, name, &std::pair<Kind, std::string_view>::second);
  if (found == k_outcomes.end()) throw std::invalid_argument("there is no such outcome");
  return found->first;
}

Json to_json(const job::Validators& validators) {
  return {{"etag", to_json_text(validators.etag)}, {"last_modified", to_json_text(validators.last_modified)}};
}

job::Validators validators_from(const Fields& fields) {
  return {fields.text("etag", k_max_text), fields.text("last_modified", k_max_text)};
}

Json to_json(const std::vector<job::Extent>& extents) {
  auto list = Json::array();
  for (const auto& extent : extents) list.push_back({extent.offset, extent.length});
  return list;
}

/// In order, neither empty nor touching one another, none beyond what a file can hold.
std::vector<job::Extent> extents_from(const Fields& fields) {
  std::vector<job::Extent> extents;
  std::uint64_t end = 0;
  for (const auto& [offset, length] : fields.ranges("extents", k_max_extents)) {
    const bool apart = extents.empty() || offset > end;
    if (!apart || length == 0 || length > Fields::k_max_length - offset)
      throw std::invalid_argument("the extents are not in order");
    end = offset + length;
    extents.push_back({offset, length});
  }
  return extents;
}

Json to_json(const job::Failure& failure) {
  Json json{{"kind", std::string(job::to_string(failure.kind))},
            {"retry_class", std::string(job::to_string(failure.retry_class))},
            {"message", to_json_text(failure.message)},
            {"code", failure.code}};
  if (failure.retry_after) json["retry_after"] = failure.retry_after->count();
  return json;
}

job::Failure failure_from(const Fields& fields) {
  const auto kind = job::failure_kind_from_string(fields.text("kind"));
  const auto retry_class = job::retry_class_from_string(fields.text("retry_class"));
  const auto code = fields.count("code");
  if (!kind || !retry_class || code > std::numeric_limits<int>::max())
    throw std::invalid_argument("there is no such failure");
  job::Failure failure{*kind, *retry_class, fields.text("message", k_max_text), static_cast<int>(code)};
  if (fields.has("retry_after"))
    failure.retry_after = Microseconds(static_cast<std::int64_t>(fields.length("retry_after")));
  return failure;
}

Json to_json(const std::vector<job::Mirror>& mirrors) {
  auto list = Json::array();
  for (const auto& mirror : mirrors)
    list.push_back({{"url", to_json_text(mirror.url)}, {"met_public", mirror.met_public}});
  return list;
}

std::vector<job::Mirror> mirrors_from(const Fields& fields) {
  std::vector<job::Mirror> mirrors;
  for (const auto& each : fields.objects("mirrors", k_max_mirrors))
    mirrors.push_back({each.text("url"), each.flag("met_public")});
  return mirrors;
}

Json to_json(const std::vector<job::DroppedMirror>& dropped) {
  auto list = Json::array();
  for (const auto& each : dropped)
    list.push_back({{"index", each.index}, {"reason", to_json_text(each.reason)}});
  return list;
}

std::vector<job::DroppedMirror> dropped_from(const Fields& fields) {
  std::vector<job::DroppedMirror> dropped;
  for (const auto& each : fields.objects("dropped", k_max_mirrors))
    dropped.push_back({each.size("index"), each.text("reason", k_max_text)});
  return dropped;
}

job::Digest digest_from(const Fields& fields) {
  auto digest = job::parse_digest(fields.text("digest"));
  if (!digest) throw std::invalid_argument("there is no such digest");
  return *std::move(digest);
}

}  // namespace

Json to_json(const job::Task& task) {
  Json json{{"id", task.id},
            {"url", to_json_text(task.url)},
            {"checkpoint", to_json(task.checkpoint)},
            {"published", to_json(task.published)},
            {"fresh", task.kept ? 1 : 0},
            {"fresh_part", task.fresh_part},
            {"met_public", task.met_public},
            {"mirrors", to_json(task.mirrors)}};
  if (task.kept) json["kept"] = 0;
  if (task.digest) json["digest"] = to_string(*task.digest);
  if (task.size) json["size"] = *task.size;
  return json;
}

job::Task task_from(const Fields& fields, ReceivedDescriptors& descriptors) {
  job::Task task;
  task.id = fields.integer("id");
  task.url = fields.text("url");
  if (fields.has("digest")) task.digest = digest_from(fields);
  task.size = fields.optional_length("size");
  task.checkpoint = checkpoint_from(fields.object("checkpoint"));
  task.published = validators_from(fields.object("published"));
  if (fields.has("kept")) task.kept = descriptors.take_part(fields.count("kept"), "kept");
  task.fresh = descriptors.take_part(fields.count("fresh"), "fresh");
  task.fresh_part = fields.count("fresh_part");
  task.met_public = fields.flag("met_public");
  task.mirrors = mirrors_from(fields);
  return task;
}

SandboxPolicy sandbox_policy_from(const Fields& fields) {
  const auto word = fields.text("sandbox");
  for (const auto policy : {SandboxPolicy::automatic, SandboxPolicy::required})
    if (to_string(policy) == word) return policy;
  throw std::invalid_argument("there is no such rule for the sandbox");
}

Json to_json(const Unpack& unpack) {
  return {{"archive", 0},
          {"folder", 1},
          {"bytes", unpack.limits.bytes},
          {"entries", unpack.limits.entries},
          {"sandbox", to_string(unpack.sandbox)}};
}

Unpack unpack_from(const Fields& fields, ReceivedDescriptors& descriptors) {
  return {descriptors.take_archive(fields.count("archive"), "archive"),
          descriptors.take_folder(fields.count("folder"), "folder"),
          {fields.length("bytes"), fields.size("entries")},
          sandbox_policy_from(fields)};
}

Json to_json(const job::Progress& progress) {
  Json json{{"received", progress.received}, {"rate", progress.rate}};
  if (progress.total) json["total"] = *progress.total;
  return json;
}

job::Progress progress_from(const Fields& fields) {
  return {fields.length("received"), fields.optional_length("total"), fields.length("rate")};
}

Json to_json(const job::Checkpoint& checkpoint) {
  Json json{{"part", checkpoint.part},
            {"url", to_json_text(checkpoint.url)},
            {"extents", to_json(checkpoint.extents)},
            {"validators", to_json(checkpoint.validators)}};
  if (checkpoint.total) json["total"] = *checkpoint.total;
  return json;
}

job::Checkpoint checkpoint_from(const Fields& fields) {
  return {fields.count("part"), fields.text("url"), extents_from(fields), fields.optional_length("total"),
          validators_from(fields.object("validators"))};
}

Json to_json(const job::Outcome& outcome) {
  Json json{{"kind", std::string(name_of(outcome.kind))},
            {"checkpoint", to_json(outcome.checkpoint)},
            {"validators", to_json(outcome.validators)},
            {"size", outcome.size},
            {"fetched", outcome.fetched},
            {"mtime", outcome.mtime.count()},
            {"contacted", outcome.contacted},
            {"met_public", outcome.met_public},
            {"restarted", outcome.restarted},
            {"validated", outcome.validated},
            {"dropped", to_json(outcome.dropped)}};
  if (outcome.failure) json["failure"] = to_json(*outcome.failure);
  return json;
}

job::Outcome outcome_from(const Fields& fields) {
  job::Outcome outcome;
  outcome.kind = outcome_kind_from(fields.text("kind"));
  if (fields.has("failure")) outcome.failure = failure_from(fields.object("failure"));
  if (outcome.failure.has_value() != (outcome.kind == Kind::failed))
    throw std::invalid_argument("a failed outcome has a failure, and no other has");
  outcome.checkpoint = checkpoint_from(fields.object("checkpoint"));
  outcome.validators = validators_from(fields.object("validators"));
  outcome.size = fields.length("size");
  outcome.fetched = fields.length("fetched");
  outcome.mtime = Microseconds(fields.integer("mtime"));
  outcome.contacted = fields.flag("contacted");
  outcome.met_public = fields.flag("met_public");
  outcome.restarted = fields.flag("restarted");
  outcome.validated = fields.flag("validated");
  outcome.dropped = dropped_from(fields);
  return outcome;
}

Json to_json(const Unpacked& unpacked) {
  auto json = Json::object();
  if (unpacked.failure) json["failure"] = to_json(*unpacked.failure);
  return json;
}

Unpacked unpacked_from(const Fields& fields) {
  if (!fields.has("failure")) return {};
  return {failure_from(fields.object("failure"))};
}

}  // namespace concd::worker
