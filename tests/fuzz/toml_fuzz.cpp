// A file that a person wrote, as configuration and as entries of the catalog. Whatever is wrong is told with
// the file's name.

#include <limits>

#include "catalog/entry.hpp"
#include "config/read.hpp"
#include "expect.hpp"
#include "lib/toml/document.hpp"

namespace {

using namespace concd;
using fuzz::expect;

void check_entry(const catalog::CatalogEntry& entry) {
  expect(!entry.urls.empty());
  expect(entry.size.value_or(0) <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  expect(!entry.fresh_for || *entry.fresh_for >= Microseconds{});
  expect(!entry.unpack || entry.executor != job::ExecutorKind::thread);
}

void read_catalog(const toml::Document& document) {
  auto root = document.root();
  for (const auto& name : root.keys()) {
    if (!catalog::name_problem(name).empty()) continue;
    if (auto table = root.table(name)) check_entry(catalog::read_entry(*table, name, "fuzz"));
  }
}

template <typename Read>
void told(Read read) {
  try {
    read();
  } catch (const toml::ConfigError& error) {
    expect(std::string_view(error.what()).starts_with("fuzz"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  told([&] { read_catalog(toml::Document::parse(text, "fuzz")); });
  told([&] {
    const auto config = config::read_text(text, "fuzz");
    expect(config.retry.first_delay <= config.retry.max_delay);
  });
  return 0;
}
