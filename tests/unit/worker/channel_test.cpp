#include "worker/channel.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>

#include "files.hpp"
#include "support/catch.hpp"
#include "util/errno_error.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

/// Both ends on one loop, which ends when the receiver has heard enough.
struct Pair {
  explicit Pair(Descriptors incoming) : Pair(incoming, make_sockets()) {}

  static std::array<UniqueFd, 2> make_sockets() {
    std::array<int, 2> pair{};
    check_errno(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()),
                "socketpair");
    return {UniqueFd(pair[0]), UniqueFd(pair[1])};
  }

  event::Loop loop;
  std::vector<std::string> texts;
  std::vector<std::size_t> counts;  ///< of the descriptors that came with each
  std::vector<UniqueFd> descriptors;
  std::string offence = "none";
  std::size_t expected = 1;
  Channel sender;
  Channel receiver;

 private:
  Pair(Descriptors incoming, std::array<UniqueFd, 2> sockets)
      : sender(
            loop, std::move(sockets[0]), Descriptors::refused,
            [](const std::string&, const std::vector<UniqueFd>&) {}, [](const std::string&) {}),
        receiver(
            loop, std::move(sockets[1]), incoming,
            [this](std::string text, std::vector<UniqueFd> received) {
              texts.push_back(std::move(text));
              counts.push_back(received.size());
              for (auto& fd : received) descriptors.push_back(std::move(fd));
              if (texts.size() == expected) loop.exit(0);
            },
            [this](const std::string& said) {
              offence = said;
              loop.exit(0);
            }) {}
};

}  // namespace

TEST_CASE("descriptors arrive with their frame, in order and closed on exec") {
  Pair pair(Descriptors::accepted);
  pair.expected = 2;
  const auto one = unnamed_file("one");
  const auto two = unnamed_file("two");
  // Longer than one read and one buffer of the socket: only its first bytes carry the descriptors.
  const std::string text(500'000, 't');
  pair.sender.send(text, {one->get(), two->get()});
  pair.sender.send("next");
  pair.loop.run();
  REQUIRE(pair.texts == std::vector<std::string>{text, "next"});
  REQUIRE(pair.counts == std::vector<std::size_t>{2, 0});
  CHECK((::fcntl(pair.descriptors[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(content_of(std::make_shared<const UniqueFd>(std::move(pair.descriptors[0]))) == "one");
  CHECK(content_of(std::make_shared<const UniqueFd>(std::move(pair.descriptors[1]))) == "two");
}

TEST_CASE("the end that takes no descriptors ends when one comes") {
  Pair pair(Descriptors::refused);
  pair.sender.send("text", {unnamed_file()->get()});
  pair.loop.run();
  CHECK(pair.offence == "sent descriptors that nobody asked for");
  CHECK(pair.texts.empty());
}

TEST_CASE("a descriptor that cannot be passed on is told to who sends it") {
  Pair pair(Descriptors::accepted);
  CHECK_THROWS_AS(pair.sender.send("text", {9999}), std::system_error);
}

TEST_CASE("descriptors for a peer that is gone are dropped") {
  Pair pair(Descriptors::accepted);
  pair.receiver.close();
  CHECK_NOTHROW(pair.sender.send("text", {unnamed_file()->get()}));
}
