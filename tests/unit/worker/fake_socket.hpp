#pragma once

#include <string>
#include <string_view>

#include "worker/messages.hpp"

/// A worker's end of the socket, without loop or channel: it may also say what no honest worker would.
namespace concd::worker {

/// poll(2).
void wait_for(short events);
/// Writes until all is gone; ends the process when the daemon has hung up.
void say_bytes(std::string_view bytes);
void say(const Report& report);
/// A frame with a descriptor, which the daemon has not asked for.
void pass(int descriptor, const std::string& text);
/// The next command, with its descriptors; ends the process when the daemon has hung up.
[[nodiscard]] Command hear();

}  // namespace concd::worker
