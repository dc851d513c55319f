#include "protocol/codec_parts.hpp"
#include "util/shown.hpp"
#include "util/url.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

/// A catalog name may have "?" and "#" in it; only a URL is taken apart.
std::string shown(const std::string& source) {
  return looks_like_url(source) ? redact_url(source) : source;
}

/// A program may take it for what it is: the path of one file.
std::string read_path(ParameterReader& reader) {
  auto path = reader.optional_text("path").value_or("");
  if (!path.empty() && (path.front() != '/' || !is_plain(path))) reader.invalid("path");
  return path;
}

void read_progress(ParameterReader& reader, job::View& job) {
  job.attempts = static_cast<std::uint32_t>(reader.integer("attempts", 0, UINT32_MAX));
  job.progress.received = read_count(reader, "received");
  job.progress.total = reader.optional_integer("total", 0);
  job.progress.rate = read_count(reader, "rate");
}

void read_times(ParameterReader& reader, job::View& job) {
  job.created = Microseconds(reader.integer("created", 0));
  job.started = read_time(reader, "started");
  job.finished = read_time(reader, "finished");
  job.mtime = read_file_time(reader);
}

/// The object of that name, if there is one, as `decode` understands it. One with a word that is not known is
/// left out: nothing true could be said of it.
template <typename T>
void read_object(ParameterReader& reader, const json& object, const char* name,
                 Decoded<T> (*decode)(const json&), std::optional<T>& value) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return;
  auto decoded = found->is_object() ? decode(*found) : tl::unexpected(InvalidParameter{name});
  if (!decoded && decoded.error().unknown_word) return;
  if (!decoded) return reader.invalid(name);
  value = std::move(*decoded);
}

}  // namespace

json encode_job(const job::View& job) {
  json object{{"id", job.id},
              {"state", job::to_string(job.state)},
              {"executor", job::to_string(job.executor)},
              {"priority", job::to_string(job.priority)},
              {"created", job.created.count()},
              {"attempts", job.attempts},
              {"received", job.progress.received},
              {"rate", job.progress.rate},
              {"transfer", job.transfer},
              {"released", job.released},
              {"direct", job.direct}};
  put_text(object, "source", shown(job.source));
  put_text(object, "url", redact_url(job.url));
  put_text(object, "name", job.name);
  put_text(object, "path", job.path);
  put_text(object, "output", job.output);
  put_time(object, "started", job.started);
  put_time(object, "finished", job.finished);
  put_time(object, "mtime", job.mtime);
  if (job.uid) object["uid"] = *job.uid;
  if (job.progress.total) object["total"] = *job.progress.total;
  if (job.wait) object["wait"] = encode_wait(*job.wait);
  if (job.failure) object["failure"] = encode_failure(*job.failure);
  if (job.digest) object["digest"] = job::to_string(*job.digest);
  return object;
}

Decoded<job::Id> decode_id_of_job(const json& object) {
  if (!object.is_object()) return tl::unexpected(InvalidParameter{"job"});
  auto reader = lenient(object);
  const auto id = reader.integer("id", 1);
  return reader.result(id);
}

Decoded<job::View> decode_job(const json& object) {
  if (!object.is_object()) return tl::unexpected(InvalidParameter{"job"});
  auto reader = lenient(object);
  job::View job;
  job.id = reader.integer("id", 1);
  job.transfer = reader.integer("transfer", 0);
  job.source = reader.optional_text("source").value_or("");
  job.name = reader.optional_text("name").value_or("");
  job.url = reader.optional_text("url").value_or("");
  job.digest = reader.optional_parsed("digest", job::parse_digest);
  job.output = reader.optional_text("output").value_or("");
  if (const auto uid = reader.optional_integer("uid", 0, UINT32_MAX)) job.uid = static_cast<uid_t>(*uid);
  job.state = reader.parsed("state", job::state_from_string);
  job.executor = reader.parsed_or("executor", job::executor_kind_from_string, job.executor);
  job.priority = reader.parsed_or("priority", job::priority_from_string, job.priority);
  job.path = read_path(reader);
  job.released = reader.boolean("released");
  job.direct = reader.boolean_or("direct", false);
  read_times(reader, job);
  read_progress(reader, job);
  read_object(reader, object, "wait", decode_wait, job.wait);
  read_object(reader, object, "failure", decode_failure, job.failure);
  return reader.result(std::move(job));
}

}  // namespace concd::protocol
