#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "job/extents.hpp"

namespace concd::job {

/// What tells two versions of a file apart, exactly as the origin sent it, RFC 9110 §8.8; empty: not sent.
struct Validators {
  std::string etag;
  std::string last_modified;

  [[nodiscard]] bool empty() const { return etag.empty() && last_modified.empty(); }
  bool operator==(const Validators&) const = default;
};

/// What is known to be on disk of a partial file. It never runs ahead of the data.
struct Checkpoint {
  std::uint32_t part =
      0;            ///< number of the partial file that holds the bytes, StateFolder::partial(); 0: none
  std::string url;  ///< the URL of the list that the bytes came from
  Extents extents;  ///< what is synced
  std::optional<std::uint64_t> total{};  ///< bytes of the whole file, where the origin told it
  Validators validators;

  /// Bytes that are synced, and those of them from 0 on without a gap.
  [[nodiscard]] std::uint64_t durable() const { return covered(extents); }
  [[nodiscard]] std::uint64_t durable_front() const { return front(extents); }
  /// One stream from 0 has come so far.
  void set_durable(std::uint64_t bytes) {
    extents.clear();
    if (bytes > 0) extents.push_back({0, bytes});
  }
  bool operator==(const Checkpoint&) const = default;
};

}  // namespace concd::job
