#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "job/checkpoint.hpp"
#include "job/failure.hpp"
#include "util/clock.hpp"

namespace concd::engine {

/// What an origin says about the bytes that it is about to send.
struct Answer {
  bool decoded = false;      ///< what follows is made of coded bytes: no later attempt can go on with it
  bool ranges = false;       ///< any part of the file may be asked for by itself
  bool unchanged = false;    ///< the published file is still right; no bytes follow
  std::uint64_t offset = 0;  ///< of the first byte: 0, or what the ResumePlan asked for
  std::optional<std::uint64_t> total;  ///< bytes of the whole file
  job::Validators validators;          ///< as sent
  job::Validators resumable;           ///< those that may serve to continue later
  job::Validators elsewhere;           ///< those by which other servers may know this version
  Microseconds mtime{};                ///< µs since the epoch; 0: not told
};

/// Where an origin puts what it gets: first accept(), then write() as often as need be, then end(). Only
/// end() may come without the others, and it comes once.
class Sink {
 public:
  /// False: the bytes are not wanted; the sink knows why. The origin gives up.
  virtual bool accept(const Answer& answer) = 0;
  virtual bool write(std::string_view data) = 0;
  /// Nothing: the origin has sent all that it has. The origin is not used afterwards.
  virtual void end(std::optional<job::Failure> failure) = 0;

 protected:
  ~Sink() = default;
};

/// A source of bytes: a server, a local file, or the built-in `sim:`. Lives on its transfer's thread.
/// Destroying it breaks off what goes on.
class Origin {
 public:
  virtual ~Origin() = default;
  /// When advance() is due, µs of CLOCK_BOOTTIME; nothing: never, the thread's CURLM drives it.
  [[nodiscard]] virtual std::optional<Microseconds> due() const = 0;
  virtual void advance(Microseconds now) = 0;
  /// Something answered, be it an error.
  [[nodiscard]] virtual bool contacted() const = 0;
  /// The host that was asked for is on the internet.
  [[nodiscard]] virtual bool met_public() const { return false; }
};

}  // namespace concd::engine
