#pragma once

#include <optional>
#include <string>

#include "engine/settings.hpp"
#include "engine/zone.hpp"
#include "job/failure.hpp"
#include "util/ip_address.hpp"

namespace concd::engine {

/// Which hosts and addresses one attempt may connect to, concd.toml(5) [origins]. What the request names is
/// known by the first connection: from then on, over redirects and later answers of the name service, no
/// address is nearer to this machine than that. Lives on its transfer's thread.
class OriginGuard {
 public:
  /// `met_public`: an earlier attempt at the same URL was answered from the internet. `settings` outlives the
  /// guard.
  OriginGuard(const Settings& settings, bool met_public);

  /// The next connections are for this host, "localhost" or "[::1]". Without a connection before that the
  /// first host still is the one that the request names.
  void head_for(std::string host) { m_host = std::move(host); }
  /// Before each connection, and for one of an earlier transfer that is used again.
  [[nodiscard]] bool admits(const IpAddress& address);
  /// Where a proxy makes the connection: what can be told by the host alone.
  [[nodiscard]] bool admits_host();
  /// A connection to it stands, and is admitted. Other addresses of the first answer count for nothing.
  void connected(const IpAddress& address);
  /// The host has answered; of a proxy's connection no more is known.
  void answered();
  /// Why the last address was not admitted; nothing since a host has answered.
  [[nodiscard]] const std::optional<job::Failure>& refusal() const { return m_refusal; }
  /// The host of the request is on the internet, by a connection that stood.
  [[nodiscard]] bool met_public() const { return m_settled && m_named == Zone::open; }

 private:
  [[nodiscard]] bool listed(const std::vector<std::string>& rules,
                            const std::optional<IpAddress>& address) const;
  bool refuse(const std::string& why);
  void settle(Zone zone);

  const Settings& m_settings;
  std::string m_host;
  bool m_settled;             ///< m_named is final
  Zone m_named = Zone::open;  ///< the zone that the request names, once it is settled
  std::optional<job::Failure> m_refusal;
};

}  // namespace concd::engine
