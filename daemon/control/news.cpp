#include "control/news.hpp"

#include <nlohmann/json.hpp>

#include "control/sight.hpp"
#include "protocol/codec.hpp"
#include "protocol/message.hpp"

namespace concd::control {

const std::string& News::text_for(const job::Peer& peer) const {
  if (may_see(peer, job())) {
    if (!m_full) m_full = protocol::serialise(protocol::encode_job(job()));
    return *m_full;
  }
  if (!m_concealed) m_concealed = protocol::serialise(protocol::encode_job(concealed(job())));
  return *m_concealed;
}

}  // namespace concd::control
