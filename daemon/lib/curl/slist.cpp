#include "lib/curl/slist.hpp"

#include <new>

namespace concd::curl {

void Slist::append(const std::string& text) {
  auto* const longer = curl_slist_append(m_list, text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  m_list = longer;
}

}  // namespace concd::curl
