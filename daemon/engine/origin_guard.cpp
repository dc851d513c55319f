#include "engine/origin_guard.hpp"

#include <algorithm>
#include <utility>

#include "util/host_rule.hpp"

namespace concd::engine {

OriginGuard::OriginGuard(const Settings& settings, bool met_public)
    : m_settings(settings), m_settled(met_public) {}

bool OriginGuard::listed(const std::vector<std::string>& rules,
                         const std::optional<IpAddress>& address) const {
  return std::ranges::any_of(rules, [&](const std::string& rule) {
    if (const auto network = IpNetwork::parse(rule)) return address && network->contains(*address);
    return host_matches(m_host, rule);
  });
}

bool OriginGuard::refuse(const std::string& why) {
  m_refusal = job::Failure{job::FailureKind::other, job::RetryClass::mirror, why};
  return false;
}

bool OriginGuard::admits(const IpAddress& address) {
  const auto zone = zone_of(address);
  const auto leads = m_host + " leads to " + address.text();
  if (zone == Zone::forbidden)
    return refuse(leads + ", " + std::string(description_of(zone)) + ", from which nothing is ever fetched");
  const bool allowed = listed(m_settings.allowed_origins, address);
  if (!allowed && listed(m_settings.denied_origins, address))
    return refuse(leads + ", which origins.deny of the configuration denies");
  if (allowed || !m_settled || zone <= m_named) return true;
  return refuse(leads + ", " + std::string(description_of(zone)) +
                ", which the request does not name; origins.allow of the configuration can allow it");
}

bool OriginGuard::admits_host() {
  if (const auto address = IpAddress::parse(m_host)) return admits(*address);
  if (listed(m_settings.allowed_origins, {}) || !listed(m_settings.denied_origins, {})) return true;
  return refuse(m_host + " is denied by origins.deny of the configuration");
}

void OriginGuard::connected(const IpAddress& address) {
  settle(zone_of(address));
}

void OriginGuard::answered() {
  const auto address = IpAddress::parse(m_host);
  settle(address ? zone_of(*address) : Zone::open);
}

void OriginGuard::settle(Zone zone) {
  if (!std::exchange(m_settled, true)) m_named = zone;
  m_refusal.reset();
}

}  // namespace concd::engine
