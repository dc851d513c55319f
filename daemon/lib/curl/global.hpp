#pragma once

namespace concd::curl {

/// libcurl's process-wide state, curl_global_init(3); counted, so that several may live. Make the first one
/// before any thread that uses libcurl.
class Global {
 public:
  /// Throws Error.
  Global();
  Global(const Global&) = delete;
  Global& operator=(const Global&) = delete;
  ~Global();
};

}  // namespace concd::curl
