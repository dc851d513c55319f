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

/// Whether the caller, `uid`, is to get a copy of the job's file: who gave --output or wrote a place down
/// that has none yet, and of a URL's file its owner, once.
[[nodiscard]] bool is_to_be_fetched(const FollowedRequest& request, uid_t uid);

/// Whether that copy has no place to go: neither the command line nor a record says one.
[[nodiscard]] bool lacks_place(const FollowedRequest& request, uid_t uid);

/// Where the file of the request's job goes, which the daemon calls `name`. It does not lack a place.
[[nodiscard]] std::filesystem::path target_of(const FollowedRequest& request, const std::string& name);

/// Where the file of the request's done job is that needs no fetching; empty when it is nowhere by now.
[[nodiscard]] std::string place_of(const FollowedRequest& request);

}  // namespace concd::client
