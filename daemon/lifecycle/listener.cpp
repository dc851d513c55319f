#include "lifecycle/listener.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lifecycle/already_running.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::lifecycle {
namespace {

/// Whether a process listens there, as /proc/net/unix tells, proc_net(5). The file alone means nothing: a
/// daemon that was killed leaves it behind.
bool is_listened_on(const std::string& path) {
  std::ifstream table("/proc/self/net/unix");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number, references, protocol, flags, type, state, inode, name;
    fields >> number >> references >> protocol >> flags >> type >> state >> inode >> std::ws;
    std::getline(fields, name);
    // __SO_ACCEPTCON, and SOCK_STREAM.
    if (flags == "00010000" && type == "0001" && name == path) return true;
  }
  return false;
}

/// Root binds in a folder of the user's, who may put anything into the socket's place: only a socket that has
/// no second name is given away.
void give(const std::filesystem::path& path, uid_t owner, gid_t group) {
  const auto file = open_file(path, O_PATH | O_NOFOLLOW);
  struct stat status{};
  check_errno(::fstat(file.get(), &status), path.string());
  if (!S_ISSOCK(status.st_mode) || status.st_nlink != 1)
    throw errno_error(path.string() + " was replaced by another file", EEXIST);
  if (::fchownat(file.get(), "", owner, group, AT_EMPTY_PATH) < 0 && errno != EPERM)
    throw errno_error("chown " + path.string());
}

}  // namespace

UniqueFd listen_at(const std::filesystem::path& path, uid_t owner, gid_t group) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto text = path.string();
  if (text.size() >= sizeof address.sun_path) throw errno_error("bind " + text, ENAMETOOLONG);
  text.copy(address.sun_path, text.size());

  // Where the path is not there whoever listens on one of that name is in another mount namespace.
  if (std::filesystem::exists(path) && is_listened_on(text))
    throw AlreadyRunning(text +
                         " is listened on by another process, perhaps systemd's concd.socket: use "
                         "`systemctl start concd`, or stop concd.socket first");
  UniqueFd listener(
      check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "make a socket"));
  if (::unlink(text.c_str()) < 0 && errno != ENOENT) throw errno_error("remove the old " + text);
  // The file gets its mode from the socket. Until listen() nobody can connect, whatever group it is of.
  check_errno(::fchmod(listener.get(), 0660), "chmod the socket of " + text);
  const auto before = ::umask(0);
  const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  if (bound < 0) throw errno_error("bind " + text, error);
  give(path, owner, group);
  check_errno(::listen(listener.get(), SOMAXCONN), "listen at " + text);
  return listener;
}

}  // namespace concd::lifecycle
