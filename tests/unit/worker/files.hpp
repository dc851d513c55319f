#pragma once

#include <string>
#include <string_view>

#include "job/executor.hpp"

namespace concd::worker {

/// A regular file without a name, memfd_create(2), with this content.
[[nodiscard]] job::SharedFd unnamed_file(std::string_view content = "");
/// The whole content, wherever the descriptor stands.
[[nodiscard]] std::string content_of(const job::SharedFd& file);

}  // namespace concd::worker
