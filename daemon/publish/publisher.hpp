#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "job/executor.hpp"
#include "job/file_stamp.hpp"

namespace concd::publish {

/// A file that an executor says is whole and that is to become visible.
struct Publication {
  job::Id id = 0;      ///< the transfer's
  job::SharedFd file;  ///< the partial file, open read-write
  /// The file is a caller's own, and stays where it is: it gets neither name nor attributes. Where there is a
  /// destination, a copy goes there.
  bool in_place = false;
  std::filesystem::path part;         ///< its name, or the one of the copy while that is made
  std::filesystem::path destination;  ///< where it goes, on the file system of `part`
  unsigned mode = 0644;               ///< of the published file
  Microseconds mtime{};               ///< the server's, µs since the epoch; 0: not told
  std::uint64_t size = 0;             ///< bytes that the executor says are there
  std::optional<std::uint64_t> expected_size;
  std::optional<job::Digest> expected_digest;
  std::string
      digest;  ///< in hex, where one of the daemon's own threads made it as the bytes came; else empty
  bool validated = true;  ///< no bytes were continued on trust in the expected digest alone
  bool unpack = false;    ///< the destination becomes a folder with what the archive holds
};

/// How it went.
struct Result {
  enum class Kind {
    published,  ///< verified, synced and renamed to the destination, the folder synced
    failed,     ///< see `failure`
    stopped,    ///< stop() was asked for in time
  };
  Kind kind = Kind::published;
  std::optional<job::Failure> failure;
  bool kept = false;       ///< failed or stopped, and the partial file is still there, whole and synced
  job::FileStamp stamp{};  ///< published: of the file or folder in its place
};

/// A published file that somebody may have written to since.
struct Doubt {
  job::SharedFd file;  ///< open for reading
  std::uint64_t size = 0;
  job::Digest digest;
};

/// The only way into library and results. Used on the main thread.
class Publisher {
 public:
  /// Comes on the main thread, once, not before start() returns.
  using Done = std::function<void(const Result& result)>;

  virtual ~Publisher() = default;
  virtual void start(Publication publication, Done done) = 0;
  /// Ends the reading of a large file early; what is already being put in place is finished.
  virtual void stop(job::Id id) = 0;

  /// What the file's stamp is now if its bytes are still those of the digest. Comes on the main thread, once,
  /// not before look_again() returns.
  using Seen = std::function<void(const std::optional<job::FileStamp>& stamp)>;
  /// Reads the file anew.
  virtual void look_again(Doubt doubt, Seen seen) = 0;
};

}  // namespace concd::publish
