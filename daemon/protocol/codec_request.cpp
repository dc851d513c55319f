#include "protocol/codec.hpp"
#include "protocol/parameter_reader.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

ParameterReader strict(const json& parameters) {
  return {parameters, ParameterReader::Unknown::refused};
}

Decoded<job::Id> id_of(const json& element) {
  const bool fits = !element.is_number_unsigned() || element.get<std::uint64_t>() <= ParameterReader::k_max;
  if (!element.is_number_integer() || !fits) return tl::unexpected(InvalidParameter{"ids"});
  return element.get<job::Id>();
}

Decoded<std::string> mirror_of(const json& element) {
  if (!element.is_string()) return tl::unexpected(InvalidParameter{"mirrors"});
  auto url = element.get<std::string>();
  if (url.empty() || url.size() > k_max_source || url.find('\0') != std::string::npos)
    return tl::unexpected(InvalidParameter{"mirrors"});
  return url;
}

}  // namespace

json encode_request(const job::Request& request) {
  json parameters{{"source", request.source}};
  if (request.executor != job::ExecutorKind::automatic)
    parameters["executor"] = job::to_string(request.executor);
  if (!request.mirrors.empty()) parameters["mirrors"] = request.mirrors;
  if (request.digest) parameters["digest"] = job::to_string(*request.digest);
  if (request.output) parameters["output"] = *request.output;
  if (request.file) parameters["file"] = *request.file;
  if (request.token) parameters["token"] = *request.token;
  if (request.force) parameters["force"] = true;
  if (request.priority != job::Priority::normal) parameters["priority"] = job::to_string(request.priority);
  return parameters;
}

Decoded<job::Request> decode_request(const json& parameters) {
  auto reader = strict(parameters);
  job::Request request;
  request.source = reader.text("source", k_max_source);
  request.executor = reader.optional_parsed("executor", job::executor_kind_from_string)
                         .value_or(job::ExecutorKind::automatic);
  request.mirrors = reader.optional_array<std::string>("mirrors", k_max_mirrors, mirror_of);
  request.digest = reader.optional_parsed("digest", job::parse_digest);
  request.output = reader.optional_text("output", k_max_path);
  request.file = reader.optional_integer("file", 0);
  request.token = reader.optional_text("token", k_max_token);
  request.force = reader.boolean_or("force", false);
  request.priority =
      reader.optional_parsed("priority", job::priority_from_string).value_or(job::Priority::normal);
  if (request.source.empty()) reader.invalid("source");
  if (request.output && !request.output->starts_with('/')) reader.invalid("output");
  if (request.token && request.token->empty()) reader.invalid("token");
  return reader.result(std::move(request));
}

json encode_id(job::Id id) {
  return {{"id", id}};
}

Decoded<job::Id> decode_id(const json& parameters) {
  auto reader = strict(parameters);
  const auto id = reader.integer("id");
  return reader.result(id);
}

json encode_priority_request(const PriorityRequest& request) {
  return {{"id", request.id}, {"priority", job::to_string(request.priority)}};
}

Decoded<PriorityRequest> decode_priority_request(const json& parameters) {
  auto reader = strict(parameters);
  PriorityRequest request;
  request.id = reader.integer("id");
  request.priority = reader.parsed("priority", job::priority_from_string);
  return reader.result(request);
}

json encode_ids(const std::vector<job::Id>& ids) {
  return {{"ids", ids}};
}

Decoded<std::vector<job::Id>> decode_ids(const json& parameters) {
  auto reader = strict(parameters);
  auto ids = reader.array<job::Id>("ids", k_max_awaited, id_of);
  return reader.result(std::move(ids));
}

json encode_attachment(const Attachment& attachment) {
  return {{"id", attachment.id}, {"file", attachment.file}};
}

Decoded<Attachment> decode_attachment(const json& parameters) {
  auto reader = strict(parameters);
  Attachment attachment;
  attachment.id = reader.integer("id");
  attachment.file = static_cast<std::uint64_t>(reader.integer("file", 0));
  return reader.result(attachment);
}

json encode_list_query(const ListQuery& query) {
  json parameters{{"limit", query.limit}};
  if (query.finished) parameters["finished"] = true;
  if (query.before) parameters["before"] = *query.before;
  return parameters;
}

Decoded<ListQuery> decode_list_query(const json& parameters) {
  auto reader = strict(parameters);
  ListQuery query;
  query.finished = reader.boolean_or("finished", false);
  query.limit =
      static_cast<std::size_t>(reader.optional_integer("limit", 1, k_max_listed).value_or(k_max_listed));
  query.before = reader.optional_integer("before", 1);
  return reader.result(query);
}

json encode_catalog_query(const std::string& after) {
  return after.empty() ? json::object() : json{{"after", after}};
}

Decoded<std::string> decode_catalog_query(const json& parameters) {
  auto reader = strict(parameters);
  auto after = reader.optional_text("after", k_max_source).value_or("");
  return reader.result(std::move(after));
}

Decoded<void> decode_nothing(const json& parameters) {
  if (!parameters.empty()) return tl::unexpected(InvalidParameter{parameters.begin().key()});
  return {};
}

}  // namespace concd::protocol
