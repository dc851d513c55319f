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
    std::pair{Kind::published, std::string_view("published")},
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
  return {fields.text("etag"), fields.text("last_modified")};
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
  job::Failure failure{*kind, *retry_class, fields.text("message"), static_cast<int>(code)};
  if (fields.has("retry_after")) failure.retry_after = Microseconds(fields.integer("retry_after"));
  return failure;
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
            {"unpack", task.unpack},
            {"partial", to_json_text(task.partial.native())},
            {"destination", to_json_text(task.destination.native())},
            {"mode", task.mode}};
  if (task.digest) json["digest"] = to_string(*task.digest);
  if (task.size) json["size"] = *task.size;
  return json;
}

job::Task task_from(const Fields& fields) {
  job::Task task;
  task.id = fields.integer("id");
  task.url = fields.text("url");
  if (fields.has("digest")) task.digest = digest_from(fields);
  task.size = fields.optional_size("size");
  task.checkpoint = checkpoint_from(fields.object("checkpoint"));
  task.published = validators_from(fields.object("published"));
  task.unpack = fields.flag("unpack");
  task.partial = fields.path("partial");
  task.destination = fields.path("destination");
  task.mode = fields.count("mode");
  return task;
}

Json to_json(const job::Progress& progress) {
  Json json{{"received", progress.received}, {"rate", progress.rate}};
  if (progress.total) json["total"] = *progress.total;
  return json;
}

job::Progress progress_from(const Fields& fields) {
  return {fields.size("received"), fields.optional_size("total"), fields.size("rate")};
}

Json to_json(const job::Checkpoint& checkpoint) {
  Json json{{"url", to_json_text(checkpoint.url)},
            {"durable", checkpoint.durable},
            {"validators", to_json(checkpoint.validators)}};
  if (checkpoint.total) json["total"] = *checkpoint.total;
  return json;
}

job::Checkpoint checkpoint_from(const Fields& fields) {
  return {fields.text("url"), fields.size("durable"), fields.optional_size("total"),
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
            {"restarted", outcome.restarted}};
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
  outcome.size = fields.size("size");
  outcome.fetched = fields.size("fetched");
  outcome.mtime = Microseconds(fields.integer("mtime"));
  outcome.contacted = fields.flag("contacted");
  outcome.restarted = fields.flag("restarted");
  return outcome;
}

}  // namespace concd::worker
