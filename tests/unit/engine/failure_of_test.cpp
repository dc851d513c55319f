#include "engine/failure_of.hpp"

#include <cerrno>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::engine;
using job::FailureKind;
using job::RetryClass;

namespace {

CurlEnding ending(CURLcode code, int os_error = 0) {
  CurlEnding result;
  result.code = code;
  result.url = "https://user:secret@origin.example:8443/file?token=secret";
  result.os_error = os_error;
  return result;
}

}  // namespace

TEST_CASE("libcurl's codes fall into classes") {
  struct Row {
    CURLcode code;
    int os_error;
    FailureKind kind;
    RetryClass retry_class;
  };
  const auto row = GENERATE(values<Row>({
      {CURLE_COULDNT_RESOLVE_HOST, 0, FailureKind::network, RetryClass::offline},
      {CURLE_COULDNT_CONNECT, ENETUNREACH, FailureKind::network, RetryClass::offline},
      {CURLE_COULDNT_CONNECT, EHOSTUNREACH, FailureKind::network, RetryClass::offline},
      {CURLE_COULDNT_CONNECT, ECONNREFUSED, FailureKind::network, RetryClass::host_backoff},
      {CURLE_COULDNT_CONNECT, EMFILE, FailureKind::other, RetryClass::local_resource},
      {CURLE_COULDNT_CONNECT, ENFILE, FailureKind::other, RetryClass::local_resource},
      {CURLE_COULDNT_CONNECT, ENOMEM, FailureKind::other, RetryClass::local_resource},
      {CURLE_OUT_OF_MEMORY, 0, FailureKind::other, RetryClass::local_resource},
      {CURLE_OPERATION_TIMEDOUT, 0, FailureKind::network, RetryClass::retry},
      {CURLE_PARTIAL_FILE, 0, FailureKind::network, RetryClass::retry},
      {CURLE_GOT_NOTHING, 0, FailureKind::network, RetryClass::retry},
      {CURLE_RECV_ERROR, 0, FailureKind::network, RetryClass::retry},
      {CURLE_SEND_ERROR, 0, FailureKind::network, RetryClass::retry},
      {CURLE_HTTP2_STREAM, 0, FailureKind::network, RetryClass::retry},
      {CURLE_PEER_FAILED_VERIFICATION, 0, FailureKind::tls, RetryClass::mirror},
      {CURLE_SSL_CONNECT_ERROR, 0, FailureKind::tls, RetryClass::retry},
      {CURLE_SSL_CACERT_BADFILE, 0, FailureKind::tls, RetryClass::retry},
      {CURLE_TOO_MANY_REDIRECTS, 0, FailureKind::server, RetryClass::mirror},
      {CURLE_UNSUPPORTED_PROTOCOL, 0, FailureKind::server, RetryClass::mirror},
      {CURLE_OUT_OF_MEMORY, 0, FailureKind::other, RetryClass::local_resource},
      {CURLE_LOGIN_DENIED, 0, FailureKind::authentication, RetryClass::mirror},
      {CURLE_REMOTE_FILE_NOT_FOUND, 0, FailureKind::server, RetryClass::mirror},
      {CURLE_WEIRD_SERVER_REPLY, 0, FailureKind::server, RetryClass::retry},
  }));
  const auto failure = failure_of(ending(row.code, row.os_error));
  INFO(failure.message);
  CHECK(failure.kind == row.kind);
  CHECK(failure.retry_class == row.retry_class);
  CHECK(failure.message.find("secret") == std::string::npos);
  CHECK_FALSE(failure.message.empty());
}

TEST_CASE("what an earlier transfer left on a connection is not this one's fault") {
  auto how = ending(CURLE_UNSUPPORTED_PROTOCOL);
  how.reused = true;
  CHECK(failure_of(how).retry_class == RetryClass::retry);
}

TEST_CASE("a host is not left alone for another one that it redirects to") {
  auto refused = ending(CURLE_COULDNT_CONNECT, ECONNREFUSED);
  CHECK(failure_of(refused).retry_class == RetryClass::host_backoff);
  refused.redirected = true;
  CHECK(failure_of(refused).retry_class == RetryClass::retry);
}

TEST_CASE("a name that is not resolved in time is not a slow server") {
  auto how = ending(CURLE_OPERATION_TIMEDOUT);
  CHECK(failure_of(how).retry_class == RetryClass::retry);
  how.unresolved = true;
  CHECK(failure_of(how).retry_class == RetryClass::offline);
  CHECK(failure_of(how).message == "cannot resolve host origin.example in time");
}

TEST_CASE("a failure says whom it is about") {
  CHECK(failure_of(ending(CURLE_COULDNT_RESOLVE_HOST)).message == "cannot resolve host origin.example");
  CHECK(failure_of(ending(CURLE_COULDNT_CONNECT, ECONNREFUSED)).message ==
        "connection to origin.example:8443 refused");
}

TEST_CASE("FTP statuses tell passing trouble from lasting") {
  auto denied = ending(CURLE_LOGIN_DENIED);
  denied.status = 530;
  CHECK(failure_of(denied).kind == FailureKind::authentication);
  CHECK(failure_of(denied).code == 530);
  auto busy = ending(CURLE_FTP_COULDNT_RETR_FILE);
  busy.status = 450;
  CHECK(failure_of(busy).retry_class == RetryClass::retry);
  busy.status = 550;
  CHECK(failure_of(busy).retry_class == RetryClass::mirror);
  CHECK(failure_of(busy).kind == FailureKind::server);
}

TEST_CASE("a proxy that refuses is named, without its password") {
  auto refused = ending(CURLE_RECV_ERROR);
  refused.proxy = "http://me:secret@proxy:3128";
  refused.proxy_status = 407;
  CHECK(failure_of(refused).kind == FailureKind::authentication);
  CHECK_THAT(failure_of(refused).message, ContainsSubstring("proxy:3128"));
  CHECK(failure_of(refused).message.find("secret") == std::string::npos);
  refused.proxy_status = 503;
  CHECK(failure_of(refused).retry_class == RetryClass::retry);
}

TEST_CASE("a connection that fails may be the proxy's fault") {
  auto refused = ending(CURLE_COULDNT_CONNECT, ECONNREFUSED);
  refused.proxy = "http://me:secret@proxy:3128";
  CHECK(failure_of(refused).message ==
        "connection to origin.example:8443 or to the proxy http://***@proxy:3128 refused");
}

TEST_CASE("HTTP statuses fall into classes") {
  struct Row {
    int status;
    FailureKind kind;
    RetryClass retry_class;
  };
  const auto row = GENERATE(values<Row>({
      {400, FailureKind::server, RetryClass::mirror},
      {401, FailureKind::authentication, RetryClass::mirror},
      {403, FailureKind::authentication, RetryClass::mirror},
      {407, FailureKind::authentication, RetryClass::mirror},
      {404, FailureKind::server, RetryClass::mirror},
      {410, FailureKind::server, RetryClass::mirror},
      {408, FailureKind::server, RetryClass::retry},
      {425, FailureKind::server, RetryClass::retry},
      {429, FailureKind::server, RetryClass::retry},
      {500, FailureKind::server, RetryClass::retry},
      {501, FailureKind::server, RetryClass::mirror},
      {502, FailureKind::server, RetryClass::retry},
      {503, FailureKind::server, RetryClass::retry},
      {505, FailureKind::server, RetryClass::mirror},
      {204, FailureKind::server, RetryClass::mirror},
      {302, FailureKind::server, RetryClass::mirror},
  }));
  const auto failure = failure_of_status(row.status, "Reason", "http://u:p@h/f?q", std::nullopt);
  CHECK(failure.kind == row.kind);
  CHECK(failure.retry_class == row.retry_class);
  CHECK(failure.code == row.status);
  CHECK(failure.message == std::to_string(row.status) + " Reason from http://***@h/f?***");
}
