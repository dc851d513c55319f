#include "engine/attempt_state.hpp"

#include <utility>

namespace concd::engine {
namespace {

using Name = AttemptState::Name;

bool may_follow(Name from, Name to) {
  switch (to) {
    case Name::asking:
      return false;
    case Name::receiving:
    case Name::confirmed:
      return from == Name::asking;
    case Name::complete:
      return from == Name::asking || from == Name::receiving;
    case Name::unchanged:
      return from == Name::confirmed;
    case Name::stopped:
      return from < Name::complete;
    case Name::failed:
      return from != Name::failed;
  }
  return false;
}

}  // namespace

bool AttemptState::enter(Name next) {
  if (!may_follow(m_name, next)) return false;
  m_name = next;
  return true;
}

void AttemptState::fail(job::Failure failure) {
  if (enter(Name::failed)) m_failure = std::move(failure);
}

}  // namespace concd::engine
