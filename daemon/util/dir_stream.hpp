#pragma once

#include <memory>
#include <string>

#include <dirent.h>

namespace concd {

struct CloseDir {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
/// A folder whose names are read, readdir(3); closed at the end.
using DirStream = std::unique_ptr<DIR, CloseDir>;

/// Opens the folder `name` of `parent`; a symbolic link is none. Throws std::system_error that begins with
/// `context`, as next_entry() does.
[[nodiscard]] DirStream open_dir(int parent, const char* name, const std::string& context);

/// The next entry but "." and ".."; null at the end. It lasts until the next call.
[[nodiscard]] const dirent* next_entry(DIR* folder, const std::string& context);

}  // namespace concd
