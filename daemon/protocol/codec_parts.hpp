#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "job/failure.hpp"
#include "job/phase.hpp"
#include "protocol/codec.hpp"
#include "protocol/parameter_reader.hpp"

// The objects inside the type Job, and what their codecs share. For the codecs only.
namespace concd::protocol {

[[nodiscard]] nlohmann::json encode_failure(const job::Failure& failure);  ///< the type Failure
[[nodiscard]] nlohmann::json encode_wait(const job::Waiting& wait);        ///< the type WaitCause
[[nodiscard]] Decoded<job::Failure> decode_failure(const nlohmann::json& object);
[[nodiscard]] Decoded<job::Waiting> decode_wait(const nlohmann::json& object);

/// Of what the other side says: members that are not known are ignored.
[[nodiscard]] inline ParameterReader lenient(const nlohmann::json& object) {
  return {object, ParameterReader::Unknown::ignored};
}

/// Empty is absent.
inline void put_text(nlohmann::json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

/// 0 is absent.
inline void put_time(nlohmann::json& object, const char* name, Microseconds time) {
  if (time != Microseconds::zero()) object[name] = time.count();
}

/// Absent is 0.
[[nodiscard]] inline Microseconds read_time(ParameterReader& reader, const char* name) {
  return Microseconds(reader.optional_integer(name, 0).value_or(0));
}

/// "mtime", which may be before 1970. So far from the ends of its type that it can be reckoned with.
[[nodiscard]] inline Microseconds read_file_time(ParameterReader& reader) {
  constexpr auto k_furthest = ParameterReader::k_max / 2;
  return Microseconds(reader.optional_integer("mtime", -k_furthest, k_furthest).value_or(0));
}

[[nodiscard]] inline std::uint64_t read_count(ParameterReader& reader, const char* name) {
  return static_cast<std::uint64_t>(reader.integer(name, 0));
}

/// Absent is 0.
[[nodiscard]] inline std::uint64_t read_count_or_0(ParameterReader& reader, const char* name) {
  return static_cast<std::uint64_t>(reader.optional_integer(name, 0).value_or(0));
}

}  // namespace concd::protocol
