#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

/// JSON between the daemon and its workers, for the codecs of this room only.
namespace concd::worker {

using Json = nlohmann::json;

/// Any bytes as a JSON string that gives them back exactly: byte N becomes the character U+00NN. ETags, paths
/// and a server's texts need not be UTF-8, and JSON takes nothing else (RFC 8259 §8.1).
[[nodiscard]] Json to_json_text(std::string_view bytes);

/// Reads the members of one JSON object and checks each one's type. What is missing, of another type or out
/// of range throws std::invalid_argument with the member's name. Members that nobody asks for are ignored.
class Fields {
 public:
  /// `object` outlives this.
  Fields(const Json& object, std::string name);

  [[nodiscard]] bool has(const char* key) const { return m_object.contains(key); }
  [[nodiscard]] Fields object(const char* key) const;
  [[nodiscard]] std::string text(const char* key) const;
  [[nodiscard]] std::filesystem::path path(const char* key) const;
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  [[nodiscard]] bool flag(const char* key) const;
  [[nodiscard]] std::uint64_t size(const char* key) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_size(const char* key) const;
  [[nodiscard]] std::uint32_t count(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key) const;

 private:
  [[nodiscard]] const Json& at(const char* key) const;
  [[noreturn]] void refuse(const char* key, const char* why) const;

  const Json& m_object;
  std::string m_name;
};

}  // namespace concd::worker
