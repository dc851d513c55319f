#include "lib/curl/multi.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include "lib/curl/error.hpp"

namespace concd::curl {

Multi::Multi(long idle_connections) : m_multi(curl_multi_init()) {
  if (m_multi == nullptr) throw std::bad_alloc();
  curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, idle_connections);
}

Multi::~Multi() {
  curl_multi_cleanup(m_multi);
}

void Multi::add(Easy& easy) {
  check(curl_multi_add_handle(m_multi, easy.raw()), "curl_multi_add_handle");
}

void Multi::remove(Easy& easy) noexcept {
  curl_multi_remove_handle(m_multi, easy.raw());
}

void Multi::perform() {
  int running = 0;
  check(curl_multi_perform(m_multi, &running), "curl_multi_perform");
}

void Multi::poll(std::optional<std::chrono::microseconds> timeout) {
  using std::chrono::milliseconds;
  constexpr auto k_longest = milliseconds(std::numeric_limits<int>::max());
  auto wait = k_longest;
  // Rounded up: waking a moment early would only turn the loop for nothing.
  if (timeout) wait = std::clamp(std::chrono::ceil<milliseconds>(*timeout), milliseconds(0), k_longest);
  check(curl_multi_poll(m_multi, nullptr, 0, static_cast<int>(wait.count()), nullptr), "curl_multi_poll");
}

void Multi::wakeup() noexcept {
  curl_multi_wakeup(m_multi);
}

std::optional<Multi::Done> Multi::next_done() {
  int left = 0;
  while (const auto* const message = curl_multi_info_read(m_multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto code = message->data.result;
    char* easy = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &easy);
    return Done{reinterpret_cast<Easy*>(easy), code};
  }
  return std::nullopt;
}

}  // namespace concd::curl
