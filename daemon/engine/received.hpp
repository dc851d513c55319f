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

/// The bytes of one attempt on their way into a partial file: what is written of them, and what is known of
/// them. They come in any order. Lives on the transfer's thread.
class Received {
 public:
  /// Into an empty file. `checkpoint` says what the bytes come with; `expected` is the digest to make as they
  /// come, if any.
  [[nodiscard]] static Received anew(job::SharedFd fd, job::Checkpoint checkpoint,
                                     const std::optional<job::Digest>& expected);
  /// Into a file that holds what `checkpoint` says. What is past that is cut off. Throws std::system_error.
  [[nodiscard]] static Received onward(job::SharedFd fd, job::Checkpoint checkpoint);

  /// From now on what is written leaves so much of the file system free, see kept_free(). `total`: bytes of
  /// the file, where somebody told. Throws std::system_error, ENOSPC where the rest of it does not fit.
  void keep_free(std::uint64_t min_free, std::optional<std::uint64_t> total) {
    m_space.emplace(*m_file, min_free, total, m_written);
  }
  /// `bytes` have come.
  void count(std::uint64_t bytes) { m_fetched += bytes; }
  /// More has come than was announced: nothing of it may be kept.
  void distrust() { m_trusted = false; }
  [[nodiscard]] bool is_trusted() const { return m_trusted; }
  /// Writes from byte `offset` on. Throws std::system_error.
  void write(std::uint64_t offset, std::string_view data);

  /// What of the file is in the partial file.
  [[nodiscard]] const job::Extents& written() const { return m_written; }
  /// Bytes that came in this attempt.
  [[nodiscard]] std::uint64_t fetched() const { return m_fetched; }
  /// What an earlier attempt had left on the disk; not empty exactly when it is continued.
  [[nodiscard]] const job::Extents& continued() const { return m_continued; }
  /// Whether the bytes may be of use to a later attempt: by their validators, or on trust in a digest.
  [[nodiscard]] bool can_be_continued(const std::optional<job::Digest>& expected) const {
    return !m_checkpoint.validators.empty() || expected.has_value();
  }
  /// What identifies the version that the bytes are of, where they may be continued by that.
  [[nodiscard]] const job::Validators& validators() const { return m_checkpoint.validators; }
  [[nodiscard]] const std::optional<std::uint64_t>& total() const { return m_checkpoint.total; }
  /// Of what is synced by now.
  [[nodiscard]] job::Checkpoint checkpoint() const;
  /// Of a file of which nothing is kept: how large it is.
  [[nodiscard]] job::Checkpoint size_only() const;
  /// The digest in hex of all that was written; empty when none was to be made, or not from byte 0 in order.
  [[nodiscard]] std::string finish_digest();
  [[nodiscard]] const std::shared_ptr<PartFile>& file() const { return m_file; }

 private:
  Received(job::SharedFd fd, job::Checkpoint checkpoint);

  job::Checkpoint m_checkpoint;
  job::Extents m_continued;
  std::uint64_t m_fetched = 0;
  bool m_trusted = true;
  job::Extents m_written;
  std::shared_ptr<PartFile> m_file;
  std::optional<openssl::DigestStream> m_digest;
  std::uint64_t m_digested = 0;       ///< bytes from 0 that are in the digest
  std::optional<SpaceAhead> m_space;  ///< nothing: no byte is looked after
};

}  // namespace concd::engine
