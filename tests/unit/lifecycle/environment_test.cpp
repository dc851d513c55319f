#include "lifecycle/environment.hpp"

#include <cstdlib>
#include <string>

#include "support/catch.hpp"

TEST_CASE("nothing of the starter's environment reaches the daemon but the manager's socket") {
  for (const auto* name : {"http_proxy", "ALL_PROXY", "CURL_HOME", "TMPDIR", "SSL_CERT_FILE", "LD_PRELOAD"})
    ::setenv(name, "x", 1);
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  concd::lifecycle::clean_environment();
  for (const auto* name : {"http_proxy", "ALL_PROXY", "CURL_HOME", "TMPDIR", "SSL_CERT_FILE", "LD_PRELOAD"})
    CHECK(std::getenv(name) == nullptr);
  CHECK(std::string(std::getenv("NOTIFY_SOCKET")) == "/run/notify");
  ::unsetenv("NOTIFY_SOCKET");
}
