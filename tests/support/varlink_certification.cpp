// The server side of org.varlink.certification, on the very server, sessions and codec that concd has.
// Usage: varlink_certification SOCKET. Says "listening" on stdout; SIGTERM ends it.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

#include "control/call.hpp"
#include "control/server.hpp"
#include "event/signal.hpp"
#include "support/varlink_certification_text.hpp"
#include "util/errno_error.hpp"

namespace {

using concd::control::CallPtr;
using nlohmann::json;

/// One test: the parameters that the client must pass, besides its id, and what it gets for them.
struct Step {
  const char* method;
  json wants;
  json reply;
};

std::vector<Step> steps() {
  const json values{{"bool", false}, {"int", 2}, {"float", 3.141592653589793}, {"string", "a lot of string"}};
  const json map{{"foo", "Foo"}, {"bar", "Bar"}};
  const auto empty = json::object();
  const json set{{"one", empty}, {"two", empty}, {"three", empty}};
  const json array{"one", "two", "three"};
  const json foo{nullptr, {{"Foo", "foo"}, {"Bar", "bar"}}, nullptr, {{"one", "foo"}, {"two", "bar"}}};
  const json object{{"method", "org.varlink.certification.Test09"}, {"parameters", {{"map", map}}}};
  const json type{{"object", object},
                  {"enum", "two"},
                  {"struct", {{"first", 1}, {"second", "2"}}},
                  {"array", array},
                  {"dictionary", map},
                  {"stringset", set},
                  {"interface", {{"foo", foo}, {"anon", {{"foo", true}, {"bar", false}}}}}};
  auto replies = json::array();
  for (int i = 1; i <= 10; ++i) replies.push_back("Reply number " + std::to_string(i));
  return {{"Test01", empty, {{"bool", true}}},
          {"Test02", {{"bool", true}}, {{"int", 1}}},
          {"Test03", {{"int", 1}}, {{"float", 1.0}}},
          {"Test04", {{"float", 1.0}}, {{"string", "ping"}}},
          {"Test05", {{"string", "ping"}}, values},
          {"Test06", values, {{"struct", values}}},
          {"Test07", {{"struct", values}}, {{"map", map}}},
          {"Test08", {{"map", map}}, {{"set", set}}},
          {"Test09", {{"set", set}}, {{"mytype", type}}},
          {"Test10", {{"mytype", type}}, replies},
          {"Test11", {{"last_more_replies", replies}}, empty},
          {"End", empty, {{"all_ok", true}}}};
}

/// Null is the same as absent.
json without_nulls(const json& value) {
  if (!value.is_object()) return value;
  auto result = json::object();
  for (const auto& [name, member] : value.items())
    if (!member.is_null()) result[name] = without_nulls(member);
  return result;
}

bool same_type(const json& wanted, const json& got) {
  if (wanted.is_number_float()) return got.is_number();
  if (wanted.is_number_integer()) return got.is_number_integer();
  return wanted.type() == got.type();
}

/// The first parameter that is missing, unknown or of the wrong type; empty when there is none.
std::string invalid_parameter(const json& wanted, const json& got) {
  for (const auto& [name, value] : wanted.items())
    if (!got.contains(name) || !same_type(value, got[name])) return name;
  for (const auto& [name, value] : got.items())
    if (!wanted.contains(name)) return name;
  return {};
}

class Certification {
 public:
  void add_to(concd::control::MethodTable& methods) {
    methods.add(k_prefix + "Start", {[this](const CallPtr& call) { start(call); }});
    for (std::size_t i = 0; i < m_steps.size(); ++i)
      methods.add(k_prefix + m_steps[i].method, {[this, i](const CallPtr& call) { step(call, i); }});
  }

 private:
  struct Client {
    std::string id;
    std::size_t next = 0;  ///< the step that it must take
  };

  void start(const CallPtr& call) {
    if (m_clients.size() == k_max_clients) m_clients.pop_front();
    m_clients.push_back({std::to_string(m_random()) + "-" + std::to_string(m_random())});
    call->reply({{"client_id", m_clients.back().id}});
  }

  void step(const CallPtr& call, std::size_t index) {
    auto got = without_nulls(call->parameters());
    const auto id = got.find("client_id");
    if (id == got.end() || !id->is_string())
      return call->error(concd::protocol::invalid_parameter("client_id"));
    const auto client = std::ranges::find(m_clients, id->get<std::string>(), &Client::id);
    if (client == m_clients.end()) return call->error({k_prefix + "ClientIdError"});
    got.erase(id);
    if (const auto name = invalid_parameter(m_steps[index].wants, got); !name.empty())
      return call->error(concd::protocol::invalid_parameter(name));
    if (client->next != index || !as_wanted(*call, m_steps[index]) || got != m_steps[index].wants)
      return call->error(disappointment(*client, index, got));
    if (++client->next == m_steps.size()) m_clients.erase(client);
    reply(call, m_steps[index]);
  }

  [[nodiscard]] static bool as_wanted(const concd::control::Call& call, const Step& step) {
    const std::string_view method = step.method;
    return call.more() == (method == "Test10") && call.oneway() == (method == "Test11");
  }

  [[nodiscard]] concd::protocol::WireError disappointment(const Client& client, std::size_t index,
                                                          const json& got) const {
    const auto& wanted = m_steps[client.next];
    return {k_prefix + "CertificationError",
            {{"wants", {{"method", k_prefix + wanted.method}, {"parameters", wanted.wants}}},
             {"got", {{"method", k_prefix + m_steps[index].method}, {"parameters", got}}}}};
  }

  static void reply(const CallPtr& call, const Step& step) {
    if (!step.reply.is_array()) return call->reply(step.reply);
    for (std::size_t i = 0; i + 1 < step.reply.size(); ++i)
      call->reply_continues(concd::protocol::serialise(json{{"string", step.reply[i]}}));
    call->reply({{"string", step.reply.back()}});
  }

  static constexpr std::size_t k_max_clients = 100;
  const std::string k_prefix = "org.varlink.certification.";
  const std::vector<Step> m_steps = steps();
  std::deque<Client> m_clients;
  std::random_device m_random;
};

concd::UniqueFd listen_on(const char* path) {
  using concd::check_errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) throw concd::errno_error(path, ENAMETOOLONG);
  std::strcpy(address.sun_path, path);
  concd::UniqueFd socket(check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  check_errno(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), path);
  check_errno(::listen(socket.get(), SOMAXCONN), "listen");
  return socket;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  concd::control::MethodTable methods({"concd", "certification", CONCD_VERSION, "https://varlink.org"});
  methods.add_interface({"org.varlink.certification", k_certification_text});
  Certification certification;
  certification.add_to(methods);

  concd::event::Loop loop;
  const concd::event::Signal terminate(loop, SIGTERM, [&] { loop.exit(0); });
  const concd::SystemClock clock;
  const concd::control::Server server(loop, clock, listen_on(argv[1]), methods);
  std::puts("listening");
  std::fflush(stdout);
  return loop.run();
}
