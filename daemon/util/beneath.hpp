#pragma once

#include <string>

#include "util/unique_fd.hpp"

namespace concd {

/// Opens what `path` leads to below an open folder, with O_CLOEXEC: no absolute path, no "..", and no
/// symbolic link on the way or at its end, openat2(2). Where the kernel has no such call or a filter denies
/// it, as open_step_by_step() does. Throws std::system_error that begins with `context`.
[[nodiscard]] UniqueFd open_beneath(int folder, const std::string& path, int flags, unsigned mode,
                                    const std::string& context);

/// The same with an openat(2) for each folder on the way.
[[nodiscard]] UniqueFd open_step_by_step(int folder, const std::string& path, int flags, unsigned mode,
                                         const std::string& context);

}  // namespace concd
