#include "queue/service.hpp"

namespace concd::queue {

void Service::get(job::Id id, control::Reply<job::View> reply) {
  find(id, [this, reply = std::move(reply)](control::Answer<store::StoredJob> answer) {
    if (!answer) return reply(tl::unexpected(std::move(answer.error())));
    reply(view_of(*answer));
  });
}

}  // namespace concd::queue
