#include "catalog/catalog.hpp"

#include "catalog/entry.hpp"
#include "lib/toml/document.hpp"
#include "util/nearest.hpp"

namespace concd::catalog {

Catalog Catalog::load(const std::vector<std::filesystem::path>& folders, toml::Trust trust) {
  Catalog catalog;
  for (const auto& file : toml::drop_in_files(folders, trust)) {
    const auto document = toml::Document::load(file, trust);
    auto root = document.root();
    for (const auto& name : root.keys()) {
      const auto problem = name_problem(name);
      if (!problem.empty()) root.fail(name, problem + ": it names a file of the library");
      catalog.m_entries.insert_or_assign(name, read_entry(root.table(name).value(), name, file));
    }
  }
  return catalog;
}

const CatalogEntry* Catalog::find(std::string_view name) const {
  const auto found = m_entries.find(name);
  return found == m_entries.end() ? nullptr : &found->second;
}

std::optional<std::string> Catalog::nearest(std::string_view name) const {
  std::vector<std::string_view> names;
  names.reserve(m_entries.size());
  for (const auto& [known, entry] : m_entries) names.push_back(known);
  const auto best = concd::nearest(name, names);
  return best ? std::optional<std::string>(*best) : std::nullopt;
}

}  // namespace concd::catalog
