// systemd/concd.toml, the commented sample that is installed, against the table of keys.

#include <map>
#include <regex>

#include <spdlog/fmt/fmt.h>

#include "config/keys.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"
#include "util/units.hpp"

using namespace concd;
using namespace concd::config;

namespace {

const auto k_sample = CONCD_SOURCE_DIR "/systemd/concd.toml";

/// What the sample says of a key.
struct Entry {
  std::string name;     ///< "SECTION.KEY"
  std::string comment;  ///< the line above it
};

std::vector<Entry> entries_of(const std::string& sample) {
  const std::regex line("\\[([a-z]+)\\]\n|# (.*)\n#([a-z_]+) = .*\n");
  std::vector<Entry> entries;
  std::string section;
  for (std::sregex_iterator match(sample.begin(), sample.end(), line), end; match != end; ++match) {
    if ((*match)[1].matched) section = (*match)[1];
    if ((*match)[3].matched) entries.push_back({section + "." + (*match)[3].str(), (*match)[2]});
  }
  return entries;
}

/// "(LEAST to MOST" of a comment; two empty texts when it has none.
toml::Range<std::string> bounds_of(const std::string& comment) {
  std::smatch match;
  std::regex_search(comment, match, std::regex("\\(([0-9]+[A-Za-z]*) to ([0-9]+[A-Za-z]*)"));
  return {match[1], match[2]};
}

/// Whether a comment tells what a value may be.
struct Tells {
  const std::string& comment;
  toml::Range<std::string> bounds = bounds_of(comment);

  bool operator()(const NumberKey& key) const { return is(key.range.least, key.range.most); }
  bool operator()(const SizeKey& key) const {
    if (key.range.most == std::numeric_limits<std::int64_t>::max()) return bounds.least.empty();
    return parse_size(bounds.least) == key.range.least && parse_size(bounds.most) == key.range.most;
  }
  bool operator()(const SpanKey& key) const {
    return parse_duration(bounds.least) == key.range.least && parse_duration(bounds.most) == key.range.most;
  }
  bool operator()(const ChoiceKey& key) const {
    return std::ranges::all_of(key.choices, [&](std::string_view choice) {
      return std::regex_search(comment, std::regex(fmt::format("\\b{}\\b", choice)));
    });
  }
  bool operator()(const TextKey& key) const {
    return key.length.least == 0 || is(key.length.least, key.length.most);
  }
  bool operator()(const SocketFolderKey& key) const {
    return comment.find(fmt::format("(at most {} bytes)", key.max_length)) != std::string::npos;
  }
  bool operator()(const TextsKey&) const { return true; }
  bool operator()(const PathKey&) const { return true; }
  bool operator()(const PathsKey&) const { return true; }

  [[nodiscard]] bool is(std::size_t least, std::size_t most) const {
    return bounds.least == std::to_string(least) && bounds.most == std::to_string(most);
  }
};

}  // namespace

TEST_CASE("the sample shows every key with its text and bounds, and no other") {
  const auto entries = entries_of(read_text(k_sample));
  REQUIRE(entries.size() == keys().size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& key = keys()[i];
    const auto& [name, comment] = entries[i];
    CHECK(name == fmt::format("{}.{}", key.section, key.name));
    CHECK_THAT(comment, Catch::Matchers::StartsWith(std::string(key.text)));
    INFO(name << ": " << comment);
    CHECK(std::visit(Tells{comment}, key.value));
  }
}

TEST_CASE("the sample shows every key with its true default, and sets none") {
  const auto sample = read_text(k_sample);
  const test::TemporaryFolder folder;
  CHECK(load(folder.write("as-it-is.toml", sample)) == Config{});
  CHECK_FALSE(std::regex_search(sample, std::regex("(^|\n)[a-z_]+ =")));
  const auto in_use = std::regex_replace(sample, std::regex("(^|\n)#([a-z_]+ = )"), "$1$2");
  CHECK(load(folder.write("in-use.toml", in_use)) == Config{});
}
