#include "protocol/codec.hpp"
#include "protocol/parameter_reader.hpp"
#include "util/url.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

ParameterReader lenient(const json& object) {
  return {object, ParameterReader::Unknown::ignored};
}

/// A catalog name may have "?" and "#" in it; only a URL is taken apart.
std::string shown(const std::string& source) {
  return looks_like_url(source) ? redact_url(source) : source;
}

/// The URL of the attempt that is under way or comes next.
std::string current_url(const job::Job& job) {
  const auto& urls = job.spec.urls;
  return urls.empty() ? std::string() : redact_url(urls[job.mirror % urls.size()]);
}

void put_text(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

void put_time(json& object, const char* name, Microseconds time) {
  if (time != Microseconds::zero()) object[name] = time.count();
}

json encode_failure(const job::Failure& failure) {
  json object{{"kind", job::to_string(failure.kind)}, {"message", failure.message}};
  if (failure.code != 0) object["code"] = failure.code;
  return object;
}

Decoded<job::Failure> decode_failure(const json& object) {
  auto reader = lenient(object);
  job::Failure failure;
  failure.kind = reader.parsed("kind", job::failure_kind_from_string);
  failure.message = reader.text("message");
  failure.code = static_cast<int>(reader.optional_integer("code", 0, 9999).value_or(0));
  return reader.result(std::move(failure));
}

Microseconds read_time(ParameterReader& reader, const char* name) {
  return Microseconds(reader.optional_integer(name, 0).value_or(0));
}

std::uint64_t read_count(ParameterReader& reader, const char* name) {
  return static_cast<std::uint64_t>(reader.integer(name, 0));
}

void read_progress(ParameterReader& reader, job::Job& job) {
  job.attempts = static_cast<std::uint32_t>(reader.integer("attempts", 0, UINT32_MAX));
  job.progress.received = read_count(reader, "received");
  job.progress.total = reader.optional_integer("total", 0);
  job.progress.rate = read_count(reader, "rate");
}

void read_times(ParameterReader& reader, job::Job& job) {
  job.created = Microseconds(reader.integer("created", 0));
  job.started = read_time(reader, "started");
  job.finished = read_time(reader, "finished");
  job.next_try = read_time(reader, "nextTry");
  job.mtime = Microseconds(reader.optional_integer("mtime").value_or(0));
}

void read_failure(ParameterReader& reader, const json& object, job::Job& job) {
  const auto found = object.find("failure");
  if (found == object.end() || found->is_null()) return;
  const auto* nested = reader.object("failure");
  auto failure = nested != nullptr ? decode_failure(*nested) : tl::unexpected(InvalidParameter{"failure"});
  if (!failure) return reader.invalid("failure");
  job.failure = std::move(*failure);
}

}  // namespace

json encode_job(const job::Job& job) {
  const auto executor = job.executor == job::ExecutorKind::automatic ? job.spec.executor : job.executor;
  json object{{"id", job.id},
              {"source", shown(job.spec.source)},
              {"url", current_url(job)},
              {"state", job::to_string(job.state)},
              {"executor", job::to_string(executor)},
              {"uid", job.peer.uid},
              {"created", job.created.count()},
              {"attempts", job.attempts},
              {"received", job.progress.received},
              {"rate", job.progress.rate},
              {"transfer", job.transfer},
              {"released", job.released}};
  put_text(object, "name", job.spec.name);
  put_text(object, "reason", job.reason);
  put_text(object, "path", job.path);
  put_text(object, "output", job.spec.output);
  put_time(object, "started", job.started);
  put_time(object, "finished", job.finished);
  put_time(object, "nextTry", job.next_try);
  put_time(object, "mtime", job.mtime);
  if (job.progress.total) object["total"] = *job.progress.total;
  if (job.failure) object["failure"] = encode_failure(*job.failure);
  if (job.spec.digest) object["digest"] = job::to_string(*job.spec.digest);
  return object;
}

Decoded<job::Job> decode_job(const json& object) {
  if (!object.is_object()) return tl::unexpected(InvalidParameter{"job"});
  auto reader = lenient(object);
  job::Job job;
  job.id = reader.integer("id", 1);
  job.transfer = reader.integer("transfer", 0);
  job.spec.source = reader.text("source");
  job.spec.name = reader.optional_text("name").value_or("");
  job.spec.urls = {reader.text("url")};
  job.spec.digest = reader.optional_parsed("digest", job::parse_digest);
  job.spec.output = reader.optional_text("output").value_or("");
  job.peer.uid = static_cast<uid_t>(reader.integer("uid", 0, UINT32_MAX));
  job.state = reader.parsed("state", job::state_from_string);
  job.executor = reader.parsed("executor", job::executor_kind_from_string);
  job.reason = reader.optional_text("reason").value_or("");
  job.path = reader.optional_text("path").value_or("");
  job.released = reader.boolean("released");
  read_times(reader, job);
  read_progress(reader, job);
  read_failure(reader, object, job);
  return reader.result(std::move(job));
}

}  // namespace concd::protocol
