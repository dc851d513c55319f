#pragma once

#include <string>
#include <vector>

#include "client/output/console.hpp"
#include "job/view.hpp"

namespace concd::client {

/// A job as a bar shows it. Borrows the job.
struct Bar {
  std::string label;  ///< printable
  const job::View* job = nullptr;
};

/// One line for the job, at most `columns` wide: name, bar, percent, received/total, rate and time left; or
/// why it does not move. `now` is realtime.
[[nodiscard]] std::string progress_line(const Bar& bar, std::size_t columns, Microseconds now);

/// The lines for all jobs: as many as fit, those that run first, then one that sums the others up.
[[nodiscard]] std::vector<std::string> progress_lines(std::vector<Bar> bars, ScreenSize screen,
                                                      Microseconds now);

}  // namespace concd::client
