#include "engine/failure_of.hpp"

#include <array>
#include <cerrno>

#include "lib/curl/error.hpp"
#include "util/errno_error.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::RetryClass;

bool is_no_route(long error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN || error == EADDRNOTAVAIL;
}

bool is_out_of_resources(long error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

Failure of_connect(const CurlEnding& ending, std::string server) {
  if (!ending.proxy.empty()) server += " or to the proxy " + redact_url(ending.proxy);
  const auto error = static_cast<int>(ending.os_error);
  if (is_out_of_resources(error))
    return {FailureKind::other, RetryClass::local_resource, "cannot open a connection: " + errno_text(error)};
  if (is_no_route(error)) return {FailureKind::network, RetryClass::offline, "no route to " + server};
  // Where another host was to give the file, the one that the transfers queue for is well.
  const auto retry_class = ending.redirected ? RetryClass::retry : RetryClass::host_backoff;
  if (error == ECONNREFUSED)
    return {FailureKind::network, retry_class, "connection to " + server + " refused"};
  const auto why = error != 0 ? errno_text(error) : curl::text(ending.code);
  return {FailureKind::network, retry_class, "cannot connect to " + server + ": " + why};
}

Failure of_proxy(const CurlEnding& ending) {
  const auto status = static_cast<int>(ending.proxy_status);
  const auto proxy = redact_url(ending.proxy);
  if (status == 407)
    return {FailureKind::authentication, RetryClass::none, "the proxy " + proxy + " wants a login", status};
  const bool passing = status >= 500 || status == 408 || status == 429;
  return {FailureKind::server, passing ? RetryClass::retry : RetryClass::mirror,
          "the proxy " + proxy + " refused with status " + std::to_string(status), status};
}

/// RFC 959 §4.2: 4yz is a passing trouble, 5yz a lasting one.
Failure of_ftp(const CurlEnding& ending, const std::string& server) {
  const auto status = static_cast<int>(ending.status);
  const auto url = redact_url(ending.url);
  if (status == 530 || ending.code == CURLE_LOGIN_DENIED) {
    if (status >= 400 && status < 500)
      return {FailureKind::server, RetryClass::retry,
              server + " takes no login now (" + std::to_string(status) + ")", status};
    return {FailureKind::authentication, RetryClass::mirror, server + " refused the login", status};
  }
  const auto code = status == 0 ? std::string() : " (FTP " + std::to_string(status) + ")";
  if (ending.code == CURLE_REMOTE_FILE_NOT_FOUND || ending.code == CURLE_REMOTE_ACCESS_DENIED ||
      status == 550)
    return {FailureKind::server, RetryClass::mirror, "no such file or no access: " + url + code, status};
  const bool lasting = status >= 500;
  return {FailureKind::server, lasting ? RetryClass::mirror : RetryClass::retry,
          server + " refused " + url + code + ": " + curl::text(ending.code), status};
}

}  // namespace

std::string server_name(const std::string& url) {
  return url_host(url);
}

Failure failure_of(const CurlEnding& ending) {
  const auto server = server_name(ending.url);
  const auto host = server.substr(0, server.starts_with('[') ? std::string::npos : server.rfind(':'));
  const auto network = [&](const std::string& message) {
    return Failure{FailureKind::network, RetryClass::retry, message};
  };
  switch (ending.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {FailureKind::network, RetryClass::offline, "cannot resolve host " + host};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {FailureKind::network, RetryClass::offline,
              "cannot resolve the proxy " + redact_url(ending.proxy)};
    case CURLE_INTERFACE_FAILED:
    case CURLE_COULDNT_CONNECT:
      return of_connect(ending, server);
    case CURLE_OPERATION_TIMEDOUT:
      if (!ending.connected) {
        if (ending.unresolved)
          return {FailureKind::network, RetryClass::offline, "cannot resolve host " + host + " in time"};
        if (is_no_route(ending.os_error)) return of_connect(ending, server);
        return network("connecting to " + server + " took too long");
      }
      return network(server + " stalled: no data came for too long");
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return network(server + " closed the connection before the end");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PROXY:
      if (ending.proxy_status >= 300) return of_proxy(ending);
      return network("the connection to " + server + " was lost");
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
      return network(server + " broke off the HTTP/2 stream");
    case CURLE_SSL_CONNECT_ERROR:
      return {FailureKind::tls, RetryClass::retry, "the TLS handshake with " + server + " failed"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {FailureKind::tls, RetryClass::mirror, "the certificate of " + server + " is not trusted"};
    case CURLE_SSL_CACERT_BADFILE:
      // It may be no more than a descriptor that is missing for opening it.
      return {FailureKind::tls, RetryClass::retry, "the file of trusted certificates cannot be read"};
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
      return {FailureKind::tls, RetryClass::none, "TLS cannot be set up: " + curl::text(ending.code)};
    case CURLE_USE_SSL_FAILED:
      return {FailureKind::tls, RetryClass::mirror, server + " offers no TLS"};
    case CURLE_TOO_MANY_REDIRECTS:
      return {FailureKind::server, RetryClass::mirror, server + " redirects without end"};
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (ending.reused)
        return {FailureKind::server, RetryClass::retry, server + " answered more than it was asked before"};
      return {FailureKind::server, RetryClass::mirror,
              server + " led to a scheme that is not allowed, or speaks no HTTP that is understood"};
    case CURLE_URL_MALFORMAT:
      return {FailureKind::other, RetryClass::mirror, "this is not a URL: " + redact_url(ending.url)};
    case CURLE_OUT_OF_MEMORY:
      return {FailureKind::other, RetryClass::local_resource, "out of memory"};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_RANGE_ERROR:
      return {FailureKind::server, RetryClass::retry, server + " sent an answer that breaks the protocol"};
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_FTP_WEIRD_PASS_REPLY:
    case CURLE_FTP_WEIRD_PASV_REPLY:
    case CURLE_FTP_WEIRD_227_FORMAT:
    case CURLE_FTP_CANT_GET_HOST:
    case CURLE_FTP_COULDNT_SET_TYPE:
    case CURLE_FTP_COULDNT_RETR_FILE:
    case CURLE_FTP_COULDNT_USE_REST:
    case CURLE_FTP_ACCEPT_FAILED:
    case CURLE_FTP_ACCEPT_TIMEOUT:
    case CURLE_FTP_PORT_FAILED:
    case CURLE_QUOTE_ERROR:
      return of_ftp(ending, server);
    default:
      return network("the transfer from " + server + " failed: " + curl::text(ending.code));
  }
}

Failure failure_of_status(int status, const std::string& reason, const std::string& url,
                          std::optional<Microseconds> retry_after) {
  Failure failure;
  failure.code = status;
  failure.message =
      std::to_string(status) + (reason.empty() ? "" : " " + reason) + " from " + redact_url(url);
  failure.retry_after = retry_after;
  failure.kind = FailureKind::server;
  failure.retry_class = RetryClass::mirror;
  if (status == 401 || status == 403 || status == 407) failure.kind = FailureKind::authentication;
  const bool passing_client_error = status == 408 || status == 425 || status == 429;
  const bool passing_server_error = status >= 500 && status != 501 && status != 505;
  if (passing_client_error || passing_server_error) failure.retry_class = RetryClass::retry;
  return failure;
}

}  // namespace concd::engine
