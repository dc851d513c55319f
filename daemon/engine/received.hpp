#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/part_file.hpp"
#include "engine/space_ahead.hpp"
#include "job/checkpoint.hpp"
#include "job/digest.hpp"
#include "lib/openssl/digest_stream.hpp"

namespace concd::engine {

/// The bytes of one attempt on their way into a partial file: how many have come, how many are written, and
/// what is known of them. Lives on the transfer's thread.
class Received {
 public:
  /// From byte 0 into an empty file. `checkpoint` says what the bytes come with; `expected` is the digest to
  /// make as they come, if any.
  [[nodiscard]] static Received anew(job::SharedFd fd, job::Checkpoint checkpoint,
                                     const std::optional<job::Digest>& expected);
  /// From byte `offset` on. What is past the durable bytes of `checkpoint` is cut off the file; its other
  /// extents are void. Throws std::system_error.
  [[nodiscard]] static Received onward(job::SharedFd fd, job::Checkpoint checkpoint, std::uint64_t offset);

  /// From now on what is written leaves so much of the file system free, see kept_free(). `total`: bytes of
  /// the file, where somebody told. Throws std::system_error, ENOSPC where the rest of it does not fit.
  void keep_free(std::uint64_t min_free, std::optional<std::uint64_t> total) {
    m_space.emplace(*m_file, min_free, total, m_written);
  }
  /// `bytes` have come and will be written.
  void count(std::uint64_t bytes) { m_received += bytes; }
  /// Writes what comes next. Throws std::system_error.
  void write(std::string_view data);

  /// Bytes of the file that are here, staged ones included.
  [[nodiscard]] std::uint64_t received() const { return m_received; }
  /// Those of them that are in the partial file.
  [[nodiscard]] std::uint64_t written() const { return m_written; }
  /// Those of them that came in this attempt.
  [[nodiscard]] std::uint64_t fetched() const { return m_received - m_from; }
  /// Bytes that an earlier attempt had left on the disk; not 0 exactly when they are continued.
  [[nodiscard]] std::uint64_t continued() const { return m_continued; }
  /// More has come than was announced: nothing of it can be trusted.
  [[nodiscard]] bool overflows() const { return m_checkpoint.total && m_received > *m_checkpoint.total; }
  /// Whether the bytes may be of use to a later attempt: by their validators, or on trust in a digest.
  [[nodiscard]] bool can_be_continued(const std::optional<job::Digest>& expected) const {
    return !m_checkpoint.validators.empty() || expected.has_value();
  }
  [[nodiscard]] const std::optional<std::uint64_t>& total() const { return m_checkpoint.total; }
  /// Of what is synced by now.
  [[nodiscard]] job::Checkpoint checkpoint() const;
  /// Of a file of which nothing is kept: how large it is.
  [[nodiscard]] job::Checkpoint size_only() const;
  /// The digest in hex of all that was written; empty when none was to be made, or not from byte 0.
  [[nodiscard]] std::string finish_digest();
  [[nodiscard]] const std::shared_ptr<PartFile>& file() const { return m_file; }

 private:
  Received(job::SharedFd fd, job::Checkpoint checkpoint, std::uint64_t offset);

  job::Checkpoint m_checkpoint;
  std::uint64_t m_continued;
  std::uint64_t m_from;
  std::uint64_t m_received;
  std::uint64_t m_written;
  std::shared_ptr<PartFile> m_file;
  std::optional<openssl::DigestStream> m_digest;
  std::optional<SpaceAhead> m_space;  ///< nothing: no byte is looked after
};

}  // namespace concd::engine
