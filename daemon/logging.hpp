#pragma once

#include <filesystem>
#include <string>

namespace concd {

/// Sends the log where it belongs: with `foreground` to standard error, coloured on a terminal; otherwise to
/// the journal, or to `file` on a machine that has none. Call it after the last fork: the journal has a
/// thread.
void start_logging(bool foreground, const std::filesystem::path& file);

/// "debug", "info", "warning" or "error", concd.toml(5).
void set_log_level(const std::string& level);

}  // namespace concd
