#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "lib/curl/slist.hpp"

namespace concd::curl {

/// One transfer of libcurl, CURL*. Stays where it was made, because libcurl keeps its address.
class Easy {
 public:
  /// What libcurl calls back. Called on the thread that drives the Multi; all but the last from inside
  /// Multi::perform(), where nothing of the handle may be changed.
  class Handler {
   public:
    /// Before each socket(2): whether that address may be connected to.
    virtual bool on_connect(const sockaddr& address) = 0;
    /// Before each request, over a new connection or one of an earlier transfer, to that address. False
    /// aborts the transfer.
    virtual bool on_request(std::string_view address) = 0;
    /// A header line with its line end; a status line begins each response. False aborts the transfer.
    virtual bool on_header(std::string_view line) = 0;
    /// Bytes of the body. False aborts the transfer.
    virtual bool on_body(std::string_view data) = 0;
    /// The transfer is over; may start it anew or destroy the Easy.
    virtual void on_done(CURLcode code) = 0;

   protected:
    ~Handler() = default;
  };

  /// `handler` outlives the Easy. Throws std::bad_alloc.
  explicit Easy(Handler& handler);
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;
  ~Easy();

  /// curl_easy_setopt(3) for options that take a long, a curl_off_t or a string. Throw Error.
  void set_number(CURLoption option, long value);
  void set_size(CURLoption option, std::int64_t value);
  void set_text(CURLoption option, const std::string& value);
  /// Request headers, "NAME: VALUE" each; kept here as long as they are needed.
  void set_headers(Slist headers);

  /// curl_easy_getinfo(3); 0, 0 and "" when libcurl does not know.
  [[nodiscard]] long number(CURLINFO info) const;
  [[nodiscard]] std::int64_t size(CURLINFO info) const;
  [[nodiscard]] std::string string(CURLINFO info) const;

  /// errno of the last socket(2) that failed, which libcurl does not tell of; 0: none did.
  [[nodiscard]] int socket_error() const noexcept { return m_socket_error; }

  /// Rethrows what a handler threw in a callback; libcurl itself then ended with an abort.
  void rethrow();
  [[nodiscard]] Handler& handler() const noexcept { return m_handler; }
  [[nodiscard]] CURL* raw() const noexcept { return m_easy; }

 private:
  static curl_socket_t socket_trampoline(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int request_trampoline(void* self, char* remote, char* local, int remote_port,
                                int local_port) noexcept;
  static std::size_t header_trampoline(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t body_trampoline(char* data, std::size_t size, std::size_t count, void* self) noexcept;

  Handler& m_handler;
  CURL* m_easy;
  Slist m_headers;
  int m_socket_error = 0;
  std::exception_ptr m_exception;
};

}  // namespace concd::curl
