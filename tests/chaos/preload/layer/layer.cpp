#include "layer.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace chaos {
namespace {

Layer* g_layer = nullptr;

[[gnu::constructor]] void start() {
  if (std::getenv("CONCD_CHAOS_FOLDER") != nullptr && std::getenv("CONCD_CHAOS_LOG") != nullptr)
    g_layer = new Layer;  // lives as long as the process: calls come until its very end
}

std::string descriptor_path(int fd) {
  std::array<char, PATH_MAX> path{};
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const auto length = ::readlink(link.c_str(), path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

int raw_open(int folder, const char* path, int flags) {
  return static_cast<int>(::syscall(SYS_openat, folder, path, flags | O_CLOEXEC, 0));
}

}  // namespace

Layer* Layer::get() {
  return g_layer;
}

Layer::Layer()
    : m_folder(std::getenv("CONCD_CHAOS_FOLDER")),
      m_log_path(std::getenv("CONCD_CHAOS_LOG")),
      m_log(m_log_path.c_str()) {
  const int fd = raw_open(AT_FDCWD, (m_log_path + ".counts").c_str(), O_RDWR);
  if (fd >= 0) {
    auto* const memory =
        ::mmap(nullptr, k_calls * sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) m_counters = static_cast<std::uint64_t*>(memory);
    ::close(fd);
  }
  const char* const fault = std::getenv("CONCD_CHAOS_FAULT");
  if (fault == nullptr) return;
  unsigned long turn = 0;
  if (m_counters == nullptr || std::sscanf(fault, "%d:%lu:%d", &m_call, &turn, &m_error) != 3) std::abort();
  m_turn = turn;
}

bool Layer::holds(std::string_view path) const {
  if (path.substr(0, m_folder.size()) != m_folder) return false;
  if (path.size() > m_folder.size() && path[m_folder.size()] != '/') return false;
  return path.find(".db-shm") == std::string_view::npos;
}

bool Layer::holds(int fd, struct stat& status) const {
  const KeepErrno keep;
  if (::fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) return false;
  return holds(descriptor_path(fd));
}

int Layer::count(Call call, std::string_view path) {
  if (m_counters == nullptr) return 0;
  const int index = static_cast<int>(call);
  if (++m_counters[index] != m_turn || index != m_call) return 0;
  Record record;
  record.kind = Kind::fault;
  record.error = m_error;
  record.flags = static_cast<std::uint32_t>(index);
  record.name = path;
  m_log.append(record);
  return m_error;
}

Place::Place(int folder, const char* path) {
  const KeepErrno keep;
  auto* const layer = Layer::get();
  if (layer == nullptr || path == nullptr) return;
  std::string parent(path);
  while (parent.size() > 1 && parent.back() == '/') parent.pop_back();
  const auto slash = parent.rfind('/');
  m_name = slash == std::string::npos ? parent : parent.substr(slash + 1);
  parent = slash == std::string::npos ? "." : parent.substr(0, slash + 1);
  m_fd = raw_open(folder, parent.c_str(), O_PATH | O_DIRECTORY);
  struct stat status{};
  if (m_fd < 0 || ::fstat(m_fd, &status) != 0) return;
  m_folder = status.st_ino;
  auto resolved = descriptor_path(m_fd);
  if (!m_name.empty() && m_name != ".") resolved += "/" + m_name;
  m_inside = layer->holds(resolved);
}

Place::~Place() {
  const KeepErrno keep;
  if (m_fd >= 0) ::close(m_fd);
}

bool Place::status(struct stat& status) const {
  const KeepErrno keep;
  return ::fstatat(m_fd, m_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace chaos
