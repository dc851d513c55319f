#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "util/clock.hpp"
#include "util/synchronized.hpp"

namespace concd::engine {

/// How many connections the transfers of this process have besides their first ones, and what hosts have
/// refused. Any thread. Times are µs of CLOCK_BOOTTIME.
class HostConnections {
 public:
  /// What is allowed, concd.toml(5) [transfer].
  struct Limits {
    std::size_t per_host = 1;  ///< first ones included; all transfers of a host share them evenly
    std::size_t total = 0;     ///< of all hosts, without the first ones
  };

  /// One transfer of a host.
  class Seat {
   public:
    Seat(std::shared_ptr<HostConnections> hosts, std::string host);
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat();

    /// Connections that this transfer may have by the host's share, at least 1.
    [[nodiscard]] std::size_t ceiling(const Limits& limits, Microseconds now) const;
    /// This transfer has so many connections now. False: over all that would be too many, and nothing has
    /// changed; fewer than before never are.
    [[nodiscard]] bool occupy(std::size_t connections, const Limits& limits);
    /// The host did not serve another connection beside `working` ones: for an hour it is not asked for more.
    void refused(std::size_t working, const Limits& limits, Microseconds now);

   private:
    std::shared_ptr<HostConnections> m_hosts;
    std::string m_host;
    std::size_t m_extra = 0;
  };

 private:
  struct Host {
    std::size_t transfers = 0;
    std::optional<std::size_t> ceiling;  ///< what it served
    Microseconds until{};                ///< to be believed so long
  };
  struct State {
    std::map<std::string, Host> hosts;
    std::size_t extra = 0;
  };

  Synchronized<State> m_state;
};

}  // namespace concd::engine
