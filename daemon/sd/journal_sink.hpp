#pragma once

#include <memory>

#include <spdlog/sinks/sink.h>

namespace concd::sd {

/// A spdlog sink that sends entries with their fields to the journal, by a thread of its own: logging never
/// blocks. Used from any thread.
[[nodiscard]] spdlog::sink_ptr make_journal_sink();

/// True when a journal listens on this machine.
[[nodiscard]] bool journal_is_there();

}  // namespace concd::sd
