#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "protocol/interface.hpp"
#include "samples.hpp"
#include "support/catch.hpp"

using namespace concd::protocol;

namespace {

const std::filesystem::path k_folder = CONCD_GOLDEN_FOLDER;
const std::filesystem::path k_manual = CONCD_MANUAL_PAGE;

std::filesystem::path file_of(const Sample& sample) {
  return k_folder / (sample.name + ".json");
}

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// The names that the interface defines by "KEYWORD NAME(" or "KEYWORD NAME (".
std::set<std::string> names(const std::string& keyword) {
  std::set<std::string> found;
  std::istringstream text{std::string(k_io_concd.description)};
  for (std::string line; std::getline(text, line);)
    if (line.starts_with(keyword + " "))
      found.insert(
          line.substr(keyword.size() + 1, line.find_first_of(" (", keyword.size() + 1) - keyword.size() - 1));
  return found;
}

}  // namespace

// Written anew with CONCD_WRITE_GOLDEN=1; what then differs in the working copy is a change of the wire.
TEST_CASE("every message is on the wire, to the byte, what it has always been") {
  const bool write = std::getenv("CONCD_WRITE_GOLDEN") != nullptr;
  std::set<std::filesystem::path> expected;
  for (const auto& sample : samples()) {
    INFO(sample.name);
    if (write) std::ofstream(file_of(sample), std::ios::binary) << sample.text;
    CHECK(read(file_of(sample)) == sample.text);
    expected.insert(file_of(sample));
  }
  for (const auto& entry : std::filesystem::directory_iterator(k_folder))
    CHECK(expected.contains(entry.path()));
}

TEST_CASE("every golden message is read into the values that it was written from") {
  for (const auto& sample : samples()) {
    INFO(sample.name);
    const auto golden = read(file_of(sample));
    REQUIRE_FALSE(golden.empty());
    CHECK(sample.again(golden) == golden);
  }
}

TEST_CASE("every method and error of the interface has its golden message and is in the manual page") {
  const auto manual = read(k_manual);
  const auto methods = names("method");
  CHECK(methods.size() == 13);
  for (const auto& name : methods) {
    INFO(name);
    CHECK(std::filesystem::exists(k_folder / ("call_" + name + ".json")));
    CHECK_THAT(manual, ContainsSubstring(" " + name + "("));
  }
  const auto errors = names("error");
  CHECK(errors.size() == 9);
  for (const auto& name : errors) {
    INFO(name);
    CHECK(std::filesystem::exists(k_folder / ("error_" + name + ".json")));
    CHECK_THAT(manual, ContainsSubstring(".B io.concd." + name + "\n"));
  }
}
