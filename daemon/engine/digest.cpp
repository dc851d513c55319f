#include "engine/digest.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace concd::engine {

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

}  // namespace concd::engine
