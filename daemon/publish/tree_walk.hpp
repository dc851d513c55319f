#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <sys/stat.h>

namespace concd::publish {

/// What a walk has come to.
struct TreeEntry {
  int folder = -1;            ///< an open descriptor of the folder that it is in
  const char* name;           ///< its name there
  const std::string& path;    ///< from the walk's beginning
  const struct stat& status;  ///< its own, if it is a link
};

/// What a walk calls; false ends it.
struct TreeVisitor {
  std::function<bool(const TreeEntry& entry)> entry;  ///< before a folder is entered
  std::function<bool(int folder)> left;               ///< all that is in the folder has been visited
};

/// Walks through all that is below an open folder, with openat(2) and O_NOFOLLOW. Holds a descriptor for each
/// level. `path` names the folder in errors. False when the visitor ended it. Throws std::system_error.
bool walk_tree(int folder, const std::filesystem::path& path, const TreeVisitor& visitor);

}  // namespace concd::publish
