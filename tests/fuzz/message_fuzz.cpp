// What a stranger may send: bytes are cut into frames, frames read as calls and replies, their parameters as
// every verb's. What is taken is written and read again, and must then be the same.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocol/codec.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/message.hpp"

namespace {

using namespace concd::protocol;
using nlohmann::json;

void expect(bool holds) {
  if (!holds) std::abort();
}

/// A value that was read is the same once written and read again.
template <typename Decode, typename Encode>
void stable(const json& parameters, Decode decode, Encode encode) {
  const auto first = decode(parameters);
  // It names what is wrong, be that a parameter whose name is empty.
  if (!first) return expect(!first.error().parameter.empty() || parameters.contains(""));
  const json written = encode(*first);
  const auto second = decode(written);
  expect(second.has_value() && encode(*second) == written);
}

void read_requests(const json& parameters) {
  stable(parameters, decode_request, encode_request);
  stable(parameters, decode_id, encode_id);
  stable(parameters, decode_priority_request, encode_priority_request);
  stable(parameters, decode_ids, encode_ids);
  stable(parameters, decode_list_query, encode_list_query);
  stable(parameters, decode_catalog_query, encode_catalog_query);
  static_cast<void>(decode_nothing(parameters));
}

void read_replies(const json& parameters) {
  stable(parameters, decode_job_reply, encode_job_reply);
  stable(parameters, decode_jobs, encode_jobs);
  stable(parameters, decode_event,
         [](const auto& event) { return event ? encode_event(*event) : json{{"event", "unknown"}}; });
  stable(parameters, decode_status, encode_status);
  stable(parameters, decode_catalog, encode_catalog);
  stable(parameters, decode_result, encode_result);
}

void read_message(const std::string& text) {
  if (const auto call = parse_call(text)) {
    read_requests(call->parameters);
    const auto again = parse_call(serialise(*call));
    expect(again && again->method == call->method && again->parameters == call->parameters);
  }
  if (const auto reply = parse_reply(text)) {
    read_replies(reply->parameters);
    if (const auto refusal = refusal_of({reply->error, reply->parameters}))
      expect(error_of(*refusal).name == reply->error);
    const auto again = parse_reply(serialise(*reply));
    expect(again && again->error == reply->error && again->parameters == reply->parameters);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FrameReader reader;
  // In two pieces, so that cuts are tried as well.
  const auto cut = size == 0 ? 0 : data[0] % size;
  static_cast<void>(reader.feed(bytes.substr(0, cut)) && reader.feed(bytes.substr(cut)));
  while (const auto frame = reader.next()) read_message(*frame);
  return 0;
}
