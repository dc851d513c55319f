#pragma once

#include <filesystem>
#include <string>

#include "publish/publisher.hpp"
#include "support/temporary_folder.hpp"

namespace concd::test {

/// The whole text of a file; "" when there is none.
std::string read(const std::filesystem::path& file);

/// The SHA-256 of "whole".
job::Digest digest_of_whole();

/// A state folder with a partial file that is whole, and its publication to "library/f".
struct PublicationMaker {
  explicit PublicationMaker(const std::string& text = "whole");

  [[nodiscard]] std::filesystem::path partial_folder() const { return root.path() / "partial"; }
  [[nodiscard]] std::filesystem::path library() const { return root.path() / "library"; }
  /// Of what stands at the destination.
  [[nodiscard]] job::FileStamp published_stamp() const;
  /// Nothing lies in partial/ any more.
  [[nodiscard]] bool is_cleared() const { return std::filesystem::is_empty(partial_folder()); }
  /// Makes "old/old" stand at the destination, in which a folder is to be replaced.
  void put_old_folder() const;

  TemporaryFolder root;
  publish::Publication publication;
};

}  // namespace concd::test
