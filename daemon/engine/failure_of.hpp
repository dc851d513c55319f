#pragma once

#include <optional>
#include <string>

#include <curl/curl.h>

#include "job/failure.hpp"

namespace concd::engine {

/// How libcurl ended a transfer.
struct CurlEnding {
  CURLcode code = CURLE_OK;
  std::string url;          ///< the one that was being fetched, after redirects
  long status = 0;          ///< the last status of an FTP server; unused for HTTP
  long proxy_status = 0;    ///< what a proxy answered to CONNECT; 0: nothing
  long os_error = 0;        ///< errno of the failed connection, CURLINFO_OS_ERRNO
  bool unresolved = false;  ///< the time was up before the host had an address
  bool connected = false;   ///< a connection stood
  bool redirected = false;  ///< `url` is another one than was asked for
  bool reused = false;      ///< on a connection of an earlier transfer, with whatever that had left behind
  std::string proxy;        ///< redacted here before it is shown
};

/// The class of a transfer that libcurl ended with an error.
[[nodiscard]] job::Failure failure_of(const CurlEnding& ending);

/// The class of an HTTP status that brings no file, RFC 9110 §15. `reason` is its phrase.
[[nodiscard]] job::Failure failure_of_status(int status, const std::string& reason, const std::string& url,
                                             std::optional<Microseconds> retry_after);

/// "HOST:PORT" of a URL as a person would name the server.
[[nodiscard]] std::string server_name(const std::string& url);

}  // namespace concd::engine
