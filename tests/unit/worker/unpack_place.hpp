#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_maker.hpp"
#include "support/catch.hpp"
#include "util/file.hpp"
#include "worker/process/unpack.hpp"

namespace concd::worker {

/// A folder of its own for each test, gone afterwards.
struct UnpackPlace {
  UnpackPlace() {
    std::string name = std::filesystem::temp_directory_path() / "concd-unpack-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    archive = root / "archive";
    folder = root / "folder";
    std::filesystem::create_directory(folder);
  }
  UnpackPlace(const UnpackPlace&) = delete;
  UnpackPlace& operator=(const UnpackPlace&) = delete;
  ~UnpackPlace() { std::filesystem::remove_all(root); }

  UnpackPlace& make(ArchiveMaker::Format format, const std::function<void(ArchiveMaker&)>& fill) {
    ArchiveMaker maker(archive, format);
    fill(maker);
    return *this;
  }
  UnpackPlace& make(const std::function<void(ArchiveMaker&)>& fill) {
    return make(ArchiveMaker::Format::tar_gzip, fill);
  }

  std::filesystem::path root, archive, folder;
};

/// As a worker does it, but back in the old working directory afterwards.
inline std::optional<job::Failure> unpack_in(const UnpackPlace& place, const UnpackLimits& limits) {
  const auto before = open_file(".", O_PATH | O_DIRECTORY);
  const auto archive = open_file(place.archive, O_RDONLY);
  const auto folder = open_file(place.folder, O_RDONLY | O_DIRECTORY);
  auto failure = unpack(archive.get(), folder.get(), limits, [] {});
  REQUIRE(::fchdir(before.get()) == 0);
  return failure;
}

inline std::optional<job::Failure> unpack_in(const UnpackPlace& place) {
  return unpack_in(place, unpack_limits(std::filesystem::file_size(place.archive)));
}

inline unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

inline void check_unpacked(const std::optional<job::Failure>& failure) {
  INFO((failure ? failure->message : "none"));
  CHECK_FALSE(failure);
}

/// The archive is refused for that reason, and nothing is beside it and the folder.
inline void check_refused(const UnpackPlace& place, const std::optional<job::Failure>& failure,
                          const std::string& why) {
  REQUIRE(failure);
  CHECK(failure->kind == job::FailureKind::verification);
  CHECK(failure->retry_class == job::RetryClass::none);
  CHECK_THAT(failure->message, ContainsSubstring("the archive was refused: "));
  CHECK_THAT(failure->message, ContainsSubstring(why));
  CHECK(std::distance(std::filesystem::directory_iterator(place.root), {}) == 2);
}

inline void check_refused(const UnpackPlace& place, const std::string& why) {
  check_refused(place, unpack_in(place), why);
}

}  // namespace concd::worker
