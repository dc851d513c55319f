#pragma once

#include <type_traits>
#include <utility>

#include "control/backend.hpp"
#include "control/call.hpp"
#include "protocol/codec.hpp"
#include "protocol/frame.hpp"

namespace concd::control::handlers {

/// Bytes that the elements of one reply may take; what is left of the frame is for what is around them.
inline constexpr std::size_t k_max_elements = protocol::k_frame_limit - 1024;

/// Answers the call with the value as `encode` writes it, or with the refusal.
template <typename T, typename Encode>
[[nodiscard]] Reply<T> answer(const CallPtr& call, Encode encode) {
  return [call, encode](const Answer<T>& answer) {
    if (!answer) return call->error(protocol::error_of(answer.error()));
    call->reply(encode(*answer));
  };
}

/// Calls `function` with what was read of the call's parameters, or answers which of them is wrong.
template <typename T, typename Function>
void with(const CallPtr& call, protocol::Decoded<T> decoded, Function&& function) {
  if (!decoded) return call->error(protocol::invalid_parameter(decoded.error().parameter));
  if constexpr (std::is_void_v<T>)
    std::forward<Function>(function)();
  else
    std::forward<Function>(function)(*decoded);
}

/// The verbs that take an id and answer with the job.
template <typename Function>
void with_id(const CallPtr& call, Function&& function) {
  with(call, protocol::decode_id(call->parameters()),
       [&](job::Id id) { function(id, answer<job::View>(call, protocol::encode_job_reply)); });
}

/// Progress may be dropped for a slow reader, everything else may not.
[[nodiscard]] inline ReplyChannel::Delivery delivery_of(const protocol::JobEvent& event) {
  return event.kind == job::JobEventKind::progress ? ReplyChannel::Delivery::may_be_dropped
                                                   : ReplyChannel::Delivery::must_arrive;
}

}  // namespace concd::control::handlers
