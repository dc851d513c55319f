#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "control/backend.hpp"
#include "control/call.hpp"
#include "control/sight.hpp"
#include "protocol/codec.hpp"
#include "protocol/frame.hpp"

namespace concd::control::handlers {

/// Bytes that the elements of one reply may take; what is left of the frame is for what is around them.
inline constexpr std::size_t k_max_elements = protocol::k_frame_limit - 1024;

/// {"NAME":[ELEMENT,…]}, of elements that are texts of JSON already.
[[nodiscard]] inline std::string list_of(const char* name, const std::vector<std::string>& elements) {
  std::string text = fmt::format("{{\"{}\":[", name);
  for (const auto& element : elements) (text += element) += ',';
  if (!elements.empty()) text.pop_back();
  return text + "]}";
}

/// Answers the call with the value as `encode` writes it, or with the refusal.
template <typename T, typename Encode>
[[nodiscard]] Reply<T> answer(const CallPtr& call, const Encode& encode) {
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
  with(call, protocol::decode_id(call->parameters()), [&](job::Id id) {
    function(id, answer<job::View>(call, [peer = call->peer()](const job::View& job) {
               return protocol::encode_job_reply(as_seen_by(peer, job));
             }));
  });
}

/// Progress may be dropped for a slow reader, everything else may not.
[[nodiscard]] inline ReplyChannel::Delivery delivery_of(const News& news) {
  return news.event().kind == job::JobEventKind::progress ? ReplyChannel::Delivery::may_be_dropped
                                                          : ReplyChannel::Delivery::must_arrive;
}

}  // namespace concd::control::handlers
