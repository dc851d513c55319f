#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
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

/// Acts as the caller. Where the job turns out to be another user's, acts once more, with the right to manage
/// those of all, if the caller has it.
template <typename T>
void manage(const CallPtr& call, const std::function<void(const job::Peer&, Reply<T>)>& act, Reply<T> reply) {
  act(call->peer(), [call, act, reply = std::move(reply)](const Answer<T>& answer) {
    if (answer || !std::holds_alternative<NotPermitted>(answer.error())) return reply(answer);
    call->ask(Action::manage_others, [call, act, reply, refused = answer](bool granted) {
      if (!granted) return reply(refused);
      call->manage_all();
      act(call->peer(), reply);
    });
  });
}

/// The verbs that take an id, change the job and answer with it.
using ChangeVerb = void (Backend::*)(job::Id id, const job::Peer& peer, Reply<job::View> reply);
inline void change(Backend& backend, const CallPtr& call, ChangeVerb verb) {
  with(call, protocol::decode_id(call->parameters()), [&](job::Id id) {
    manage<job::View>(
        call,
        [&backend, verb, id](const job::Peer& peer, Reply<job::View> reply) {
          (backend.*verb)(id, peer, std::move(reply));
        },
        answer<job::View>(call, protocol::encode_job_reply));
  });
}

/// Calls `then` once it is known what the caller sees of the job.
inline void with_sight(const CallPtr& call, const job::View& job, std::function<void()> then) {
  if (may_see(call->peer(), job)) return then();
  call->learn_sight(std::move(then));
}

/// Progress may be dropped for a slow reader, everything else may not.
[[nodiscard]] inline ReplyChannel::Delivery delivery_of(const News& news) {
  return news.event().kind == job::JobEventKind::progress ? ReplyChannel::Delivery::may_be_dropped
                                                          : ReplyChannel::Delivery::must_arrive;
}

}  // namespace concd::control::handlers
