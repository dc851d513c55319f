#include "publish/verify.hpp"

#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/openssl/digest_stream.hpp"
#include "util/errno_error.hpp"

namespace concd::publish {
namespace {

namespace fs = std::filesystem;
using job::RetryClass;

struct stat look_at(int fd, const fs::path& name) {
  struct stat status{};
  check_errno(::fstat(fd, &status), "cannot look at " + name.string());
  return status;
}

Result refused(RetryClass retry_class, const std::string& why) {
  return {Result::Kind::failed, job::Failure{job::FailureKind::verification, retry_class, why}, false};
}

/// Whoever delivers something else than he says is not asked again.
Result untrue(const std::string& why) {
  return refused(RetryClass::mirror, "the file is not the one that was reported: " + why);
}

std::string bytes(std::uint64_t count) {
  return std::to_string(count) + " bytes";
}

std::optional<Result> verify_file(const Publication& publication) {
  const auto status = look_at(publication.file->get(), publication.part);
  if (!S_ISREG(status.st_mode)) return untrue("it is not a regular file");
  if (!publication.in_place && !is_linked(publication.file->get(), publication.part))
    return untrue("it is no longer in its place");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size != publication.size) return untrue(bytes(size) + " instead of " + bytes(publication.size));
  if (publication.expected_size && size != *publication.expected_size)
    return refused(RetryClass::mirror, "the file is not the expected one: " + bytes(size) + " where " +
                                           std::to_string(*publication.expected_size) + " were expected");
  return std::nullopt;
}

std::optional<Result> verify_digest(const Publication& publication, const job::Digest& expected,
                                    const std::atomic<bool>& stop) {
  auto found = publication.digest;
  if (found.empty()) {
    auto read = openssl::digest_of(publication.file->get(), expected.algorithm, publication.size, stop);
    if (!read) return Result{Result::Kind::stopped, std::nullopt, false};
    found = std::move(*read);
  }
  if (found == expected.hex) return std::nullopt;
  // Bytes that were joined on trust may be what is wrong, rather than this server's file.
  return refused(publication.validated ? RetryClass::mirror : RetryClass::retry,
                 "the file is not the expected one: its " + expected.algorithm + " is " + found);
}

}  // namespace

bool is_linked(int fd, const fs::path& name) {
  struct stat there{};
  if (::lstat(name.c_str(), &there) != 0) {
    if (errno == ENOENT) return false;
    throw errno_error("cannot look at " + name.string());
  }
  const auto open = look_at(fd, name);
  return open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

std::optional<job::FileStamp> still_whole(const Doubt& doubt, const std::atomic<bool>& stop) noexcept {
  try {
    const int fd = doubt.file->get();
    const auto stamp = job::stamp_of(fd);
    const auto found = openssl::digest_of(fd, doubt.digest.algorithm, doubt.size, stop);
    if (found == doubt.digest.hex && job::stamp_of(fd) == stamp) return stamp;
  } catch (const std::exception&) {
    // What cannot be read is fetched again.
  }
  return std::nullopt;
}

std::optional<Result> verify(const Publication& publication, const std::atomic<bool>& stop) {
  if (auto refusal = verify_file(publication)) return refusal;
  if (!publication.expected_digest) return std::nullopt;
  return verify_digest(publication, *publication.expected_digest, stop);
}

}  // namespace concd::publish
