#include "worker/process/no_network.hpp"

#include <array>
#include <cerrno>
#include <functional>

#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "in_child.hpp"
#include "support/catch.hpp"

using namespace concd::worker;

namespace {

bool is_refused(long result) {
  return result == -1 && errno == EPERM;
}

}  // namespace

TEST_CASE("a process that gave up the network cannot make a socket") {
  const auto domain = GENERATE(AF_INET, AF_INET6, AF_UNIX, AF_NETLINK);
  CHECK(exit_code_of([&] {
          const int before = ::socket(AF_UNIX, SOCK_STREAM, 0);
          refuse_network();
          return before >= 0 && is_refused(::socket(domain, SOCK_DGRAM, 0)) ? 0 : 1;
        }) == 0);
}

TEST_CASE("a process that gave up the network cannot use a socket that it has") {
  CHECK(exit_code_of([] {
          const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
          sockaddr_in address{};
          address.sin_family = AF_INET;
          const auto* name = reinterpret_cast<const sockaddr*>(&address);
          msghdr message{};
          refuse_network();
          if (!is_refused(::connect(socket, name, sizeof address))) return 1;
          if (!is_refused(::bind(socket, name, sizeof address))) return 2;
          if (!is_refused(::listen(socket, 1))) return 3;
          if (!is_refused(::sendto(socket, "x", 1, 0, name, sizeof address))) return 4;
          if (!is_refused(::sendmsg(socket, &message, 0))) return 5;
          if (!is_refused(::recvmsg(socket, &message, 0))) return 6;
          return is_refused(::accept(socket, nullptr, nullptr)) ? 0 : 7;
        }) == 0);
}

TEST_CASE("a process that gave up the network gets no socket by detours") {
  CHECK(exit_code_of([] {
          refuse_network();
          io_uring_params parameters{};
          std::array<int, 2> pair{};
          if (!is_refused(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()))) return 1;
          if (!is_refused(::syscall(SYS_io_uring_setup, 1, &parameters))) return 2;
          return is_refused(::syscall(SYS_pidfd_getfd, 0, 0, 0)) ? 0 : 3;
        }) == 0);
}

TEST_CASE("a process that gave up the network still works with files and what is open") {
  CHECK(exit_code_of([] {
          std::array<int, 2> pair{};
          if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0) return 1;
          refuse_network();
          char byte = 0;
          if (::write(pair[0], "x", 1) != 1 || ::read(pair[1], &byte, 1) != 1) return 2;
          return ::open("/dev/null", O_RDONLY) >= 0 && byte == 'x' ? 0 : 3;
        }) == 0);
}
