#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "transfer/settings.hpp"

namespace concd::worker {

/// transfer::Settings as JSON, all but `unpack`: what worker::Settings::transfer carries to the child.
[[nodiscard]] std::string encode_settings(const transfer::Settings& settings);

/// Reads what encode_settings wrote; the error says what is wrong with it.
[[nodiscard]] tl::expected<transfer::Settings, std::string> decode_settings(std::string_view text);

}  // namespace concd::worker
