#include "lib/curl/tls_end.hpp"

#include <new>

#include <openssl/ssl.h>

namespace concd::curl {
namespace {

using Notified = std::shared_ptr<bool>;

void forget(void*, void* notified, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Notified*>(notified);
}

/// Where a connection keeps what it shares with its watcher; it goes with the connection.
int slot() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, forget);
  return index;
}

void on_event(const SSL* connection, int event, int alert) {
  if (event != SSL_CB_READ_ALERT || (alert & 0xff) != SSL_AD_CLOSE_NOTIFY) return;
  if (auto* const notified = static_cast<Notified*>(SSL_get_ex_data(connection, slot()))) **notified = true;
}

SSL* connection_of(const Easy& easy) {
  curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(easy.raw(), CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr)
    return nullptr;
  return session->backend == CURLSSLBACKEND_OPENSSL ? static_cast<SSL*>(session->internals) : nullptr;
}

}  // namespace

TlsEnd::TlsEnd(const Easy& easy) {
  auto* const connection = connection_of(easy);
  if (connection == nullptr) return;
  auto notified = std::make_shared<bool>(false);
  auto theirs = std::make_unique<Notified>(notified);
  delete static_cast<Notified*>(SSL_get_ex_data(connection, slot()));
  if (SSL_set_ex_data(connection, slot(), theirs.get()) != 1) throw std::bad_alloc();
  theirs.release();
  SSL_set_info_callback(connection, on_event);
  m_notified = std::move(notified);
}

}  // namespace concd::curl
