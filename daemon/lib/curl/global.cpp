#include "lib/curl/global.hpp"

#include "lib/curl/error.hpp"

namespace concd::curl {

Global::Global() {
  check(curl_global_init(CURL_GLOBAL_DEFAULT), "curl_global_init");
}

Global::~Global() {
  curl_global_cleanup();
}

}  // namespace concd::curl
