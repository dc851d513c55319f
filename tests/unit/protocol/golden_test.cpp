#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "job/event.hpp"
#include "job/view.hpp"
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

/// The words of the enum "type NAME (...)".
std::set<std::string> words_of(const std::string& type) {
  const std::string text(k_io_concd.description);
  const auto begin = text.find('(', text.find("\ntype " + type + " (")) + 1;
  std::string list = text.substr(begin, text.find(')', begin) - begin);
  std::ranges::replace(list, ',', ' ');
  std::istringstream words(list);
  return {std::istream_iterator<std::string>(words), {}};
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

TEST_CASE("types, methods and errors share one space of names, as sd-varlink demands") {
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto* keyword : {"type", "method", "error"})
    for (const auto& name : names(keyword)) {
      all.insert(name);
      ++count;
    }
  CHECK(all.size() == count);
}

TEST_CASE("the words of the interface's enums are those that are written and read") {
  using namespace concd::job;
  const auto known = [](const std::string& type, auto parse) {
    INFO(type);
    const auto words = words_of(type);
    CHECK_FALSE(words.empty());
    for (const auto& word : words) CHECK(parse(word).has_value());
    return words.size();
  };
  CHECK(known("State", state_from_string) == 8);
  CHECK(known("Executor", executor_kind_from_string) == 3);
  CHECK(known("PriorityLevel", priority_from_string) == 4);
  CHECK(known("WaitKind", wait_kind_from_string) == 9);
  CHECK(known("FailureKind", failure_kind_from_string) == 8);
  CHECK(known("Event", job_event_kind_from_string) == 12);
}

TEST_CASE("every method and error of the interface has its golden message and is in the manual page") {
  const auto manual = read(k_manual);
  const auto methods = names("method");
  CHECK(methods.size() == 15);
  for (const auto& name : methods) {
    INFO(name);
    CHECK(std::filesystem::exists(k_folder / ("call_" + name + ".json")));
    CHECK_THAT(manual, ContainsSubstring(" " + name + "("));
  }
  const auto errors = names("error");
  CHECK(errors.size() == 11);
  for (const auto& name : errors) {
    INFO(name);
    CHECK(std::filesystem::exists(k_folder / ("error_" + name + ".json")));
    CHECK_THAT(manual, ContainsSubstring(".B io.concd." + name + "\n"));
  }
}
