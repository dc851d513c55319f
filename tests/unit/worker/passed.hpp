#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "files.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"
#include "worker/messages.hpp"

/// Commands with their descriptors, as if they had gone over a socket.
namespace concd::worker {

inline job::SharedFd open_shared(const std::filesystem::path& path, int flags) {
  return std::make_shared<const UniqueFd>(open_file(path, flags));
}

inline bool same_file(const job::SharedFd& one, const job::SharedFd& other) {
  struct stat a{};
  struct stat b{};
  REQUIRE(one);
  REQUIRE(other);
  REQUIRE(::fstat(one->get(), &a) == 0);
  REQUIRE(::fstat(other->get(), &b) == 0);
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/// What a socket would bring: copies.
inline std::vector<UniqueFd> copies(const std::vector<int>& descriptors) {
  std::vector<UniqueFd> result;
  for (const int fd : descriptors) result.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return result;
}

inline tl::expected<Command, std::string> command_again(const Command& command) {
  return decode_command(encode(command), copies(descriptors_of(command)));
}

}  // namespace concd::worker
