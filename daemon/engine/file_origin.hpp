#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "engine/origin.hpp"
#include "engine/validators.hpp"
#include "util/unique_fd.hpp"

namespace concd::engine {

/// A local file, "file:///PATH" (RFC 8089), from below one of the folders that the configuration allows. The
/// way there is resolved first and then walked without following any symbolic link, openat2(2), so that
/// nobody leads it elsewhere in between.
class FileOrigin final : public Origin {
 public:
  /// `now` is CLOCK_BOOTTIME in µs. `sink` outlives the origin.
  FileOrigin(std::string url, const std::vector<std::filesystem::path>& roots, ResumePlan plan,
             job::Validators published, Microseconds now, Sink& sink);

  [[nodiscard]] std::optional<Microseconds> due() const override { return m_due; }
  void advance(Microseconds now) override;
  [[nodiscard]] bool contacted() const override { return m_begun; }

  [[nodiscard]] static bool serves(const std::string& url);

 private:
  void begin();
  void open();
  [[nodiscard]] Answer answer() const;
  [[nodiscard]] bool changed() const;

  std::string m_url;
  std::vector<std::filesystem::path> m_roots;
  ResumePlan m_plan;
  job::Validators m_published;
  Sink& m_sink;
  Microseconds m_due;
  UniqueFd m_file;
  struct stat m_status{};
  std::uint64_t m_offset = 0;
  std::vector<char> m_buffer;
  bool m_begun = false;
};

}  // namespace concd::engine
