#pragma once

#include <memory>
#include <string>
#include <string_view>

using EVP_MD_CTX = struct evp_md_ctx_st;

namespace concd::engine {

/// Digests a stream of bytes by OpenSSL, EVP_DigestInit_ex(3).
class DigestStream {
 public:
  /// `algorithm` is a name of job::k_digest_algorithms. Throws std::runtime_error when OpenSSL lacks it.
  explicit DigestStream(const std::string& algorithm);

  void update(std::string_view data);
  /// Lower-case hex digits; nothing may be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept;
  };
  std::unique_ptr<EVP_MD_CTX, Free> m_context;
};

}  // namespace concd::engine
