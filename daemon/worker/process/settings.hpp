#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "engine/settings.hpp"

namespace concd::worker {

/// engine::Settings as JSON: what WorkerSettings::transfer carries to the child.
[[nodiscard]] std::string encode_settings(const engine::Settings& settings);

/// Reads what encode_settings wrote; the error says what is wrong with it.
[[nodiscard]] tl::expected<engine::Settings, std::string> decode_settings(std::string_view text);

}  // namespace concd::worker
