#include "support/catch.hpp"
#include "wire.hpp"

using namespace concd;
using namespace concd::control;
using nlohmann::json;

namespace {

const auto k_status = protocol::encode_frame(R"({"method":"io.concd.Status"})");

std::string error_of(const json& message) {
  return message.is_object() ? message.value("error", "none") : "hung up";
}

}  // namespace

TEST_CASE("a call may arrive byte by byte, and several in one piece") {
  Wire wire;
  Caller caller(wire);
  for (const char byte : k_status) {
    caller.send({&byte, 1});
    wire.settle();
  }
  CHECK(caller.receive()["parameters"]["active"] == 3);
  caller.send(k_status + k_status + k_status);
  for (int i = 0; i < 3; ++i) CHECK(caller.receive()["parameters"]["active"] == 3);
}

TEST_CASE("the next call of a connection waits for the one before it, others do not") {
  Wire wire;
  for (int id = 1; id <= 3; ++id) wire.backend.add(id, job::State::queued);
  wire.backend.hold = true;
  Caller first(wire), second(wire);
  first.call("io.concd.Get", {{"id", 1}});
  first.call("io.concd.Get", {{"id", 2}});
  wire.settle();
  second.call("io.concd.Get", {{"id", 3}});
  wire.settle();
  CHECK(wire.backend.calls == std::vector<std::string>{"get 1", "get 3"});
  wire.backend.answer_one();
  CHECK(first.receive()["parameters"]["job"]["id"] == 1);
  wire.until([&] { return wire.backend.calls.size() == 3; });
  CHECK(wire.backend.calls.back() == "get 2");
}

TEST_CASE("many pipelined calls are all answered in order, whoever takes turns in between") {
  Wire wire;
  for (int id = 1; id <= 500; ++id) wire.backend.add(id, job::State::queued);
  Caller caller(wire);
  for (int id = 1; id <= 500; ++id) caller.call("io.concd.Get", {{"id", id}});
  for (int id = 1; id <= 500; ++id) CHECK(caller.receive()["parameters"]["job"]["id"] == id);
}

TEST_CASE("a oneway call is carried out and not answered, not even with an error") {
  Wire wire;
  Caller caller(wire);
  caller.call("io.concd.Download", {{"source", "a"}}, "oneway");
  caller.call("io.concd.Get", {{"id", "x"}}, "oneway");
  caller.call("io.concd.Nonsense", {}, "oneway");
  caller.call("io.concd.Status");
  CHECK(caller.receive()["parameters"].contains("pid"));
  CHECK(wire.backend.calls == std::vector<std::string>{"download 1"});
}

TEST_CASE("what is JSON but no good call is refused, and the connection goes on") {
  Wire wire;
  Caller caller(wire);
  const auto refused = [&](const char* text) {
    caller.send(protocol::encode_frame(text));
    const auto message = caller.receive();
    CHECK(error_of(message) == "org.varlink.service.InvalidParameter");
    return message["parameters"]["parameter"].get<std::string>();
  };
  CHECK(refused("{}") == "method");
  CHECK(refused(R"({"method":5})") == "method");
  CHECK(refused(R"({"method":"Status"})") == "method");
  CHECK(refused(R"({"method":"io.concd.Status","more":1})") == "more");
  CHECK(refused(R"({"method":"io.concd.Get","parameters":[]})") == "parameters");
  CHECK(refused(R"({"method":"io.concd.Get","parameters":{"id":"1"}})") == "id");
  CHECK(refused(R"({"method":"io.concd.Status","parameters":{"x":1}})") == "x");
  CHECK(error_of(caller.ask("io.concd.Fly")) == "org.varlink.service.MethodNotFound");
  CHECK(error_of(caller.ask("org.nowhere.Fly")) == "org.varlink.service.InterfaceNotFound");
  caller.call("io.concd.Status", {}, "upgrade");
  CHECK(error_of(caller.receive()) == "org.varlink.service.MethodNotImplemented");
  CHECK(error_of(caller.ask("io.concd.Status")) == "none");
}

TEST_CASE("what is not JSON ends its connection with an error, and no other connection") {
  Wire wire;
  Caller other(wire);
  for (const auto& garbage :
       {std::string("nonsense"), std::string(), std::string("[]"), std::string("\xff\xfe"),
        std::string(1 << 20, '['), std::string(1 << 20, '{')}) {
    Caller caller(wire);
    caller.send(protocol::encode_frame(garbage) + k_status);
    CHECK(error_of(caller.receive()) == "org.varlink.service.InvalidParameter");
    CHECK(error_of(caller.receive()) == "hung up");
  }
  CHECK(error_of(other.ask("io.concd.Status")) == "none");
}

TEST_CASE("an overlong frame ends its connection once the calls before it are answered") {
  Wire wire;
  Caller caller(wire), other(wire);
  caller.send(k_status + std::string((1 << 20) + 1, 'x'));
  CHECK(error_of(caller.receive()) == "none");
  CHECK(error_of(caller.receive()) == "hung up");
  CHECK(error_of(other.ask("io.concd.Status")) == "none");
}

TEST_CASE("the longest frame is taken") {
  Wire wire;
  Caller caller(wire);
  std::string call = R"({"method":"io.concd.Status","ignored":")";
  call += std::string(protocol::k_frame_limit - call.size() - 2, 'x') + "\"}";
  caller.send(protocol::encode_frame(call));
  CHECK(error_of(caller.receive()) == "none");
}

TEST_CASE("who has said all and only listens gets the answers, then the end") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  wire.backend.hold = true;
  Caller caller(wire);
  caller.call("io.concd.Get", {{"id", 1}});
  caller.call("io.concd.Get", {{"id", 1}});
  caller.half_close();
  for (int i = 0; i < 2; ++i) {
    wire.until([&] { return wire.backend.held() == 1; });
    wire.backend.answer_one();
    CHECK(error_of(caller.receive()) == "none");
  }
  CHECK(error_of(caller.receive()) == "hung up");
  CHECK(wire.server->sessions() == 0);
}

TEST_CASE("what was sent before a hang-up is carried out, in order") {
  Wire wire;
  wire.backend.hold = true;
  Caller caller(wire);
  for (int i = 1; i <= 100; ++i) caller.call("io.concd.Cancel", {{"id", i}}, "oneway");
  caller.hang_up();
  for (int i = 0; i < 100; ++i) {
    wire.until([&] { return wire.backend.held() == 1; });
    wire.settle();
    CHECK(wire.backend.calls.size() == static_cast<std::size_t>(i) + 1);
    wire.backend.answer_one();
  }
  wire.until([&] { return wire.server->sessions() == 0; });
}

TEST_CASE("what only reads is left out once its caller has hung up, however much of it was sent") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  Caller caller(wire);
  for (int i = 0; i < 100; ++i) caller.call("io.concd.Get", {{"id", 1}});
  caller.call("io.concd.Cancel", {{"id", 1}});
  caller.hang_up();
  wire.settle();
  CHECK(wire.server->sessions() == 0);
  CHECK(wire.backend.calls == std::vector<std::string>{"cancel 1"});
}

TEST_CASE("a hang-up while the answer is on its way costs nothing, and does not keep the loop busy") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  wire.backend.hold = true;
  Caller caller(wire);
  caller.call("io.concd.Get", {{"id", 1}});
  wire.until([&] { return wire.backend.held() == 1; });
  caller.hang_up();
  wire.settle();
  CHECK(wire.server->sessions() == 1);
  wire.backend.answer_one();
  wire.until([&] { return wire.server->sessions() == 0; });
}

TEST_CASE("a call that only watches ends with its caller, whenever that hangs up") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  const auto method = GENERATE(as<std::string>(), "io.concd.Monitor", "io.concd.Wait", "io.concd.Download");
  const auto flag = GENERATE(as<std::string>(), "more", "");
  const bool before_it_is_read = GENERATE(true, false);
  const json parameters = method == "io.concd.Wait"       ? json{{"ids", {1}}}
                          : method == "io.concd.Download" ? json{{"source", "a"}}
                                                          : json::object();
  Caller caller(wire);
  caller.call(method, parameters, flag);
  if (!before_it_is_read) wire.settle();
  caller.hang_up();
  wire.settle();
  CHECK(wire.server->sessions() == 0);
}

TEST_CASE("an answer that comes after the server is gone goes nowhere") {
  Wire wire;
  wire.backend.add(1, job::State::queued);
  wire.backend.hold = true;
  Caller caller(wire), waiter(wire);
  caller.call("io.concd.Get", {{"id", 1}});
  waiter.call("io.concd.Wait", {{"ids", {1}}}, "more");
  wire.until([&] { return wire.backend.held() == 2; });
  wire.server.reset();
  wire.backend.answer_one();
  wire.backend.answer_one();
  CHECK(error_of(caller.receive()) == "hung up");
}

TEST_CASE("what is answered in the last turn of the loop is sent by a flush, whoever has gone meanwhile") {
  Wire wire;
  wire.backend.hold = true;
  wire.backend.add(1, job::State::running);
  Caller monitor(wire), cancel(wire), oneway(wire), gone(wire), silent(wire);
  monitor.call("io.concd.Monitor", json::object(), "more");
  cancel.call("io.concd.Cancel", {{"id", 1}});
  oneway.call("io.concd.Pause", {{"id", 1}}, "oneway");
  gone.call("io.concd.Get", {{"id", 1}});
  wire.until([&] { return wire.backend.held() == 3 && wire.server->sessions() == 5; });
  gone.hang_up();
  wire.change(1, job::State::cancelled, job::JobEventKind::cancelled);
  while (wire.backend.held() > 0) wire.backend.answer_one();
  wire.server->flush();
  wire.server.reset();
  CHECK(monitor.receive()["parameters"]["event"] == "cancelled");
  CHECK(cancel.receive()["parameters"]["job"]["state"] == "cancelled");
  for (auto* caller : {&monitor, &cancel, &oneway, &silent}) CHECK(caller->receive() == nullptr);
}

TEST_CASE("the service describes itself") {
  Wire wire;
  Caller caller(wire);
  CHECK(caller.ask("org.varlink.service.GetInfo")["parameters"] ==
        json{{"vendor", "concd"},
             {"product", "concd"},
             {"version", CONCD_VERSION},
             {"url", "man:concd(8)"},
             {"interfaces", {"org.varlink.service", "io.concd"}}});
  const auto description = [&](const char* name) {
    return caller.ask("org.varlink.service.GetInterfaceDescription", {{"interface", name}});
  };
  CHECK(description("io.concd")["parameters"]["description"] == protocol::k_io_concd.description);
  CHECK(description("org.varlink.service")["parameters"]["description"] ==
        protocol::k_varlink_service.description);
  CHECK(error_of(description("org.nowhere")) == "org.varlink.service.InterfaceNotFound");
  CHECK(caller.ask("org.varlink.service.GetInterfaceDescription")["parameters"]["parameter"] == "interface");
}

TEST_CASE("every method of the interface has its handler") {
  Wire wire;
  const std::string text(protocol::k_io_concd.description);
  int methods = 0;
  for (auto at = text.find("\nmethod "); at != std::string::npos; at = text.find("\nmethod ", at + 1)) {
    const auto name = text.substr(at + 8, text.find('(', at) - at - 8);
    INFO(name);
    CHECK(wire.methods.find("io.concd." + name) != nullptr);
    ++methods;
  }
  CHECK(methods == 15);
}
