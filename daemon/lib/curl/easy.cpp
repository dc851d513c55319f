#include "lib/curl/easy.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include <sys/socket.h>

#include "lib/curl/error.hpp"

namespace concd::curl {
namespace {

/// Runs a callback; anything but true, an exception too, makes libcurl abort the transfer.
template <typename Function>
std::size_t run(Function&& function, std::size_t length, std::exception_ptr& exception) noexcept {
  try {
    if (function()) return length;
  } catch (...) {
    exception = std::current_exception();
  }
  return length == 0 ? 1 : 0;
}

}  // namespace

Easy::Easy(Handler& handler) : m_handler(handler), m_easy(curl_easy_init()) {
  if (m_easy == nullptr) throw std::bad_alloc();
  curl_easy_setopt(m_easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(m_easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(m_easy, CURLOPT_OPENSOCKETFUNCTION, &Easy::socket_trampoline);
  curl_easy_setopt(m_easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(m_easy, CURLOPT_PREREQFUNCTION, &Easy::request_trampoline);
  curl_easy_setopt(m_easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(m_easy, CURLOPT_HEADERFUNCTION, &Easy::header_trampoline);
  curl_easy_setopt(m_easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(m_easy, CURLOPT_WRITEFUNCTION, &Easy::body_trampoline);
  curl_easy_setopt(m_easy, CURLOPT_WRITEDATA, this);
}

Easy::~Easy() {
  // Closing an FTP connection may say goodbye: nobody listens any more.
  curl_easy_setopt(m_easy, CURLOPT_HEADERFUNCTION, nullptr);
  curl_easy_setopt(m_easy, CURLOPT_HEADERDATA, nullptr);
  curl_easy_cleanup(m_easy);
}

void Easy::set_number(CURLoption option, long value) {
  check(curl_easy_setopt(m_easy, option, value), "curl_easy_setopt");
}

void Easy::set_size(CURLoption option, std::int64_t value) {
  check(curl_easy_setopt(m_easy, option, static_cast<curl_off_t>(value)), "curl_easy_setopt");
}

void Easy::set_text(CURLoption option, const std::string& value) {
  check(curl_easy_setopt(m_easy, option, value.c_str()), "curl_easy_setopt");
}

void Easy::set_headers(Slist headers) {
  check(curl_easy_setopt(m_easy, CURLOPT_HTTPHEADER, headers.raw()), "curl_easy_setopt");
  m_headers = std::move(headers);
}

long Easy::number(CURLINFO info) const {
  long value = 0;
  curl_easy_getinfo(m_easy, info, &value);
  return value;
}

std::int64_t Easy::size(CURLINFO info) const {
  curl_off_t value = 0;
  curl_easy_getinfo(m_easy, info, &value);
  return value;
}

std::string Easy::string(CURLINFO info) const {
  char* value = nullptr;
  curl_easy_getinfo(m_easy, info, &value);
  return value == nullptr ? std::string() : std::string(value);
}

void Easy::rethrow() {
  if (m_exception) std::rethrow_exception(std::exchange(m_exception, nullptr));
}

curl_socket_t Easy::socket_trampoline(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  auto& easy = *static_cast<Easy*>(self);
  if (run([&] { return easy.m_handler.on_connect(address->addr); }, 1, easy.m_exception) != 1)
    return CURL_SOCKET_BAD;
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd >= 0) return fd;
  easy.m_socket_error = errno;
  return CURL_SOCKET_BAD;
}

int Easy::request_trampoline(void* self, char* remote, char*, int, int) noexcept {
  auto& easy = *static_cast<Easy*>(self);
  const bool goes_on = run([&] { return easy.m_handler.on_request(remote); }, 1, easy.m_exception) == 1;
  return goes_on ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t Easy::header_trampoline(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& easy = *static_cast<Easy*>(self);
  const auto length = size * count;
  return run([&] { return easy.m_handler.on_header({data, length}); }, length, easy.m_exception);
}

std::size_t Easy::body_trampoline(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& easy = *static_cast<Easy*>(self);
  const auto length = size * count;
  return run([&] { return easy.m_handler.on_body({data, length}); }, length, easy.m_exception);
}

}  // namespace concd::curl
