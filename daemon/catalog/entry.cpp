#include "catalog/entry.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <spdlog/fmt/fmt.h>

#include "util/shown.hpp"
#include "util/url.hpp"

namespace concd::catalog {
namespace {

using toml::TableReader;
using namespace std::chrono_literals;

constexpr std::size_t k_longest_name = 255;
constexpr std::size_t k_longest_url = 8192;
constexpr std::size_t k_longest_description = 4096;
constexpr std::size_t k_max_urls = 64;
constexpr auto k_any_size = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr Microseconds k_longest_freshness = 10 * 365 * 24h;
constexpr std::array<std::string_view, 5> k_schemes{"http", "https", "ftp", "ftps", "file"};
constexpr std::string_view k_built_in = "sim:";

/// Why a URL cannot be downloaded from; empty when it can.
std::string url_problem(const std::string& url) {
  if (url.size() > k_longest_url) return fmt::format("is longer than {} bytes", k_longest_url);
  if (url.find(' ') != std::string::npos) return "holds a space: write it as %20";
  if (url.starts_with(k_built_in)) {
    const auto name = std::string_view(url).substr(k_built_in.size());
    return name.empty() || name.find('/') != std::string_view::npos ? "must have the form sim:NAME" : "";
  }
  const auto scheme = url_scheme(url);
  if (std::ranges::find(k_schemes, scheme) == k_schemes.end())
    return fmt::format("must begin with one of {}://, or {}", fmt::join(k_schemes, "://, "), k_built_in);
  if (scheme == "file") return url.starts_with("file:///") ? "" : "must have the form file:///PATH";
  return url_host(url).empty() ? "names no host" : "";
}

std::vector<std::string> read_urls(TableReader& table) {
  std::vector<std::string> urls;
  std::string one;
  const bool many = table.texts("urls", urls);
  if (table.text("url", one)) {
    if (many) table.fail("url", "and `urls` are the same: give one of them");
    const auto problem = url_problem(one);
    if (!problem.empty()) table.fail("url", problem);
    return {one};
  }
  if (!many)
    table.fail("urls",
               R"(is missing: an entry needs a url, and a name with a dot needs quotes, ["NAME.EXT"])");
  if (urls.empty() || urls.size() > k_max_urls)
    table.fail("urls", fmt::format("must hold 1 to {} URLs", k_max_urls));
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const auto problem = url_problem(urls[i]);
    if (!problem.empty()) table.fail("urls", i, problem);
  }
  return urls;
}

std::optional<job::Digest> read_digest(TableReader& table) {
  std::string text;
  if (!table.text("digest", text)) return std::nullopt;
  auto digest = job::parse_digest(text);
  if (!digest) {
    std::string forms;
    for (const auto& [name, digits] : job::k_digest_algorithms)
      forms += fmt::format("{}{}:<{} hex digits>", forms.empty() ? "" : ", ", name, digits);
    table.fail("digest", "must be one of " + forms);
  }
  return digest;
}

job::ExecutorKind read_executor(TableReader& table) {
  std::string name(job::to_string(job::ExecutorKind::automatic));
  table.choice("executor", name, {"auto", "thread", "process"});
  return job::executor_kind_from_string(name).value_or(job::ExecutorKind::automatic);
}

}  // namespace

std::string name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > k_longest_name) return fmt::format("is longer than {} bytes", k_longest_name);
  if (name.front() == '.') return "begins with a dot";
  // Without slashes a name cannot hold "://" either, which makes a URL of it.
  if (name.find('/') != std::string_view::npos) return "holds a slash";
  return is_plain(name) ? "" : "holds a control character";
}

CatalogEntry read_entry(TableReader table, const std::string& name, const std::filesystem::path& file) {
  CatalogEntry entry;
  entry.name = name;
  entry.file = file;
  entry.urls = read_urls(table);
  if (table.text("description", entry.description) && entry.description.size() > k_longest_description)
    table.fail("description", fmt::format("is longer than {} bytes", k_longest_description));
  entry.digest = read_digest(table);
  if (std::uint64_t size = 0; table.size("size", size, {0, k_any_size})) entry.size = size;
  entry.executor = read_executor(table);
  table.boolean("unpack", entry.unpack);
  if (entry.unpack && entry.executor == job::ExecutorKind::thread)
    table.fail("executor", "must not be thread together with unpack: archives are opened in a process only");
  if (Microseconds span{}; table.duration("fresh_for", span, {0s, k_longest_freshness}))
    entry.fresh_for = span;
  table.finish();
  return entry;
}

}  // namespace concd::catalog
