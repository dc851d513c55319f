#include "config/read.hpp"

#include <set>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "config/accounts.hpp"
#include "config/keys.hpp"
#include "lib/toml/document.hpp"
#include "lib/toml/trusted_file.hpp"
#include "util/units.hpp"

namespace concd::config {
namespace {

using toml::TableReader;

/// Reads one key, checks it, and tells whether it was there.
struct KeyReader {
  TableReader& table;
  std::string_view name;
  Config& config;

  bool operator()(const NumberKey& key) const { return table.integer(name, key.place(config), key.range); }

  bool operator()(const SizeKey& key) const {
    auto& value = key.place(config);
    if (!table.size(name, value, {key.zero.empty() ? key.range.least : 0, key.range.most})) return false;
    if (value != 0 && value < key.range.least)
      fail_zero("0", key.zero, exact_size(key.range.least), exact_size(key.range.most));
    return true;
  }

  bool operator()(const SpanKey& key) const {
    using namespace std::chrono_literals;
    auto& value = key.place(config);
    if (!table.duration(name, value, {key.zero.empty() ? key.range.least : 0s, key.range.most})) return false;
    if (value != 0s && value < key.range.least)
      fail_zero("\"0\"", key.zero, exact_duration(key.range.least), exact_duration(key.range.most));
    return true;
  }

  bool operator()(const ChoiceKey& key) const {
    std::string word;
    if (!table.choice(name, word, key.choices)) return false;
    key.put(config, word);
    return true;
  }

  bool operator()(const TextKey& key) const {
    auto& value = key.place(config);
    if (!table.text(name, value)) return false;
    if (value.size() < key.length.least || value.size() > key.length.most)
      table.fail(name, fmt::format("must be {} to {} bytes long", key.length.least, key.length.most));
    if (key.rule != nullptr)
      if (const auto problem = key.rule(value); !problem.empty()) table.fail(name, problem);
    return true;
  }

  bool operator()(const TextsKey& key) const {
    auto& values = key.place(config);
    if (!table.texts(name, values)) return false;
    if (values.empty() && !key.at_least_one.empty())
      table.fail(name, fmt::format("must name at least one {}", key.at_least_one));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (const auto problem = key.element_rule(values[i]); !problem.empty()) table.fail(name, i, problem);
    return true;
  }

  bool operator()(const PathKey& key) const {
    if (!key.may_be_empty) return table.path(name, key.place(config));
    std::string text;
    if (!table.text(name, text)) return false;
    if (!text.empty() && text.front() != '/') table.fail(name, "must be empty or an absolute path");
    key.place(config) = text;
    return true;
  }

  bool operator()(const SocketFolderKey& key) const {
    auto& value = key.place(config);
    if (!table.path(name, value)) return false;
    if (value.native().size() > key.max_length)
      table.fail(name,
                 fmt::format("must be at most {} bytes long, for the socket's name in it", key.max_length));
    return true;
  }

  bool operator()(const PathsKey& key) const { return table.paths(name, key.place(config)); }

  [[noreturn]] void fail_zero(std::string_view zero, std::string_view meaning, const std::string& least,
                              const std::string& most) const {
    table.fail(name, fmt::format("must be {}, {}, or {} to {}", zero, meaning, least, most));
  }
};

/// Reads configuration files one after the other, later ones winning.
class Reader {
 public:
  explicit Reader(toml::Trust trust) : m_trust(trust) {}

  void read_file(const std::filesystem::path& file) { read(toml::Document::load(file, m_trust)); }
  void read(const toml::Document& document) {
    auto root = document.root();
    std::string_view section;
    for (const auto& key : keys())
      if (key.section != std::exchange(section, key.section)) read_section(root, section);
    read_users(root);
    root.finish();
  }

  /// What all files together say.
  Config finish() {
    // Only now: each of two files may be wrong without the other one.
    if (m_config.retry.first_delay > m_config.retry.max_delay)
      throw toml::ConfigError(m_delays + " makes first_delay longer than max_delay");
    return std::move(m_config);
  }

 private:
  void read_section(TableReader& root, std::string_view section) {
    auto table = root.table(section);
    if (!table) return;
    std::set<std::string_view> set;
    for (const auto& key : keys())
      if (key.section == section && std::visit(KeyReader{*table, key.name, m_config}, key.value))
        set.insert(key.name);
    table->finish();
    if (section != "retry") return;
    for (const std::string_view name : {"max_delay", "first_delay"})
      if (set.contains(name)) m_delays = fmt::format("{}: `retry.{}`", table->where(name), name);
  }

  void read_users(TableReader& root) {
    auto table = root.table("user");
    if (!table) return;
    // What is said of a user counts, whatever is said of his groups.
    for (const bool groups : {true, false})
      for (const auto& name : table->keys())
        if (name.starts_with('@') == groups) read_user(*table, name);
  }

  void read_user(TableReader& users, const std::string& name) {
    auto table = users.table(name);
    const auto accounts = accounts_of(name);
    if (!accounts) users.fail(name, "is no user of this machine, or group after an @");
    for (const auto& key : user_keys()) {
      std::uint32_t value = 0;
      if (!table->integer(key.name, value, key.range)) continue;
      for (const auto uid : *accounts) key.place(m_config).own.insert_or_assign(uid, value);
    }
    table->finish();
  }

  toml::Trust m_trust;
  Config m_config;
  std::string m_delays;  ///< the place and the name of the delay that was set last
};

bool is_missing(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::symlink_status(file, error).type() == std::filesystem::file_type::not_found;
}

}  // namespace

Config read_text(std::string_view text, const std::filesystem::path& name) {
  Reader reader(toml::Trust::root_or_caller);
  reader.read(toml::Document::parse(text, name));
  return reader.finish();
}

Config read(const std::filesystem::path& file, bool required,
            const std::vector<std::filesystem::path>& drop_in_folders, toml::Trust trust) {
  Reader reader(trust);
  if (required || !is_missing(file)) reader.read_file(file);
  for (const auto& drop_in : toml::drop_in_files(drop_in_folders, trust)) reader.read_file(drop_in);
  return reader.finish();
}

}  // namespace concd::config
