#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "util/clock.hpp"

namespace concd {

/// Reads a time span as systemd.time(7) writes it: "0", "5s", "1min 30s", "10min", "14d"; a bare number is
/// seconds. Units: us ms s min h d w. Nothing when the text is not a span or overflows.
[[nodiscard]] std::optional<Microseconds> parse_duration(std::string_view text);

/// Reads a size in bytes: "4096", "64K", "10M", "2G", "1T" (powers of 1024). Nothing when it is not a size.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The span as parse_duration() reads it, in one unit: "100ms", "3600s", "30d".
[[nodiscard]] std::string exact_duration(Microseconds span);

/// The size as parse_size() reads it, in the largest unit that leaves a whole number: "128M", "1000".
[[nodiscard]] std::string exact_size(std::uint64_t bytes);

/// Bytes for a person: "512 B", "1.5 KiB", "2.0 GiB".
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// A time span for a person, two units at most: "0.8s", "12s", "3min 5s", "2h 1min", "4d 3h".
[[nodiscard]] std::string format_duration(Microseconds span);

}  // namespace concd
