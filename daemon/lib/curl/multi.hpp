#pragma once

#include <chrono>
#include <optional>

#include <curl/curl.h>

#include "lib/curl/easy.hpp"

namespace concd::curl {

/// Drives many transfers on one thread, libcurl-multi(3). Everything but wakeup() belongs to that thread.
class Multi {
 public:
  struct Done {
    Easy* easy;
    CURLcode code;
  };

  /// At most `idle_connections` are kept open for later transfers. Throws std::bad_alloc, Error.
  explicit Multi(long idle_connections);
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi();

  /// Throws Error.
  void add(Easy& easy);
  /// Breaks off what goes on; needed before the Easy is destroyed, harmless when it was not added. Not from
  /// inside perform().
  void remove(Easy& easy) noexcept;
  /// Moves all transfers on as far as they go without waiting.
  void perform();
  /// Waits until a transfer can go on, wakeup() is called or the time is over; nothing: any time.
  void poll(std::optional<std::chrono::microseconds> timeout);
  /// Ends a poll(), now or the next; any thread.
  void wakeup() noexcept;
  /// A transfer that has ended and was not yet told of.
  [[nodiscard]] std::optional<Done> next_done();

 private:
  CURLM* m_multi;
};

}  // namespace concd::curl
