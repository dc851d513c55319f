#pragma once

#include <optional>

#include "job/failure.hpp"

namespace concd::engine {

/// Where one attempt stands. It only goes forward, and once it is over nothing but a failure that is found on
/// the way out takes the place of another end; the first failure stays.
class AttemptState {
 public:
  enum class Name {
    asking,     ///< no answer yet
    receiving,  ///< the bytes of the file come
    confirmed,  ///< the published file is still right; the origin's end is awaited
    complete,   ///< over: the origin has sent all that it has
    unchanged,  ///< over: confirmed
    stopped,    ///< over: by stop()
    failed,     ///< over: see failure()
  };

  [[nodiscard]] Name name() const { return m_name; }
  [[nodiscard]] bool is(Name name) const { return m_name == name; }
  [[nodiscard]] bool over() const { return m_name >= Name::complete; }
  /// Set exactly when failed.
  [[nodiscard]] const std::optional<job::Failure>& failure() const { return m_failure; }

  /// The origin has answered.
  void answered(bool unchanged) { enter(unchanged ? Name::confirmed : Name::receiving); }
  /// The origin has nothing more to say.
  void end() { enter(m_name == Name::confirmed ? Name::unchanged : Name::complete); }
  void stop() { enter(Name::stopped); }
  void fail(job::Failure failure);

 private:
  /// The only place where the name changes. False: this does not follow, and changes nothing.
  bool enter(Name next);

  Name m_name = Name::asking;
  std::optional<job::Failure> m_failure;
};

}  // namespace concd::engine
