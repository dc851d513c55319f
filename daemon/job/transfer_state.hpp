#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "util/clock.hpp"

namespace concd::job {

/// What tells two versions of a file apart, exactly as the origin sent it, RFC 9110 §8.8; empty: not sent.
struct Validators {
  std::string etag;
  std::string last_modified;

  bool operator==(const Validators&) const = default;
};

/// What is known to be on disk of a partial file. It never runs ahead of the data.
struct Checkpoint {
  std::string url;                     ///< the URL of the list that the bytes came from
  std::uint64_t durable = 0;           ///< bytes from 0 that are synced
  std::optional<std::uint64_t> total;  ///< whole length, where the origin told it
  Validators validators;

  bool operator==(const Checkpoint&) const = default;
};

/// How far a running job is.
struct Progress {
  std::uint64_t received = 0;          ///< bytes of the file that are here, resumed ones included
  std::optional<std::uint64_t> total;  ///< bytes of the whole file, where known
  std::uint64_t rate = 0;              ///< bytes/s, smoothed over about a second
};

/// A published file of the library: what is needed to say whether it is fresh and to revalidate it.
struct Artifact {
  std::string name;  ///< the catalog NAME
  std::string url;   ///< where it came from; may hold secrets
  Validators validators;
  std::uint64_t size = 0;     ///< bytes of the file that was fetched
  std::string digest;         ///< "ALGORITHM:HEX" that was verified; empty: none was expected
  Microseconds fetched_at{};  ///< realtime of the last fetch or revalidation
};

}  // namespace concd::job
