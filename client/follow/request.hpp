#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "client/delivery/new_file.hpp"
#include "job/spec.hpp"
#include "job/view.hpp"

namespace concd::client {

/// How far a followed request is. A connection that is lost takes one that has not ended back to opening.
enum class Stage {
  unopened,  ///< nothing has been asked for
  opening,   ///< its first call is out
  opened,    ///< its job is known and no Wait for it is out
  awaited,   ///< a Wait for its job is out
  ended,     ///< its job has; the file is to be fetched
  settled,   ///< nothing more is to be done
};

/// One argument of download or wait, from the call that opens it until its result is there.
struct FollowedRequest {
  std::string argument;                  ///< as given; may hold secrets
  std::optional<job::Request> download;  ///< what to ask for; nothing for a job that is known
  /// Where its file is to go, absolute; --output of wait may be a folder. Nothing: to `remembered`.
  std::optional<std::filesystem::path> output;
  /// Where this user once meant it to go, absolute: of a download its output, else by the user's Records.
  /// What the daemon says of it does not count.
  std::optional<std::filesystem::path> remembered;
  /// The hidden file beside `output` or `remembered` that it is fetched into; nothing: a copy is to be made.
  std::optional<NewFile> own;
  bool force = false;            ///< replace a file that exists there
  job::Id id = 0;                ///< 0 until the daemon has told it
  std::optional<job::View> job;  ///< as last heard
  Stage stage = Stage::unopened;
  int code = 0;        ///< how it was settled, exit_code
  std::string result;  ///< the line for stdout; empty: none

  [[nodiscard]] bool is_settled() const { return stage == Stage::settled; }
  /// Its job is still to come to its end.
  [[nodiscard]] bool is_pending() const { return stage < Stage::ended; }
};

/// What the bars and messages call it: the file name of a URL, else the name.
[[nodiscard]] std::string label_of(const FollowedRequest& request);

/// How long messages name it: the redacted URL or the name.
[[nodiscard]] std::string title_of(const FollowedRequest& request);

}  // namespace concd::client
