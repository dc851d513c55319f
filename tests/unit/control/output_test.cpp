#include "control/output.hpp"

#include <array>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::control;

namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
    here.reset(ends[0]);
    there.reset(ends[1]);
  }

  /// Takes what is there; says how many bytes that was, and between which the descriptor came.
  std::size_t receive() {
    std::vector<char> bytes(1 << 20);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto count = ::recvmsg(there.get(), &message, MSG_CMSG_CLOEXEC);
    if (const auto* header = CMSG_FIRSTHDR(&message); count > 0 && header != nullptr) {
      received.emplace_back(*reinterpret_cast<const int*>(CMSG_DATA(header)));
      before_descriptor = total;
      after_descriptor = total + static_cast<std::size_t>(count);
    }
    total += count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  UniqueFd here, there;
  std::vector<UniqueFd> received;
  std::size_t total = 0, before_descriptor = 0, after_descriptor = 0;
};

std::vector<UniqueFd> one_descriptor() {
  std::vector<UniqueFd> result;
  result.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return result;
}

}  // namespace

TEST_CASE("a descriptor goes once, with the first of its bytes, however many pieces they go in") {
  Pair pair;
  Output output;
  output.push("before", {});
  output.push(std::string(2 << 20, 'x'), one_descriptor());
  CHECK(output.holds_descriptors());
  CHECK(output.flush(pair.here.get()) == Output::Flushed::some);
  CHECK_FALSE(output.holds_descriptors());
  while (!output.empty()) {
    REQUIRE(pair.receive() > 0);
    REQUIRE(output.flush(pair.here.get()) != Output::Flushed::failed);
  }
  while (pair.receive() > 0) continue;
  CHECK(pair.total == 6 + (2 << 20));
  CHECK(pair.received.size() == 1);
  CHECK(pair.before_descriptor <= 6);
  CHECK(pair.after_descriptor > 6);
}

TEST_CASE("a peer that is gone, and a socket that cannot send, are told apart") {
  Pair pair;
  Output output;
  output.push("x", {});
  pair.there.reset();
  CHECK(output.flush(pair.here.get()) == Output::Flushed::unread);
  CHECK(output.flush(-1) == Output::Flushed::failed);
  output.clear();
  CHECK(output.empty());
  CHECK(output.flush(-1) == Output::Flushed::all);
}
