#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "job/job.hpp"

namespace concd::client {

/// One argument of download or wait, from the call that opens it until its result is there. A value.
struct FollowedRequest {
  std::string argument;                  ///< as given; may hold secrets
  std::optional<job::Request> download;  ///< what to ask for; nothing for a job that is known
  /// Where its file is to go, absolute; --output of wait may be a folder. Nothing: as the job remembers it.
  std::optional<std::filesystem::path> output;
  bool force = false;           ///< replace what stands at the target
  job::Id id = 0;               ///< 0 until the daemon has told it
  std::optional<job::Job> job;  ///< as last heard
  bool awaited = false;         ///< a Wait for its job is out
  bool ended = false;           ///< its job has; the file may still be to fetch
  bool settled = false;         ///< nothing more is to be done
  int code = 0;                 ///< how it ended, exit_code
  std::string result;           ///< the line for stdout; empty: none
};

/// What the bars and messages call it: the file name of a URL, else the name.
[[nodiscard]] std::string label_of(const FollowedRequest& request);

/// How long messages name it: the redacted URL or the name.
[[nodiscard]] std::string title_of(const FollowedRequest& request);

}  // namespace concd::client
