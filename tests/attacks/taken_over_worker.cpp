// A concd-worker that has been taken over: it confines itself as the real one does, and then tries what the
// URL of its task, or the text of its archive, says: "WORD,ARGUMENT". Its failure tells how that went. The
// word "free" before it leaves the sandbox out: what is possible then shows that it is the sandbox that
// refuses.

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_socket.hpp"
#include "protocol/frame.hpp"
#include "util/file.hpp"
#include "worker/process/sandbox.hpp"
#include "worker/process/settings.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

/// What comes after the word; where files can be made; what is written into.
struct Argument {
  std::string text;
  int folder = -1;
};

/// -1 and errno: refused.
using Attempt = std::function<long(const Argument&)>;

long connect_to(int domain, const sockaddr* address, socklen_t size) {
  const int socket = ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return socket < 0 ? -1 : ::connect(socket, address, size);
}

sockaddr_in loopback(const std::string& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

long connect_to_loopback(const Argument& argument) {
  const auto address = loopback(argument.text);
  return connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

long connect_to_path(const Argument& argument) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  argument.text.copy(address.sun_path, sizeof address.sun_path - 1);
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

long listen_on_loopback(const Argument&) {
  const auto address = loopback("0");
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return -1;
  return ::listen(socket, 1);
}

long run_a_process(const Argument&) {
  const auto child = ::fork();
  if (child == 0) ::_exit(0);
  return child < 0 ? -1 : ::waitpid(child, nullptr, 0);
}

/// More than any limit that is configured, without touching it.
long take_memory(const Argument&) {
  const auto* memory = ::mmap(nullptr, 64ULL << 30, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? -1 : 0;
}

long map_code(const Argument&) {
  const auto* memory =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? -1 : 0;
}

long execute(const Argument&) {
  char* const none[] = {nullptr};
  return ::execve("/bin/true", none, none);
}

/// Hands a descriptor to whoever has bound a socket to the path.
long send_descriptor(const Argument& argument) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  argument.text.copy(address.sun_path, sizeof address.sun_path - 1);
  char byte = 'x';
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &k_worker_keepsake, sizeof(int));
  return ::sendmsg(pair[0], &message, 0);
}

/// A signal that the kernel sends to the daemon when a pipe can be read.
long signal_by_pipe(const Argument&) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0 || ::fcntl(ends[0], F_SETOWN, ::getppid()) < 0) return -1;
  return ::fcntl(ends[0], F_SETSIG, SIGURG);
}

/// A file in the folder for what is unpacked, of a mode that no archive may have.
long make_file(const Argument& argument, mode_t mode) {
  const int file = ::openat(argument.folder, "made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  return file < 0 ? -1 : ::fchmod(file, mode);
}

/// More threads than anybody needs, each with little memory.
long make_threads(const Argument&) {
  constexpr int k_many = 5000;
  pthread_attr_t small;
  ::pthread_attr_init(&small);
  ::pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN);
  for (int i = 0; i < k_many; ++i) {
    pthread_t thread{};
    const auto wait = [](void*) -> void* { return reinterpret_cast<void*>(::poll(nullptr, 0, -1)); };
    errno = ::pthread_create(&thread, &small, wait, nullptr);
    if (errno != 0) return -1;
  }
  return 0;
}

/// Folders in one another, of which the last lets nobody in.
long make_deep_tree(const Argument& argument) {
  constexpr int k_levels = 2000;  // Landlock looks at all above each
  int folder = argument.folder;
  for (int i = 0; i < k_levels; ++i) {
    if (::mkdirat(folder, "made", i + 1 < k_levels ? 0755 : 0) < 0) return -1;
    if (i + 1 == k_levels) return 0;
    const int inner = ::openat(folder, "made", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder != argument.folder) ::close(folder);
    if (inner < 0 || ::fchmod(inner, 0755) < 0) return -1;
    folder = inner;
  }
  return 0;
}

/// A byte at the end of a terabyte.
long make_large_file(const Argument& argument) {
  const int file = ::openat(argument.folder, "made", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  return file < 0 ? -1 : ::pwrite(file, "x", 1, 1LL << 40);
}

const std::map<std::string, Attempt> k_attempts{
    {"read", [](const Argument& a) { return ::open(a.text.c_str(), O_RDONLY | O_CLOEXEC); }},
    {"list", [](const Argument& a) { return ::open(a.text.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }},
    {"read_beside", [](const Argument& a) { return ::openat(k_worker_keepsake, a.text.c_str(), O_RDONLY); }},
    {"write", [](const Argument& a) { return ::open(a.text.c_str(), O_WRONLY | O_CLOEXEC); }},
    {"create",
     [](const Argument& a) { return ::open(a.text.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600); }},
    {"rename", [](const Argument& a) { return ::rename(a.text.c_str(), (a.text + "-").c_str()); }},
    {"unlink", [](const Argument& a) { return ::unlink(a.text.c_str()); }},
    {"chmod", [](const Argument& a) { return ::chmod(a.text.c_str(), 0666); }},
    {"truncate", [](const Argument& a) { return ::truncate(a.text.c_str(), 0); }},
    {"touch", [](const Argument& a) { return ::utimensat(AT_FDCWD, a.text.c_str(), nullptr, 0); }},
    {"send", send_descriptor},
    {"signal_by_pipe", signal_by_pipe},
    {"connect", connect_to_loopback},
    {"connect_path", connect_to_path},
    {"listen", listen_on_loopback},
    {"trace", [](const Argument&) { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
    {"signal", [](const Argument&) { return ::kill(::getppid(), 0); }},
    {"execute", execute},
    {"fork", run_a_process},
    {"memory", take_memory},
    {"code", map_code},
    {"io_uring", [](const Argument&) { return ::syscall(SYS_io_uring_setup, 0, nullptr); }},
    {"threads", make_threads},
    {"make_deep", make_deep_tree},
    {"make_large", make_large_file},
    {"make_setuid", [](const Argument& a) { return make_file(a, 04755); }},
    {"make_writable", [](const Argument& a) { return make_file(a, 0666); }},
    {"make_link_out", [](const Argument& a) { return ::symlinkat("/etc/passwd", a.folder, "made"); }},
    {"make_fifo", [](const Argument& a) { return ::mkfifoat(a.folder, "made", 0644); }},
};

struct Plan {
  bool confined = true;
  Attempt attempt;
  Argument argument;
};

Plan read_plan(std::string text, int folder) {
  const auto take_word = [&text] {
    const auto end = std::min(text.find(','), text.size());
    auto word = text.substr(0, end);
    text.erase(0, end + 1);
    return word;
  };
  Plan plan;
  auto word = take_word();
  if (word == "free") {
    plan.confined = false;
    word = take_word();
  }
  plan.attempt = k_attempts.at(word);
  plan.argument = {text, folder};
  return plan;
}

job::Failure carried_out(const Plan& plan, const Needs& needs, SandboxPolicy policy) {
  if (plan.confined)
    if (auto failure = confine(needs, policy)) return *failure;
  const bool done = plan.attempt(plan.argument) >= 0;
  const auto how = done ? std::string("it was possible") : std::string("refused: ") + std::strerror(errno);
  return {job::FailureKind::other, job::RetryClass::none, how};
}

/// By write(2), as an unpacking worker does it.
void report(const Report& report) {
  const auto frame = protocol::encode_frame(encode(report));
  write_all(k_worker_socket, frame.data(), frame.size(), "report");
}

/// The archive whose text is the plan for the next worker.
void deliver_archive(const job::Task& task) {
  const auto text = read_text(task.url.substr(std::strlen("file://")));
  write_all(task.fresh->get(), text.data(), text.size(), "the archive");
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::delivered;
  outcome.checkpoint.part = task.fresh_part;
  outcome.size = text.size();
  report(outcome);
}

void transfer(const Begin& begin) {
  if (begin.task.url.starts_with("file://")) return deliver_archive(begin.task);
  const auto plan = read_plan(begin.task.url.substr(std::strlen("http://127.0.0.1:1/")), -1);
  job::Outcome outcome;
  outcome.failure =
      carried_out(plan, needs_of(begin.task, decode_settings(begin.settings).value()), begin.sandbox);
  report(outcome);
}

/// What was made is claimed to be well.
void unpack(const Unpack& order) {
  ::lseek(order.archive->get(), 0, SEEK_SET);
  const auto plan = read_plan(read_text(order.archive->get(), "the archive"), order.folder->get());
  auto failure = carried_out(plan, needs_of(order), order.sandbox);
  const bool made = failure.message == "it was possible" &&
                    ::faccessat(plan.argument.folder, "made", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  report(made ? Unpacked{} : Unpacked{std::move(failure)});
}

}  // namespace

int main() {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto order = hear();
  if (const auto* begin = std::get_if<Begin>(&order)) transfer(*begin);
  if (const auto* unpacking = std::get_if<Unpack>(&order)) unpack(*unpacking);
}
