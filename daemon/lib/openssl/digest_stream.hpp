#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

using EVP_MD_CTX = struct evp_md_ctx_st;

namespace concd::openssl {

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

/// The digest in hex of the first `size` bytes of an open file; its offset is neither used nor changed.
/// Blocks on the disk. Nothing when `stop` became true meanwhile. Throws std::system_error, EIO when the file
/// is shorter.
[[nodiscard]] std::optional<std::string> digest_of(int fd, const std::string& algorithm, std::uint64_t size,
                                                   const std::atomic<bool>& stop);

}  // namespace concd::openssl
