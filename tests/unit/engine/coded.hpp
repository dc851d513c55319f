#pragma once

#include <string>

namespace concd::test {

/// The text in the gzip format or, with 15 `bits`, in that of zlib, see deflateInit2().
[[nodiscard]] std::string gzip(const std::string& text, int bits = 15 + 16);

}  // namespace concd::test
