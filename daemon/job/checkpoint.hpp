#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace concd::job {

/// What tells two versions of a file apart, exactly as the origin sent it, RFC 9110 §8.8; empty: not sent.
struct Validators {
  std::string etag;
  std::string last_modified;

  [[nodiscard]] bool empty() const { return etag.empty() && last_modified.empty(); }
  bool operator==(const Validators&) const = default;
};

/// A range of a file, in bytes.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  bool operator==(const Extent&) const = default;
};

/// What is known to be on disk of a partial file. It never runs ahead of the data.
struct Checkpoint {
  std::uint32_t part =
      0;            ///< number of the partial file that holds the bytes, StateFolder::partial(); 0: none
  std::string url;  ///< the URL of the list that the bytes came from
  std::vector<Extent> extents;           ///< what is synced: in order, neither empty nor touching one another
  std::optional<std::uint64_t> total{};  ///< bytes of the whole file, where the origin told it
  Validators validators;

  /// Bytes from 0 that are synced.
  [[nodiscard]] std::uint64_t durable() const {
    return !extents.empty() && extents.front().offset == 0 ? extents.front().length : 0;
  }
  /// One stream from 0 has come so far.
  void set_durable(std::uint64_t bytes) {
    extents.clear();
    if (bytes > 0) extents.push_back({0, bytes});
  }
  bool operator==(const Checkpoint&) const = default;
};

}  // namespace concd::job
