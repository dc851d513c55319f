#include "protocol/message.hpp"

#include <utility>

#include "protocol/bounded_json.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

json* member(json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// Takes one typed member at a time and keeps the name of the first that is wrong.
class Members {
 public:
  explicit Members(json& object) : m_object(object) {}

  std::string text(const char* name, bool required) {
    const auto* found = member(m_object, name);
    if (found == nullptr ? required : !found->is_string()) wrong(name);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
  }
  bool flag(const char* name) {
    const auto* found = member(m_object, name);
    if (found != nullptr && !found->is_boolean()) wrong(name);
    return found != nullptr && found->is_boolean() && found->get<bool>();
  }
  json object(const char* name) {
    auto* found = member(m_object, name);
    if (found != nullptr && !found->is_object()) wrong(name);
    return found != nullptr && found->is_object() ? std::move(*found) : json::object();
  }
  template <typename Message>
  tl::expected<Message, BadMessage> result(Message message) const {
    if (m_wrong.empty()) return message;
    return tl::unexpected(
        BadMessage{"its member \"" + m_wrong + "\" is missing or of the wrong type", m_wrong});
  }

 private:
  void wrong(const char* name) {
    if (m_wrong.empty()) m_wrong = name;
  }

  json& m_object;
  std::string m_wrong;
};

tl::expected<json, BadMessage> parse_object(std::string_view text) {
  auto value = parse_bounded_json(text);
  if (!value) return tl::unexpected(BadMessage{value.error(), ""});
  if (!value->is_object()) return tl::unexpected(BadMessage{"it is not a JSON object", ""});
  return std::move(*value);
}

}  // namespace

tl::expected<MethodCall, BadMessage> parse_call(std::string_view text) {
  auto object = parse_object(text);
  if (!object) return tl::unexpected(object.error());
  Members members(*object);
  MethodCall call;
  call.method = members.text("method", true);
  call.parameters = members.object("parameters");
  call.more = members.flag("more");
  call.oneway = members.flag("oneway");
  call.upgrade = members.flag("upgrade");
  return members.result(std::move(call));
}

tl::expected<MethodReply, BadMessage> parse_reply(std::string_view text) {
  auto object = parse_object(text);
  if (!object) return tl::unexpected(object.error());
  Members members(*object);
  MethodReply reply;
  reply.parameters = members.object("parameters");
  reply.continues = members.flag("continues");
  reply.error = members.text("error", false);
  return members.result(std::move(reply));
}

std::string serialise(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The envelope is put together by hand, so that the parameters need not be copied into another object.
std::string serialise(const MethodCall& call) {
  std::string text = "{\"method\":" + serialise(json(call.method));
  if (call.more) text += ",\"more\":true";
  if (call.oneway) text += ",\"oneway\":true";
  text += ",\"parameters\":" + serialise(call.parameters);
  if (call.upgrade) text += ",\"upgrade\":true";
  return text + '}';
}

std::string serialise_reply(std::string_view parameters, bool continues) {
  std::string text = continues ? "{\"continues\":true,\"parameters\":" : "{\"parameters\":";
  return text.append(parameters) += '}';
}

std::string serialise(const MethodReply& reply) {
  std::string text = "{";
  if (reply.continues) text += "\"continues\":true,";
  if (!reply.error.empty()) text += "\"error\":" + serialise(json(reply.error)) + ',';
  return text + "\"parameters\":" + serialise(reply.parameters) + '}';
}

}  // namespace concd::protocol
