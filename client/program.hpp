#pragma once

namespace concd::client {

/// All of concctl but the choice of the language. Returns the exit code; throws nothing.
int run(int count, const char* const* words);

}  // namespace concd::client
