#pragma once

#include <string>
#include <utility>

#include <curl/curl.h>

namespace concd::curl {

/// Owns a curl_slist: strings in a row, e.g. request headers. Move-only.
class Slist {
 public:
  Slist() noexcept = default;
  Slist(Slist&& other) noexcept : m_list(std::exchange(other.m_list, nullptr)) {}
  Slist& operator=(Slist&& other) noexcept {
    std::swap(m_list, other.m_list);
    return *this;
  }
  Slist(const Slist&) = delete;
  Slist& operator=(const Slist&) = delete;
  ~Slist() { curl_slist_free_all(m_list); }

  /// Throws std::bad_alloc.
  void append(const std::string& text);
  [[nodiscard]] curl_slist* raw() const noexcept { return m_list; }

 private:
  curl_slist* m_list = nullptr;
};

}  // namespace concd::curl
