#include "engine/origin_guard.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;

namespace {

struct Fixture {
  Settings settings;
  bool met_public = false;
  std::optional<OriginGuard> made;

  OriginGuard& guard() { return made ? *made : made.emplace(settings, met_public); }
  bool admits(const std::string& host, const std::string& address) {
    guard().head_for(host);
    return guard().admits(IpAddress::parse(address).value());
  }
  bool connects(const std::string& host, const std::string& address) {
    const bool admitted = admits(host, address);
    if (admitted) guard().connected(IpAddress::parse(address).value());
    return admitted;
  }
  std::string why() { return guard().refusal()->message; }
};

}  // namespace

TEST_CASE("an address has a zone, however it is written") {
  for (const auto* const text :
       {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "fe80::1", "fd00:ec2::254",
        "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "2002:a9fe:a9fe::1"})
    CHECK(zone_of(IpAddress::parse(text).value()) == Zone::forbidden);
  for (const auto* const text :
       {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "2002:7f00:1::1"})
    CHECK(zone_of(IpAddress::parse(text).value()) == Zone::loopback);
  for (const auto* const text :
       {"10.0.0.1", "172.16.0.1", "192.168.255.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1",
        "64:ff9b:1::10.0.0.1", "2002:a00:1::1", "2002:808:808::1", "2001::1", "240.0.0.1"})
    CHECK(zone_of(IpAddress::parse(text).value()) == Zone::private_network);
  for (const auto* const text : {"1.1.1.1", "172.32.0.1", "2001:db8::1", "192.0.2.1", "::ffff:1.1.1.1"})
    CHECK(zone_of(IpAddress::parse(text).value()) == Zone::open);
}

TEST_CASE_METHOD(Fixture, "what the request names itself may be reached") {
  const auto* const address = GENERATE("127.0.0.1", "10.1.2.3", "8.8.8.8", "::1");
  CHECK(connects("host.example", address));
  CHECK(connects("host.example", address));
  CHECK(made->met_public() == (std::string(address) == "8.8.8.8"));
}

TEST_CASE_METHOD(Fixture,
                 "nobody gets to link-local and metadata addresses, whatever the configuration says") {
  settings.allowed_origins = {"*", "169.254.0.0/16", "169.254.169.254"};
  CHECK_FALSE(admits("169.254.169.254", "169.254.169.254"));
  CHECK_THAT(why(),
             ContainsSubstring("169.254.169.254 leads to 169.254.169.254, a link-local or cloud metadata"));
  CHECK(guard().refusal()->retry_class == job::RetryClass::mirror);
}

TEST_CASE_METHOD(Fixture, "nothing leads nearer to this machine than the request does") {
  SECTION("from the internet to a private network") {
    REQUIRE(connects("far.example", "8.8.8.8"));
    CHECK_FALSE(admits("near.example", "10.0.0.7"));
    CHECK(why() ==
          "near.example leads to 10.0.0.7, an address of a private network, which the request does not name; "
          "origins.allow of the configuration can allow it");
    CHECK(admits("far.example", "9.9.9.9"));
  }
  SECTION("by a later answer for the same name") {
    REQUIRE(connects("far.example", "8.8.8.8"));
    CHECK_FALSE(admits("far.example", "127.0.0.1"));
  }
  SECTION("by an answer for a later attempt") {
    met_public = true;
    CHECK_FALSE(admits("far.example", "::ffff:127.0.0.1"));
  }
  SECTION("from a private network to this machine") {
    REQUIRE(connects("near.example", "192.168.1.1"));
    CHECK(admits("other.example", "10.0.0.7"));
    CHECK(admits("far.example", "8.8.8.8"));
    CHECK_FALSE(admits("localhost", "127.0.0.1"));
    CHECK_FALSE(made->met_public());
  }
}

TEST_CASE_METHOD(Fixture, "of the addresses of the first answer the one that was connected to is named") {
  CHECK(admits("dual.example", "2001:db8::1"));
  SECTION("a private one") {
    CHECK(connects("dual.example", "192.168.1.1"));
    CHECK_FALSE(admits("dual.example", "127.0.0.1"));
  }
  SECTION("a public one, though one of this machine was tried before") {
    CHECK(admits("dual.example", "127.0.0.1"));
    CHECK(connects("dual.example", "8.8.8.8"));
    CHECK_FALSE(admits("dual.example", "127.0.0.1"));
    CHECK_FALSE(admits("dual.example", "10.0.0.1"));
    CHECK(made->met_public());
  }
}

TEST_CASE_METHOD(Fixture, "the configuration allows and denies") {
  settings.allowed_origins = {"10.0.0.0/8", "mirror.example"};
  settings.denied_origins = {"10.0.0.0/8", "192.0.2.0/24", "evil.example"};
  REQUIRE(connects("far.example", "8.8.8.8"));
  CHECK(admits("near.example", "10.0.0.7"));
  CHECK(admits("mirror.example", "192.168.0.1"));
  CHECK_FALSE(admits("near.example", "192.168.0.1"));
  CHECK_FALSE(admits("other.example", "192.0.2.9"));
  CHECK(why() == "other.example leads to 192.0.2.9, which origins.deny of the configuration denies");
  CHECK_FALSE(admits("www.evil.example", "8.8.4.4"));
}

TEST_CASE_METHOD(Fixture, "a list of what is allowed makes everything else denied") {
  settings.allowed_origins = {"good.example"};
  settings.denied_origins = {"*"};
  CHECK(connects("www.good.example", "8.8.8.8"));
  CHECK_FALSE(admits("other.example", "9.9.9.9"));
}

TEST_CASE_METHOD(Fixture, "behind a proxy a host is judged by its name, or by the address that it is") {
  settings.denied_origins = {"evil.example"};
  guard().head_for("evil.example");
  CHECK_FALSE(guard().admits_host());
  CHECK(why() == "evil.example is denied by origins.deny of the configuration");
  guard().head_for("far.example");
  CHECK(guard().admits_host());
  guard().answered();
  guard().head_for("169.254.169.254");
  CHECK_FALSE(guard().admits_host());
  guard().head_for("[::1]");
  CHECK_FALSE(guard().admits_host());
}
