#pragma once

namespace concd {

/// From here on the process, which holds URLs with passwords, leaves no core file, and nobody but root looks
/// into its memory: RLIMIT_CORE 0 and PR_SET_DUMPABLE 0, which prctl(2) says is lost by exec and by a change
/// of the user. Throws std::system_error.
void forbid_core_dumps();

}  // namespace concd
