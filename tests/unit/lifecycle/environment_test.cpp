#include "lifecycle/environment.hpp"

#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "util/crash_point.hpp"

TEST_CASE("nothing of the starter's environment reaches the daemon but the manager's socket") {
  for (const auto* name : {"http_proxy", "ALL_PROXY", "CURL_HOME", "TMPDIR", "SSL_CERT_FILE"})
    ::setenv(name, "x", 1);
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  concd::lifecycle::clean_environment();
  for (const auto* name : {"http_proxy", "ALL_PROXY", "CURL_HOME", "TMPDIR", "SSL_CERT_FILE"})
    CHECK(std::getenv(name) == nullptr);
  // What only a test build lets through, for tests/chaos, is nothing elsewhere.
  ::setenv("LD_PRELOAD", "x", 1);
  concd::lifecycle::clean_environment();
  const bool test_build = !concd::k_test_variables.empty();
  CHECK((std::getenv("LD_PRELOAD") != nullptr) == test_build);
  ::unsetenv("LD_PRELOAD");
  CHECK(std::string(std::getenv("NOTIFY_SOCKET")) == "/run/notify");
  ::unsetenv("NOTIFY_SOCKET");
}
