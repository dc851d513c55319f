#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "lib/toml/trusted_file.hpp"
#include "util/clock.hpp"

namespace concd::catalog {

/// A named, declared download, concd-catalog(5).
struct CatalogEntry {
  std::string name;
  std::string description;
  std::vector<std::string> urls;  ///< mirrors, in order; at least one
  std::optional<job::Digest> digest;
  std::optional<std::uint64_t> size;  ///< bytes
  job::ExecutorKind executor = job::ExecutorKind::automatic;
  bool unpack = false;
  std::optional<Microseconds> fresh_for;  ///< nothing: for ever with a digest, else revalidate every time
  std::filesystem::path file;             ///< where it was declared
};

/// All entries, by name. A value: reload makes a new one and swaps.
class Catalog {
 public:
  /// Reads *.toml of the folders; a file in a later folder replaces the one of the same file name in an
  /// earlier one, and among files the later name wins an entry. Missing folders are empty. Throws
  /// toml::ConfigError, also when one is not from whom `trust` says.
  [[nodiscard]] static Catalog load(const std::vector<std::filesystem::path>& folders, toml::Trust trust);

  [[nodiscard]] const CatalogEntry* find(std::string_view name) const;
  /// The most similar name, for an error message; nothing when none is similar.
  [[nodiscard]] std::optional<std::string> nearest(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, CatalogEntry, std::less<>>& entries() const { return m_entries; }

 private:
  std::map<std::string, CatalogEntry, std::less<>> m_entries;
};

}  // namespace concd::catalog
