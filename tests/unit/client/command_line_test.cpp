#include "client/command_line.hpp"

#include <cstdlib>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::client;
using namespace std::chrono_literals;

namespace {

tl::expected<Arguments, Leave> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "concctl");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

void check_refused(const std::vector<const char*>& words, const std::string& part) {
  const auto parsed = parse(words);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == 2);
  CHECK_THAT(parsed.error().text, ContainsSubstring(part));
}

}  // namespace

TEST_CASE("a download takes sources and options in any order") {
  const auto parsed = parse({"--json", "download", "https://h/a", "-o", "x", "--executor", "process",
                             "--digest", "md5:d41d8cd98f00b204e9800998ecf8427e", "--timeout", "1min 30s",
                             "--force", "--cancel-on-interrupt", "-q", "--socket", "/s"});
  REQUIRE(parsed);
  CHECK(parsed->verb == "download");
  CHECK(parsed->sources == std::vector<std::string>{"https://h/a"});
  CHECK(parsed->output == "x");
  CHECK(parsed->executor == job::ExecutorKind::process);
  CHECK(parsed->digest->algorithm == "md5");
  CHECK(parsed->timeout == 90s);
  CHECK((parsed->json && parsed->force && parsed->quiet && parsed->cancel_on_interrupt));
  CHECK_FALSE(parsed->no_block);
  CHECK(parsed->socket == "/s");
}

TEST_CASE("a URL may have mirrors") {
  const auto parsed =
      parse({"download", "--mirror", "https://a/f", "https://h/f", "--mirror", "https://b/f"});
  REQUIRE(parsed);
  CHECK(parsed->sources == std::vector<std::string>{"https://h/f"});
  CHECK(parsed->mirrors == std::vector<std::string>{"https://a/f", "https://b/f"});
}

TEST_CASE("what is not given is at its default") {
  ::unsetenv("CONCD_SOCKET");
  const auto parsed = parse({"download", "a", "b", "--no-block"});
  REQUIRE(parsed);
  CHECK(parsed->sources.size() == 2);
  CHECK(parsed->no_block);
  CHECK_FALSE((parsed->output || parsed->digest || parsed->timeout));
  CHECK(parsed->executor == job::ExecutorKind::automatic);
  CHECK(parsed->socket == "/run/concd/concd.sock");
}

TEST_CASE("the socket is that of the environment unless given") {
  ::setenv("CONCD_SOCKET", "/e", 1);
  CHECK(parse({"status"})->socket == "/e");
  CHECK(parse({"status", "--socket", "/s"})->socket == "/s");
  ::unsetenv("CONCD_SOCKET");
}

TEST_CASE("jobs are given by number, each counts once") {
  CHECK(parse({"wait", "5", "3", "5"})->ids == std::vector<job::Id>{5, 3});
  for (const auto* word : {"x", "0", "-1", "1x", "", "99999999999999999999"})
    CHECK_FALSE(parse({"wait", "--", word}));
  check_refused({"show", "seven"}, "'seven' is not the number of a job");
}

TEST_CASE("a priority is an option of download and the first argument of the verb") {
  CHECK(parse({"download", "a"})->priority == job::Priority::normal);
  CHECK(parse({"download", "a", "--priority", "low"})->priority == job::Priority::low);
  const auto parsed = parse({"priority", "foreground", "7", "8"});
  REQUIRE(parsed);
  CHECK(parsed->priority == job::Priority::foreground);
  CHECK(parsed->ids == std::vector<job::Id>{7, 8});
}

TEST_CASE("a wrong command line names the argument and the way out") {
  check_refused({}, "a verb is missing");
  check_refused({"frobnicate"}, "there is no verb 'frobnicate' (see: concctl --help)");
  check_refused({"download"}, "download: an argument is missing (see: concctl download --help)");
  check_refused({"download", "a", "--frob"}, "unknown argument: --frob (see: concctl download --help)");
  check_refused({"download", "a", "--output"}, "--output takes one value");
  check_refused({"download", "a", "--executor", "coroutine"}, "'coroutine' is not auto, thread or process");
  check_refused({"download", "a", "--priority", "urgent"}, "give foreground, high, normal or low");
  check_refused({"priority", "urgent", "7"}, "'urgent' is not a priority");
  check_refused({"priority", "high"}, "priority: an argument is missing");
  check_refused({"download", "a", "--timeout", "soon"}, "write e.g. 90s");
  check_refused({"download", "http://h/x", "--digest", "sha256:12"}, "all of its hex digits");
  check_refused({"download", ""}, "a SOURCE is empty");
  check_refused({"list", "--force"}, "unknown argument: --force");
}

TEST_CASE("options that do not go together are refused") {
  constexpr auto* k_digest = "md5:d41d8cd98f00b204e9800998ecf8427e";
  check_refused({"download", "a", "b", "-o", "x"}, "--output is for exactly one file");
  check_refused({"wait", "1", "2", "-o", "x"}, "--output is for exactly one file");
  check_refused({"download", "NAME", "--digest", k_digest}, "--digest is for a URL");
  check_refused({"download", "NAME", "--mirror", "https://h/a"}, "--mirror is for exactly one URL");
  check_refused({"download", "https://h/a", "https://h/b", "--mirror", "https://h/c"},
                "--mirror is for exactly one URL");
  check_refused({"download", "https://h/a", "--mirror", "NAME"}, "'NAME' is not a URL");
  check_refused({"download", "http://h/a", "http://h/b", "--digest", k_digest}, "exactly one URL");
  check_refused({"download", "a", "--no-block", "--timeout", "1s"}, "--timeout is about waiting");
  check_refused({"download", "a", "--no-block", "--cancel-on-interrupt"}, "is about waiting");
}

TEST_CASE("help and version leave with 0, the help of a verb is its own") {
  CHECK(parse({"--version"}).error().text == "concctl " CONCD_VERSION "\n");
  CHECK(parse({"--version"}).error().code == 0);
  CHECK(parse({"--help"}).error().code == 0);
  CHECK_THAT(parse({"download", "--help"}).error().text, ContainsSubstring("--no-block"));
  CHECK_THAT(parse({"list", "--help"}).error().text, !ContainsSubstring("--no-block"));
}
