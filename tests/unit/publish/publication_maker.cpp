#include "publication_maker.hpp"

#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/stat.h>

#include "support/catch.hpp"
#include "util/file.hpp"

namespace concd::test {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

job::Digest digest_of_whole() {
  return {"sha256", "5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099"};
}

PublicationMaker::PublicationMaker(const std::string& text) {
  fs::create_directory(partial_folder());
  fs::create_directory(library());
  publication.id = 17;
  publication.part = root.write("partial/17.1.part", text);
  fs::permissions(publication.part, fs::perms::owner_read | fs::perms::owner_write);
  publication.file = std::make_shared<UniqueFd>(open_file(publication.part, O_RDWR));
  publication.destination = library() / "f";
  publication.size = text.size();
}

void PublicationMaker::put_old_folder() const {
  fs::create_directory(publication.destination);
  std::ofstream(publication.destination / "old") << "old";
}

job::FileStamp PublicationMaker::published_stamp() const {
  struct stat status{};
  REQUIRE(::lstat(publication.destination.c_str(), &status) == 0);
  return job::stamp_of(status);
}

}  // namespace concd::test
