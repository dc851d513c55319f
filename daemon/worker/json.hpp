#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

/// JSON between the daemon and its workers, for the codecs of this folder only.
namespace concd::worker {

using Json = nlohmann::json;

/// Any bytes as a JSON string that gives them back exactly: byte N becomes the character U+00NN. ETags, paths
/// and a server's texts need not be UTF-8, and JSON takes nothing else (RFC 8259 §8.1).
[[nodiscard]] Json to_json_text(std::string_view bytes);

/// Reads the members of one JSON object and checks each one's type. What is missing, of another type or out
/// of range throws std::invalid_argument with the member's name. Members that nobody asks for are ignored.
class Fields {
 public:
  /// The most bytes that a file, or a span of it, can have: off_t.
  static constexpr auto k_max_length = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

  /// `object` outlives this.
  Fields(const Json& object, std::string name);

  [[nodiscard]] bool has(const char* key) const { return m_object.contains(key); }
  [[nodiscard]] Fields object(const char* key) const;
  /// A list of at most `max` objects.
  [[nodiscard]] std::vector<Fields> objects(const char* key, std::size_t max) const;
  /// At most `max` bytes.
  [[nodiscard]] std::string text(const char* key,
                                 std::size_t max = std::numeric_limits<std::size_t>::max()) const;
  [[nodiscard]] std::filesystem::path path(const char* key) const;
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  [[nodiscard]] bool flag(const char* key) const;
  [[nodiscard]] std::uint64_t size(const char* key) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_size(const char* key) const;
  /// At most k_max_length.
  [[nodiscard]] std::uint64_t length(const char* key) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_length(const char* key) const;
  /// A list of at most `max` pairs of lengths.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const char* key,
                                                                            std::size_t max) const;
  [[nodiscard]] std::uint32_t count(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key) const;

 private:
  [[nodiscard]] const Json& at(const char* key) const;
  [[noreturn]] void refuse(const char* key, const char* why) const;

  const Json& m_object;
  std::string m_name;
};

}  // namespace concd::worker
