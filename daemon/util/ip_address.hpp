#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace concd {

/// An IPv4 or IPv6 address. An IPv4 address is the same as the IPv6 address that it is mapped to (RFC 4291
/// §2.5.5.2) or translated to by NAT64 (RFC 6052 §2.1), so that no other way of writing it gets past a rule.
class IpAddress {
 public:
  /// Nothing when the family is neither AF_INET nor AF_INET6.
  [[nodiscard]] static std::optional<IpAddress> of(const sockaddr& address);
  /// inet_pton(3), IPv6 also in brackets and with a zone, which is left out. Nothing for anything else.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] std::string text() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  /// 16 bytes in network order.
  explicit IpAddress(const void* bytes);

  std::array<std::uint8_t, 16> m_bytes{};
};

/// The addresses that begin with the same bits.
class IpNetwork {
 public:
  /// "ADDRESS/BITS", or an address alone. Nothing for anything else.
  [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  IpNetwork(IpAddress address, unsigned bits) : m_address(address), m_bits(bits) {}

  IpAddress m_address;
  unsigned m_bits;  ///< 0 to 128
};

}  // namespace concd
