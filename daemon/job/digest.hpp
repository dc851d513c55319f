#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace concd::job {

/// A digest algorithm: its name in concd (and in OpenSSL, EVP_get_digestbyname(3)) and its length in hex
/// digits.
struct DigestAlgorithm {
  std::string_view name;
  std::size_t hex_digits;
};

inline constexpr std::array k_digest_algorithms{
    DigestAlgorithm{"sha256", 64},
    DigestAlgorithm{"sha512", 128},
    DigestAlgorithm{"sha1", 40},
    DigestAlgorithm{"md5", 32},
};

/// The digest that a file must have.
struct Digest {
  std::string algorithm;  ///< a name of k_digest_algorithms
  std::string hex;        ///< lower case

  bool operator==(const Digest&) const = default;
};

/// Reads "ALGORITHM:HEX". Nothing when the algorithm is unknown or the digits are not of its length.
[[nodiscard]] std::optional<Digest> parse_digest(std::string_view text);

/// "ALGORITHM:HEX".
[[nodiscard]] std::string to_string(const Digest& digest);

}  // namespace concd::job
