#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "client/follow/request.hpp"
#include "job/view.hpp"

namespace concd::client {

/// The file that a path given with --output means: a folder means the file `name` in it. Absolute.
[[nodiscard]] std::filesystem::path resolve_output(const std::filesystem::path& output,
                                                   const std::string& name);

/// Throws std::system_error when no file can be made in the folder of `file`: better now than after hours.
void check_folder_of(const std::filesystem::path& file);

/// Whether a device, a pipe or a socket is at `path`, or where a link there leads: no place for a file, and
/// nothing to replace.
[[nodiscard]] bool is_special(const std::filesystem::path& path);
/// That sentence, for a person.
[[nodiscard]] std::string special_text();

/// Whether the caller, `uid`, is to get a copy of the finished job's file when it gave no --output itself: of
/// a URL's that nobody has fetched yet, and of a name's that asked for a copy which is not there yet.
[[nodiscard]] bool is_to_be_fetched(const job::View& job, uid_t uid);

/// Where that copy goes: the path remembered with the job, else the file `name` in the current folder.
[[nodiscard]] std::filesystem::path default_target(const job::View& job, const std::string& name);

/// Where the file of the request's job goes, which the daemon calls `name`.
[[nodiscard]] std::filesystem::path target_of(const FollowedRequest& request, const std::string& name);

/// Where the file of a done job is that needs no fetching; empty when it is nowhere by now.
[[nodiscard]] std::string place_of(const job::View& job);

}  // namespace concd::client
