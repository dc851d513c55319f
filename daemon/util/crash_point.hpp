#pragma once

#include <array>

/// Where the tests may let the daemon die: a name for each step of what must last. Only the test build
/// (CMake option CONCD_CRASH_POINTS, off by default and never set by the package) has code behind them.
namespace concd {

#ifdef CONCD_CRASH_POINTS

/// Dies of SIGKILL here if CONCD_CRASH_POINT names this point: "[ROLE/]NAME[:N]", the N-th time that this
/// process gets here (default 1). ROLE is whom it kills: `daemon` (default), `worker`, or `both`: then a
/// worker takes the daemon with it. Before that it makes the file CONCD_CRASH_MARK; once that is there nobody
/// dies any more. The thread that gets to CONCD_HOLD_POINT, written the same way, says so by a byte to the
/// FIFO CONCD_HOLD_FIFO.here and goes on after one from CONCD_HOLD_FIFO.go. Each arrival is noted in the file
/// CONCD_CRASH_TALLY as a line "ROLE PID NAME". Any thread.
void crash_point(const char* name) noexcept;

/// Variables of the environment that the test build lets through to the daemon and its workers.
inline constexpr std::array k_test_variables{"CONCD_CRASH_POINT",  "CONCD_CRASH_MARK", "CONCD_CRASH_TALLY",
                                             "CONCD_HOLD_POINT",   "CONCD_HOLD_FIFO",  "LD_PRELOAD",
                                             "CONCD_CHAOS_FOLDER", "CONCD_CHAOS_LOG",  "CONCD_CHAOS_FAULT"};

#else

constexpr void crash_point(const char*) noexcept {}

inline constexpr std::array<const char*, 0> k_test_variables{};

#endif

}  // namespace concd
