#include "util/units.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <spdlog/fmt/fmt.h>

namespace concd {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t k_second = 1'000'000;
constexpr std::array k_time_units{
    Unit{"us", 1},
    Unit{"ms", 1000},
    Unit{"s", k_second},
    Unit{"min", 60 * k_second},
    Unit{"h", 3600 * k_second},
    Unit{"d", 86400 * k_second},
    Unit{"w", 7 * (86400 * k_second)},
};
constexpr std::array k_size_units{
    Unit{"", 1}, Unit{"K", 1ULL << 10}, Unit{"M", 1ULL << 20}, Unit{"G", 1ULL << 30}, Unit{"T", 1ULL << 40},
};

std::string_view skip_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// Takes a number off the front of `text`; nothing when there is none.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && ((text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z')) ++length;
  const auto letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

template <typename Units>
std::optional<std::uint64_t> scale(std::uint64_t value, std::string_view unit, const Units& units) {
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const auto& known : units) {
    if (known.name != unit) continue;
    if (value > k_max / known.factor) return std::nullopt;
    return value * known.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Microseconds> parse_duration(std::string_view text) {
  text = skip_spaces(text);
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    text = skip_spaces(text);
    const auto letters = take_letters(text);
    const auto part = scale(*number, letters.empty() ? "s" : letters, k_time_units);
    if (!part || total + *part > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    total += *part;
    text = skip_spaces(text);
  }
  return Microseconds(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  const auto letters = take_letters(text);
  if (!text.empty()) return std::nullopt;
  return scale(*number, letters, k_size_units);
}

std::string exact_duration(Microseconds span) {
  const auto count = span.count();
  if (count != 0 && count % 1000 != 0) return fmt::format("{}us", count);
  if (count % 1'000'000 != 0) return fmt::format("{}ms", count / 1000);
  if (count % 86'400'000'000 == 0 && count != 0) return fmt::format("{}d", count / 86'400'000'000);
  return fmt::format("{}s", count / 1'000'000);
}

std::string exact_size(std::uint64_t bytes) {
  auto unit = k_size_units.begin();
  while (bytes != 0 && unit + 1 != k_size_units.end() && bytes % (unit + 1)->factor == 0) ++unit;
  return fmt::format("{}{}", bytes / unit->factor, unit->name);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array k_names{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < k_names.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, k_names[unit]);
}

std::string format_duration(Microseconds span) {
  const auto total = span.count();
  if (total < 10 * static_cast<std::int64_t>(k_second))
    return fmt::format("{:.1f}s", static_cast<double>(total) / static_cast<double>(k_second));
  const auto seconds = total / static_cast<std::int64_t>(k_second);
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}min {}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h {}min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{}d {}h", seconds / 86400, seconds % 86400 / 3600);
}

}  // namespace concd
