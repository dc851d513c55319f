#pragma once

#include <functional>
#include <string>
#include <thread>

namespace concd {

/// Starts a thread with a name of at most 15 characters that gets no signal: those are for the main thread.
/// Throws std::system_error when there can be no further thread.
[[nodiscard]] std::thread start_thread(std::string name, std::function<void()> function);

}  // namespace concd
