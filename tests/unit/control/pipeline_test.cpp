#include "control/pipeline.hpp"

#include "support/catch.hpp"
#include "wire.hpp"

using namespace concd;
using namespace concd::control;
using nlohmann::json;

namespace {

const auto k_download =
    protocol::encode_frame(R"({"method":"io.concd.Download","parameters":{"source":"a"}})");

std::string times(std::size_t count, const std::string& frame) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += frame;
  return bytes;
}

}  // namespace

TEST_CASE("Downloads that follow one another are begun together and answered in order") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  caller.send(times(5, k_download));
  wire.settle();
  REQUIRE(wire.backend.held() == 5);
  wire.backend.answer_one(4);
  wire.backend.answer_one(1);
  CHECK(caller.silent());
  wire.backend.answer_one(0);
  CHECK(caller.receive()["parameters"]["id"] == 1);
  CHECK(caller.receive()["parameters"]["id"] == 2);
  CHECK(caller.silent());
  wire.backend.answer_one(1);
  CHECK(caller.silent());
  wire.backend.answer_one(0);
  for (int id = 3; id <= 5; ++id) CHECK(caller.receive()["parameters"]["id"] == id);
}

TEST_CASE("any other call waits for those before it, and those after it wait for it") {
  Wire wire;
  wire.backend.hold = true;
  const auto method = GENERATE(as<std::string>(), "io.concd.Get", "io.concd.Download");
  const bool streams = method == "io.concd.Download";
  Caller caller(wire);
  caller.send(times(2, k_download));
  caller.call(method, streams ? json{{"source", "present"}} : json{{"id", 1}}, streams ? "more" : "");
  caller.send(times(2, k_download));
  wire.settle();
  REQUIRE(wire.backend.held() == 2);
  wire.backend.answer_one(1);
  wire.settle();
  REQUIRE(wire.backend.held() == 1);
  wire.backend.answer_one();
  wire.settle();
  REQUIRE(wire.backend.held() == 1);
  CHECK(wire.backend.calls.size() == 3);
  wire.backend.answer_one();
  wire.settle();
  CHECK(wire.backend.held() == 2);
}

TEST_CASE("a Download that is refused has its error in its place") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  caller.send(k_download);
  caller.call("io.concd.Download", {{"sauce", "a"}});
  caller.send(k_download);
  wire.settle();
  CHECK(caller.silent());
  wire.backend.answer_one(1);
  wire.backend.answer_one(0);
  CHECK(caller.receive()["parameters"]["id"] == 1);
  CHECK(caller.receive()["parameters"]["parameter"] == "source");
  CHECK(caller.receive()["parameters"]["id"] == 2);
}

TEST_CASE("what is not a call ends the connection once the Downloads before it are answered") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  const bool overlong = GENERATE(true, false);
  caller.send(k_download + (overlong ? std::string((1 << 20) + 1, 'x') : protocol::encode_frame("nonsense")));
  wire.settle();
  REQUIRE(wire.server->sessions() == 1);
  wire.backend.answer_one();
  CHECK(caller.receive()["parameters"]["id"] == 1);
  if (!overlong) CHECK(caller.receive()["error"] == "org.varlink.service.InvalidParameter");
  CHECK(caller.receive().is_null());
}

TEST_CASE("Downloads in flight are bounded, and those beyond are begun as others are answered") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  caller.send(times(k_max_overlapping + 3, k_download));
  wire.settle();
  REQUIRE(wire.backend.held() == k_max_overlapping);
  wire.backend.answer_one();
  wire.settle();
  CHECK(wire.backend.held() == k_max_overlapping);
  while (wire.backend.held() > 0) {
    wire.backend.answer_one();
    wire.settle();
  }
  for (std::size_t id = 1; id <= k_max_overlapping + 3; ++id)
    REQUIRE(caller.receive()["parameters"]["id"] == id);
}

TEST_CASE("large Downloads in flight are bounded by their bytes") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  const json call{{"method", "io.concd.Download"}, {"parameters", {{"source", std::string(8000, 'x')}}}};
  caller.send(times(80, protocol::encode_frame(call.dump())));
  wire.settle();
  CHECK(wire.backend.held() * 8000 <= k_max_overlapping_size + 8000);
  CHECK(wire.backend.held() > 1);
}

TEST_CASE("Downloads that were sent before a hang-up are all carried out") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  caller.send(times(500, k_download));
  caller.hang_up();
  wire.until([&] { return wire.backend.held() == 500; });
  wire.settle();
  while (wire.backend.held() > 0) wire.backend.answer_one();
  wire.until([&] { return wire.server->sessions() == 0; });
  CHECK(wire.backend.calls.size() == 500);
}

TEST_CASE("a session with many Downloads lets others have their turn") {
  Wire wire;
  Caller many(wire), other(wire);
  many.send(times(1000, k_download));
  CHECK(other.ask("io.concd.Status")["parameters"]["active"] == 3);
  CHECK(wire.backend.calls.size() < 1000);
  for (int id = 1; id <= 1000; ++id) REQUIRE(many.receive()["parameters"]["id"] == id);
}
