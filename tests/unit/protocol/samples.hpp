#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace concd::protocol {

/// One message of the wire.
struct Sample {
  std::string name;  ///< of its file in golden/
  std::string text;  ///< as it is written today
  /// Reads the text into values and writes those anew.
  std::function<std::string(std::string_view text)> again;
};

/// Every message of io.concd, with few and with many of its members, and every error.
[[nodiscard]] std::vector<Sample> samples();

}  // namespace concd::protocol
