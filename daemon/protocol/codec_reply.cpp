#include <algorithm>

#include "protocol/codec_parts.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

Decoded<std::string> text_of(const json& element) {
  if (!element.is_string()) return tl::unexpected(InvalidParameter{"urls"});
  return element.get<std::string>();
}

job::View read_job(ParameterReader& reader) {
  const auto* object = reader.object("job");
  auto job = object != nullptr ? decode_job(*object) : tl::unexpected(InvalidParameter{"job"});
  if (job) return std::move(*job);
  reader.invalid("job", job.error().unknown_word);
  return {};
}

Decoded<CatalogItem> decode_item(const json& object) {
  if (!object.is_object()) return tl::unexpected(InvalidParameter{"entries"});
  auto reader = lenient(object);
  CatalogItem item;
  item.name = reader.text("name");
  item.description = reader.optional_text("description").value_or("");
  item.urls = reader.array<std::string>("urls", ParameterReader::k_any_length, text_of);
  item.digest = reader.optional_parsed("digest", job::parse_digest);
  item.size = reader.optional_integer("size", 0);
  item.executor = reader.parsed_or("executor", job::executor_kind_from_string, item.executor);
  item.unpack = reader.boolean("unpack");
  item.path = reader.optional_text("path").value_or("");
  return reader.result(std::move(item));
}

}  // namespace

json encode_catalog_item(const CatalogItem& item) {
  json object{{"name", item.name},
              {"urls", item.urls},
              {"executor", job::to_string(item.executor)},
              {"unpack", item.unpack}};
  put_text(object, "description", item.description);
  if (item.digest) object["digest"] = job::to_string(*item.digest);
  if (item.size) object["size"] = *item.size;
  put_text(object, "path", item.path);
  return object;
}

json encode_download_reply(const job::View& job) {
  return {{"id", job.id}, {"job", encode_job(job)}};
}

json encode_job_reply(const job::View& job) {
  return {{"job", encode_job(job)}};
}

json encode_jobs(const std::vector<job::View>& jobs) {
  auto array = json::array();
  std::ranges::transform(jobs, std::back_inserter(array), encode_job);
  return {{"jobs", std::move(array)}};
}

json encode_event(const JobEvent& event) {
  return {{"event", job::to_string(event.kind)}, {"job", encode_job(event.job)}};
}

json encode_status(const Status& status) {
  return {{"version", status.version},
          {"pid", status.pid},
          {"uptime", status.uptime.count()},
          {"active", status.active},
          {"queued", status.queued},
          {"waiting", status.waiting},
          {"paused", status.paused},
          {"done", status.done},
          {"failed", status.failed},
          {"rate", status.rate},
          {"free", status.free},
          {"landlock", status.protection.landlock},
          {"seccomp", status.protection.seccomp}};
}

json encode_catalog(const std::vector<CatalogItem>& items) {
  auto array = json::array();
  std::ranges::transform(items, std::back_inserter(array), encode_catalog_item);
  return {{"entries", std::move(array)}};
}

json encode_result(const ResultDescription& result) {
  json object{{"fd", result.fd}, {"name", result.name}, {"size", result.size}};
  put_time(object, "mtime", result.mtime);
  return object;
}

Decoded<job::View> decode_job_reply(const json& parameters) {
  auto reader = lenient(parameters);
  auto job = read_job(reader);
  return reader.result(std::move(job));
}

Decoded<std::vector<job::View>> decode_jobs(const json& parameters) {
  auto reader = lenient(parameters);
  auto jobs = reader.array<job::View>("jobs", ParameterReader::k_any_length, decode_job);
  return reader.result(std::move(jobs));
}

Decoded<std::optional<JobEvent>> decode_event(const json& parameters) {
  auto reader = lenient(parameters);
  const auto kind = job::job_event_kind_from_string(reader.text("event"));
  std::optional<JobEvent> event;
  if (kind) event = JobEvent{*kind, read_job(reader)};
  return reader.result(std::move(event));
}

Decoded<Status> decode_status(const json& parameters) {
  auto reader = lenient(parameters);
  Status status;
  status.version = reader.text("version");
  status.pid = static_cast<pid_t>(reader.integer("pid", 0, INT32_MAX));
  status.uptime = Microseconds(reader.integer("uptime", 0));
  status.active = read_count(reader, "active");
  status.queued = read_count(reader, "queued");
  status.waiting = read_count(reader, "waiting");
  status.paused = read_count(reader, "paused");
  status.done = read_count(reader, "done");
  status.failed = read_count(reader, "failed");
  status.rate = read_count(reader, "rate");
  status.free = read_count(reader, "free");
  status.protection.landlock = static_cast<std::uint32_t>(reader.integer("landlock", 0, INT32_MAX));
  status.protection.seccomp = reader.boolean("seccomp");
  return reader.result(std::move(status));
}

Decoded<std::vector<CatalogItem>> decode_catalog(const json& parameters) {
  auto reader = lenient(parameters);
  auto items = reader.array<CatalogItem>("entries", ParameterReader::k_any_length, decode_item);
  return reader.result(std::move(items));
}

Decoded<ResultDescription> decode_result(const json& parameters) {
  auto reader = lenient(parameters);
  ResultDescription result;
  result.fd = read_count(reader, "fd");
  result.name = reader.text("name");
  result.size = read_count(reader, "size");
  result.mtime = read_file_time(reader);
  return reader.result(std::move(result));
}

}  // namespace concd::protocol
