#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

namespace concd::protocol {

/// A method call, https://varlink.org/Method-Call.
struct MethodCall {
  std::string method;  ///< in full: "io.concd.Download"
  nlohmann::json parameters = nlohmann::json::object();
  bool more = false;     ///< several replies are welcome
  bool oneway = false;   ///< no reply is wanted
  bool upgrade = false;  ///< the connection shall speak something else from then on
};

/// A reply to a call, or its error.
struct MethodReply {
  nlohmann::json parameters = nlohmann::json::object();
  bool continues = false;  ///< others follow for the same call
  std::string error;       ///< in full: "io.concd.NoSuchJob"; empty: it is not an error
};

/// Why a text is not a message.
struct BadMessage {
  std::string reason;
  /// The member of the message that is missing or of the wrong type; empty when the text is not a JSON object
  /// within the bounds of bounded_json.hpp, so that nothing can be told about it.
  std::string member;
};

/// Reads the text of one frame. Members that are not known are ignored, null is the same as absent.
[[nodiscard]] tl::expected<MethodCall, BadMessage> parse_call(std::string_view text);
[[nodiscard]] tl::expected<MethodReply, BadMessage> parse_reply(std::string_view text);

/// The text of one frame: compact, the members of an object in alphabetical order; what is not UTF-8 is
/// replaced by U+FFFD.
[[nodiscard]] std::string serialise(const MethodCall& call);
[[nodiscard]] std::string serialise(const MethodReply& reply);
/// A reply, not an error, whose parameters are that text already.
[[nodiscard]] std::string serialise_reply(std::string_view parameters, bool continues);
/// The text of a value, by the same rules.
[[nodiscard]] std::string serialise(const nlohmann::json& value);

}  // namespace concd::protocol
