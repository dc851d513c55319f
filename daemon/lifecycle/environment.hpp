#pragma once

namespace concd::lifecycle {

/// Empties the environment but for what the daemon itself needs, so that no proxy, CURL_* or TMPDIR of
/// whoever started it changes what it does. Kept: NOTIFY_SOCKET and the options of the sanitizers; PATH is
/// set anew.
void clean_environment();

}  // namespace concd::lifecycle
