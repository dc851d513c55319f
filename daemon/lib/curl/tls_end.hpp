#pragma once

#include <memory>

#include "lib/curl/easy.hpp"

namespace concd::curl {

/// Sees whether the peer ends a TLS connection by close_notify, RFC 8446 §6.1, or whether somebody cut it.
/// libcurl 7.88 takes the one for the other, so that a body which ends with its connection may be cut short
/// unnoticed.
class TlsEnd {
 public:
  /// Watches the connection that `easy` uses now; from within one of its callbacks.
  explicit TlsEnd(const Easy& easy);

  /// True for a connection that is surely cut: it has TLS, and no close_notify came so far.
  [[nodiscard]] bool missing() const { return m_notified && !*m_notified; }

 private:
  std::shared_ptr<bool> m_notified;  ///< shared with the connection; null where there is nothing to see
};

}  // namespace concd::curl
