#include "util/ip_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace concd {
namespace {

constexpr std::size_t k_ipv4_offset = 12;  // bytes of the prefix of a mapped address
constexpr unsigned k_ipv4_bits = 8 * k_ipv4_offset;
constexpr std::array<std::uint8_t, k_ipv4_offset> k_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, k_ipv4_offset> k_nat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

std::array<std::uint8_t, 16> mapped(const in_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(k_mapped, bytes.begin());
  std::memcpy(bytes.data() + k_ipv4_offset, &address, sizeof address);
  return bytes;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto* const end = text.data() + text.size();
  const auto [position, error] = std::from_chars(text.data(), end, bits);
  if (error != std::errc() || position != end || bits > most) return std::nullopt;
  return bits;
}

}  // namespace

IpAddress::IpAddress(const void* bytes) {
  std::memcpy(m_bytes.data(), bytes, m_bytes.size());
  if (std::equal(k_nat64.begin(), k_nat64.end(), m_bytes.begin()))
    std::ranges::copy(k_mapped, m_bytes.begin());
}

std::optional<IpAddress> IpAddress::of(const sockaddr& address) {
  if (address.sa_family == AF_INET)
    return IpAddress(mapped(reinterpret_cast<const sockaddr_in&>(address).sin_addr).data());
  if (address.sa_family == AF_INET6)
    return IpAddress(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string plain(text.substr(0, text.find('%')));
  in_addr ipv4{};
  if (::inet_pton(AF_INET, plain.c_str(), &ipv4) == 1 && plain == text) return IpAddress(mapped(ipv4).data());
  in6_addr ipv6{};
  if (::inet_pton(AF_INET6, plain.c_str(), &ipv6) == 1) return IpAddress(&ipv6);
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool ipv4 = std::equal(k_mapped.begin(), k_mapped.end(), m_bytes.begin());
  ::inet_ntop(ipv4 ? AF_INET : AF_INET6, m_bytes.data() + (ipv4 ? k_ipv4_offset : 0), text.data(),
              text.size());
  return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned before = text.find(':') == std::string_view::npos ? k_ipv4_bits : 0;
  if (slash == std::string_view::npos) return IpNetwork(*address, 128);
  const auto bits = parse_bits(text.substr(slash + 1), 128 - before);
  if (!bits) return std::nullopt;
  return IpNetwork(*address, before + *bits);
}

bool IpNetwork::contains(const IpAddress& address) const {
  const auto whole = m_bits / 8;
  const auto& mine = m_address.m_bytes;
  const auto& other = address.m_bytes;
  if (!std::equal(mine.begin(), mine.begin() + whole, other.begin())) return false;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> m_bits % 8);
  return m_bits % 8 == 0 || ((mine[whole] ^ other[whole]) & mask) == 0;
}

}  // namespace concd
