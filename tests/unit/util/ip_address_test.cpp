#include "util/ip_address.hpp"

#include <netinet/in.h>

#include "support/catch.hpp"
#include "util/host_rule.hpp"

using namespace concd;

namespace {

IpAddress address(const std::string& text) {
  const auto parsed = IpAddress::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

bool contains(const std::string& network, const std::string& text) {
  const auto parsed = IpNetwork::parse(network);
  INFO(network);
  REQUIRE(parsed);
  return parsed->contains(address(text));
}

}  // namespace

TEST_CASE("an address is the same in every way of writing it") {
  for (const auto* const text :
       {"::ffff:10.1.2.3", "[::ffff:10.1.2.3]", "::ffff:a01:203", "64:ff9b::10.1.2.3"})
    CHECK(address(text) == address("10.1.2.3"));
  CHECK(address("10.1.2.3").text() == "10.1.2.3");
  CHECK(address("[FE80::1%eth0]") == address("fe80::1"));
  CHECK(address("FE80::1").text() == "fe80::1");
  for (const auto* const text :
       {"", "10.1.2", "10.1.2.3.4", "010.1.2.3", "10.1.2.3%eth0", "example.org", "[::1", ":"})
    CHECK_FALSE(IpAddress::parse(text));
}

TEST_CASE("an address is read from a socket's address") {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_addr.s_addr = htonl(0x0a010203);
  CHECK(IpAddress::of(reinterpret_cast<const sockaddr&>(ipv4)) == address("10.1.2.3"));
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  CHECK(IpAddress::of(reinterpret_cast<const sockaddr&>(ipv6)) == address("::1"));
  const sockaddr other{.sa_family = AF_UNIX, .sa_data = {}};
  CHECK_FALSE(IpAddress::of(other));
}

TEST_CASE("a network holds the addresses that begin like it") {
  CHECK(contains("10.0.0.0/8", "10.255.0.1"));
  CHECK(contains("10.0.0.0/8", "::ffff:10.255.0.1"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(contains("fe80::/10", "febf::1"));
  CHECK_FALSE(contains("fe80::/10", "fec0::1"));
  CHECK(contains("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(contains("192.0.2.7", "192.0.2.6"));
  CHECK(contains("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("::/0", "1.2.3.4"));
  for (const auto* const text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "x/8", "/8"})
    CHECK_FALSE(IpNetwork::parse(text));
}

TEST_CASE("a rule names a host and all below it") {
  for (const auto* const rule : {"example.org", ".example.org", "Example.ORG.", "*"}) {
    CHECK(host_matches("example.org", rule));
    CHECK(host_matches("WWW.example.org.", rule));
  }
  CHECK_FALSE(host_matches("badexample.org", "example.org"));
  CHECK_FALSE(host_matches("example.org", "www.example.org"));
  CHECK_FALSE(host_matches("example.org", ""));
  CHECK_FALSE(host_matches("example.org", "."));
  CHECK(host_matches("[::1]", "::1"));
  CHECK(host_matches("127.0.0.1", "[::ffff:127.0.0.1]"));
  CHECK_FALSE(host_matches("10.0.0.1", "0.0.1"));
}
