#include "engine/pace.hpp"

#include "util/units.hpp"

namespace concd::engine {

std::optional<std::string> Pace::fault(Microseconds now, const Settings& settings,
                                       std::optional<std::uint64_t> received, std::uint64_t fetched) {
  if (fetched == 0 && now - m_began >= settings.first_byte_timeout)
    return "has sent nothing of the file within " + format_duration(settings.first_byte_timeout);
  if (!received || settings.min_rate == 0) return std::nullopt;
  if (!m_floor.below(now, *received, settings.min_rate, settings.min_rate_time)) return std::nullopt;
  return "is too slow: less than " + format_size(settings.min_rate) + "/s for " +
         format_duration(settings.min_rate_time);
}

}  // namespace concd::engine
