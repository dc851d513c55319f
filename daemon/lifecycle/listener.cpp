#include "lifecycle/listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::lifecycle {

UniqueFd listen_at(const std::filesystem::path& path, uid_t owner, gid_t group) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto text = path.string();
  if (text.size() >= sizeof address.sun_path) throw errno_error("bind " + text, ENAMETOOLONG);
  text.copy(address.sun_path, text.size());

  UniqueFd listener(
      check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "make a socket"));
  if (::unlink(text.c_str()) < 0 && errno != ENOENT) throw errno_error("remove the old " + text);
  // Until the mode is set nobody but the owner may connect: nobody slips in between.
  const auto before = ::umask(077);
  const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  if (bound < 0) throw errno_error("bind " + text, error);
  if (::chown(text.c_str(), owner, group) < 0 && errno != EPERM) throw errno_error("chown " + text);
  check_errno(::chmod(text.c_str(), 0660), "chmod " + text);
  check_errno(::listen(listener.get(), SOMAXCONN), "listen at " + text);
  return listener;
}

}  // namespace concd::lifecycle
