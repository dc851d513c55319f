#include "worker/process/settings.hpp"

#include "support/catch.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

engine::Settings example() {
  engine::Settings settings;
  settings.connect_timeout = Microseconds(1);
  settings.stall_timeout = Microseconds(2);
  settings.min_rate = 5;
  settings.min_rate_time = Microseconds(6);
  settings.first_byte_timeout = Microseconds(7);
  settings.min_free = 8;
  settings.allowed_origins = {"10.0.0.0/8"};
  settings.denied_origins = {"example.org"};
  settings.max_redirects = 3;
  settings.connections = 9;
  settings.connections_total = 10;
  settings.max_size = 4;
  settings.schemes = {"https"};
  settings.file_roots = {"/srv", "/not utf-8 \xFF"};
  settings.proxy = "http://proxy:3128";
  settings.no_proxy = {"localhost", ".lan"};
  settings.ca_file = "/etc/ca.pem";
  settings.user_agent = "test";
  return settings;
}

}  // namespace

TEST_CASE("the settings of transfers reach the worker whole") {
  const auto settings = example();
  const auto read = decode_settings(encode_settings(settings));
  REQUIRE(read);
  CHECK(read->connect_timeout == settings.connect_timeout);
  CHECK(read->stall_timeout == settings.stall_timeout);
  CHECK(read->min_rate == settings.min_rate);
  CHECK(read->min_rate_time == settings.min_rate_time);
  CHECK(read->first_byte_timeout == settings.first_byte_timeout);
  CHECK(read->min_free == settings.min_free);
  CHECK(read->allowed_origins == settings.allowed_origins);
  CHECK(read->denied_origins == settings.denied_origins);
  CHECK(read->max_redirects == settings.max_redirects);
  CHECK(read->connections == settings.connections);
  CHECK(read->connections_total == settings.connections_total);
  CHECK(read->max_size == settings.max_size);
  CHECK(read->schemes == settings.schemes);
  CHECK(read->file_roots == settings.file_roots);
  CHECK(read->proxy == settings.proxy);
  CHECK(read->no_proxy == settings.no_proxy);
  CHECK(read->ca_file == settings.ca_file);
  CHECK(read->user_agent == settings.user_agent);
}

TEST_CASE("the settings are written in one fixed form") {
  CHECK(
      encode_settings(example()) ==
      "{\"allowed_origins\":[\"10.0.0.0/8\"],\"ca_file\":\"/etc/"
      "ca.pem\",\"connect_timeout\":1,\"connections\":9,\"connections_total\":10,\"denied_origins\":["
      "\"example.org\"],\"file_roots\":[\"/srv\",\"/not "
      "utf-8 \xC3\xBF\"],"
      "\"first_byte_timeout\":7,\"max_redirects\":3,\"max_size\":4,\"min_free\":8,\"min_rate\":5,\"min_rate_"
      "time\":6,\"no_proxy\":[\"localhost\",\"."
      "lan\"],"
      "\"proxy\":\"http://proxy:3128\",\"schemes\":[\"https\"],\"stall_timeout\":2,\"user_agent\":\"test\"}");
}

TEST_CASE("settings that cannot be read are refused") {
  CHECK(decode_settings("").error() == "the settings are not JSON");
  CHECK(decode_settings("[]").error() == "settings is not an object");
  CHECK(decode_settings("{}").error() == "settings.connect_timeout is missing");
}
