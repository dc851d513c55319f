#include "protocol/codec_parts.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

bool is_about_places(job::WaitKind kind) {
  using enum job::WaitKind;
  return kind == slot || kind == host_slot || kind == user_slot;
}

}  // namespace

json encode_wait(const job::Waiting& wait) {
  const auto& cause = *wait.cause;
  json object{{"kind", job::to_string(cause.kind)}};
  if (is_about_places(cause.kind)) object["running"] = cause.running;
  if (cause.kind == job::WaitKind::disk_space) {
    object["needed"] = cause.needed;
    object["free"] = cause.free;
  }
  put_text(object, "limit", cause.limit);
  put_text(object, "host", cause.host);
  put_text(object, "message", cause.message);
  put_time(object, "until", wait.until);
  return object;
}

Decoded<job::Waiting> decode_wait(const json& object) {
  auto reader = lenient(object);
  job::Waiting wait;
  auto& cause = *wait.cause;
  cause.kind = reader.parsed("kind", job::wait_kind_from_string);
  cause.limit = reader.optional_text("limit").value_or("");
  cause.running = static_cast<std::uint32_t>(reader.optional_integer("running", 0, UINT32_MAX).value_or(0));
  cause.host = reader.optional_text("host").value_or("");
  cause.needed = read_count_or_0(reader, "needed");
  cause.free = read_count_or_0(reader, "free");
  cause.message = reader.optional_text("message").value_or("");
  wait.until = read_time(reader, "until");
  return reader.result(std::move(wait));
}

}  // namespace concd::protocol
