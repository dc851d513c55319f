#include "engine/host_connections.hpp"

#include <algorithm>
#include <utility>

namespace concd::engine {
namespace {

constexpr Microseconds k_memory = std::chrono::hours(1);
/// Hosts whose refusals are remembered; a redirect to ever new ones must not fill the memory.
constexpr std::size_t k_max_hosts = 1000;

}  // namespace

HostConnections::Seat::Seat(std::shared_ptr<HostConnections> hosts, std::string host)
    : m_hosts(std::move(hosts)), m_host(std::move(host)) {
  m_hosts->m_state.with([this](State& state) { ++state.hosts[m_host].transfers; });
}

HostConnections::Seat::~Seat() {
  m_hosts->m_state.with([this](State& state) {
    state.extra -= m_extra;
    const auto host = state.hosts.find(m_host);
    --host->second.transfers;
    const bool forget = !host->second.ceiling || state.hosts.size() > k_max_hosts;
    if (host->second.transfers == 0 && forget) state.hosts.erase(host);
  });
}

std::size_t HostConnections::Seat::ceiling(const Limits& limits, Microseconds now) const {
  return m_hosts->m_state.with([&](State& state) {
    auto& host = state.hosts.at(m_host);
    if (host.ceiling && now >= host.until) host.ceiling.reset();
    const auto most = std::min(limits.per_host, host.ceiling.value_or(limits.per_host));
    return std::max<std::size_t>(1, most / host.transfers);
  });
}

bool HostConnections::Seat::occupy(std::size_t connections, const Limits& limits) {
  const auto extra = std::max<std::size_t>(connections, 1) - 1;
  return m_hosts->m_state.with([&](State& state) {
    const auto others = state.extra - m_extra;
    if (extra > m_extra && others + extra > limits.total) return false;
    state.extra = others + extra;
    m_extra = extra;
    return true;
  });
}

void HostConnections::Seat::refused(std::size_t working, const Limits& limits, Microseconds now) {
  m_hosts->m_state.with([&](State& state) {
    auto& host = state.hosts.at(m_host);
    const auto half = host.ceiling.value_or(limits.per_host) / 2;
    host.ceiling = std::max<std::size_t>(1, std::min(half, working));
    host.until = now + k_memory;
  });
}

}  // namespace concd::engine
