#include "worker/process/settings.hpp"

#include <stdexcept>

#include "worker/json.hpp"

namespace concd::worker {
namespace {

Json to_json_texts(const std::vector<std::string>& texts) {
  auto list = Json::array();
  for (const auto& text : texts) list.push_back(to_json_text(text));
  return list;
}

engine::Settings settings_from(const Fields& fields) {
  engine::Settings settings;
  settings.connect_timeout = Microseconds(fields.integer("connect_timeout"));
  settings.stall_timeout = Microseconds(fields.integer("stall_timeout"));
  settings.min_rate = fields.size("min_rate");
  settings.min_rate_time = Microseconds(fields.integer("min_rate_time"));
  settings.first_byte_timeout = Microseconds(fields.integer("first_byte_timeout"));
  settings.max_redirects = fields.count("max_redirects");
  settings.connections = fields.count("connections");
  settings.connections_total = fields.count("connections_total");
  settings.max_size = fields.size("max_size");
  settings.min_free = fields.size("min_free");
  settings.schemes = fields.texts("schemes");
  const auto roots = fields.texts("file_roots");
  settings.file_roots.assign(roots.begin(), roots.end());
  settings.proxy = fields.text("proxy");
  settings.no_proxy = fields.texts("no_proxy");
  settings.ca_file = fields.path("ca_file");
  settings.allowed_origins = fields.texts("allowed_origins");
  settings.denied_origins = fields.texts("denied_origins");
  settings.user_agent = fields.text("user_agent");
  return settings;
}

}  // namespace

std::string encode_settings(const engine::Settings& settings) {
  const std::vector<std::string> roots(settings.file_roots.begin(), settings.file_roots.end());
  const Json json{{"connect_timeout", settings.connect_timeout.count()},
                  {"stall_timeout", settings.stall_timeout.count()},
                  {"min_rate", settings.min_rate},
                  {"min_rate_time", settings.min_rate_time.count()},
                  {"first_byte_timeout", settings.first_byte_timeout.count()},
                  {"max_redirects", settings.max_redirects},
                  {"connections", settings.connections},
                  {"connections_total", settings.connections_total},
                  {"max_size", settings.max_size},
                  {"min_free", settings.min_free},
                  {"schemes", to_json_texts(settings.schemes)},
                  {"file_roots", to_json_texts(roots)},
                  {"proxy", to_json_text(settings.proxy)},
                  {"no_proxy", to_json_texts(settings.no_proxy)},
                  {"ca_file", to_json_text(settings.ca_file.native())},
                  {"allowed_origins", to_json_texts(settings.allowed_origins)},
                  {"denied_origins", to_json_texts(settings.denied_origins)},
                  {"user_agent", to_json_text(settings.user_agent)}};
  return json.dump();
}

tl::expected<engine::Settings, std::string> decode_settings(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return tl::unexpected<std::string>("the settings are not JSON");
  try {
    return settings_from(Fields(json, "settings"));
  } catch (const std::invalid_argument& error) {
    return tl::unexpected<std::string>(error.what());
  }
}

}  // namespace concd::worker
