#include "protocol/codec_parts.hpp"

namespace concd::protocol {

using nlohmann::json;

json encode_failure(const job::Failure& failure) {
  json object{{"kind", job::to_string(failure.kind)}, {"message", failure.message}};
  if (failure.code != 0) object["code"] = failure.code;
  return object;
}

Decoded<job::Failure> decode_failure(const json& object) {
  auto reader = lenient(object);
  job::Failure failure;
  failure.kind = reader.parsed_or("kind", job::failure_kind_from_string, job::FailureKind::other);
  failure.message = reader.text("message");
  failure.code = static_cast<int>(reader.optional_integer("code", 0, 9999).value_or(0));
  return reader.result(std::move(failure));
}

}  // namespace concd::protocol
