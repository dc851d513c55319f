// What a stranger may send: bytes are cut into frames, frames read as calls and replies, their parameters as
// every verb's. What is taken is written and read again, and must then be the same.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
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

/// An error that repeats what a stranger has sent can be read.
void read_errors(const std::string& word) {
  for (const auto& error : {interface_not_found(word), method_not_found(word), method_not_implemented(word),
                            invalid_parameter(word), permission_denied(), expected_more()}) {
    const auto again = parse_reply(serialise(MethodReply{error.parameters, false, error.name}));
    expect(again && again->error == error.name && again->parameters == error.parameters);
  }
}

/// What a frame cannot hold is no frame.
void write_frame(std::string_view text) {
  const bool fits = text.size() <= k_frame_limit && text.find('\0') == std::string_view::npos;
  try {
    expect(encode_frame(text).size() == text.size() + 1 && fits);
  } catch (const std::logic_error&) {
    expect(!fits);
  }
}

/// A frame that goes on and on is given up at its limit, and what came before it is there.
void read_endless(std::string_view text) {
  FrameReader reader;
  const std::string whole(k_frame_limit, 'w');
  expect(reader.feed(encode_frame(whole)));
  std::size_t fed = 0;
  while (fed <= k_frame_limit && reader.feed(text)) fed += text.size();
  expect(text.find('\0') != std::string_view::npos || fed <= k_frame_limit);
  expect(reader.next() == whole);
}

void read_message(const std::string& text) {
  if (const auto call = parse_call(text)) {
    read_requests(call->parameters);
    read_errors(call->method);
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
  constexpr std::string_view k_endless = "endless ";
  if (bytes.starts_with(k_endless) && bytes.size() > 1000)
    return read_endless(bytes.substr(k_endless.size())), 0;
  write_frame(bytes);
  FrameReader reader;
  // In two pieces, so that cuts are tried as well.
  const auto cut = size == 0 ? 0 : data[0] % size;
  static_cast<void>(reader.feed(bytes.substr(0, cut)) && reader.feed(bytes.substr(cut)));
  while (const auto frame = reader.next()) {
    FrameReader again;
    expect(again.feed(encode_frame(*frame)) && again.next() == frame && again.pending() == 0);
    read_message(*frame);
  }
  return 0;
}
