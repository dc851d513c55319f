#include "lib/openssl/digest_stream.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>
#include <unistd.h>

#include "util/errno_error.hpp"

namespace concd::openssl {
namespace {

constexpr std::size_t k_read_size = 1 << 20;

/// pread(2), restarted on EINTR; never 0 bytes.
std::size_t read_some(int fd, std::vector<char>& buffer, std::uint64_t limit, std::uint64_t offset) {
  const auto size = std::min<std::uint64_t>(limit, buffer.size());
  ssize_t count = 0;
  do count = ::pread(fd, buffer.data(), size, static_cast<off_t>(offset));
  while (count < 0 && errno == EINTR);
  if (check_errno(count, "cannot read the file back") == 0)
    throw errno_error("cannot read the file back", EIO);
  return static_cast<std::size_t>(count);
}

}  // namespace

void DigestStream::Free::operator()(EVP_MD_CTX* context) const noexcept {
  EVP_MD_CTX_free(context);
}

DigestStream::DigestStream(const std::string& algorithm) : m_context(EVP_MD_CTX_new()) {
  const auto* const method = EVP_get_digestbyname(algorithm.c_str());
  if (!m_context || method == nullptr || EVP_DigestInit_ex(m_context.get(), method, nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no " + algorithm);
}

void DigestStream::update(std::string_view data) {
  if (EVP_DigestUpdate(m_context.get(), data.data(), data.size()) != 1)
    throw std::runtime_error("EVP_DigestUpdate failed");
}

std::string DigestStream::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  if (EVP_DigestFinal_ex(m_context.get(), bytes.data(), &length) != 1)
    throw std::runtime_error("EVP_DigestFinal_ex failed");
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += k_digits[bytes[i] >> 4];
    hex += k_digits[bytes[i] & 15];
  }
  return hex;
}

std::optional<std::string> digest_of(int fd, const std::string& algorithm, std::uint64_t size,
                                     const std::atomic<bool>& stop) {
  DigestStream stream(algorithm);
  std::vector<char> buffer(std::min<std::uint64_t>(size, k_read_size));
  for (std::uint64_t offset = 0; offset < size;) {
    if (stop.load()) return std::nullopt;
    const auto count = read_some(fd, buffer, size - offset, offset);
    stream.update({buffer.data(), count});
    offset += count;
  }
  return stream.finish();
}

}  // namespace concd::openssl
