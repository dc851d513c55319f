#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/origin.hpp"
#include "engine/validators.hpp"

namespace concd::engine {

/// The built-in origin: "sim:NAME" is a fixed text that names NAME, delivered in twenty lines over two
/// seconds. It needs neither network nor disk, and can be continued like any good server.
class SimOrigin final : public Origin {
 public:
  static constexpr std::size_t k_pieces = 20;
  static constexpr Microseconds k_interval = std::chrono::milliseconds(100);

  /// `now` is CLOCK_BOOTTIME in µs. `sink` outlives the origin.
  SimOrigin(const std::string& url, ResumePlan plan, job::Validators published, Microseconds now, Sink& sink);

  [[nodiscard]] std::optional<Microseconds> due() const override { return m_due; }
  void advance(Microseconds now) override;
  [[nodiscard]] bool contacted() const override { return m_begun; }

  [[nodiscard]] static bool serves(const std::string& url) { return url.starts_with("sim:"); }
  /// The text of NAME, one element a piece.
  [[nodiscard]] static std::vector<std::string> pieces(const std::string& name);

 private:
  [[nodiscard]] Answer answer() const;
  void begin();

  std::string m_name;
  ResumePlan m_plan;
  job::Validators m_published;
  Sink& m_sink;
  std::vector<std::string> m_pieces;
  std::uint64_t m_skip = 0;  ///< bytes that are there already
  std::size_t m_next = 0;
  Microseconds m_due;
  bool m_begun = false;
};

}  // namespace concd::engine
