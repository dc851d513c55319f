#include "control/sight.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "control/news.hpp"
#include "protocol/codec.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::control;

namespace {

// Neither root nor whoever runs this.
const uid_t k_owner = ::geteuid() + 1000, k_stranger = k_owner + 1;

job::View of_url() {
  job::View job;
  job.id = 7;
  job.transfer = 9;
  job.uid = k_owner;
  job.source = job.url = "https://secret.example/file";
  job.output = "/home/secret/file";
  job.path = "/var/lib/concd/results/secret";
  job.digest = job::Digest{"md5", "0123456789abcdef0123456789abcdef"};
  job.failure = job::Failure{job::FailureKind::network, job::RetryClass::retry, "secret.example: no", 0, {}};
  job.wait = job::Waiting{};
  job.wait->cause->host = "secret.example:443";
  return job;
}

job::Peer peer(uid_t uid, job::Reach reach = job::Reach::own) {
  return {uid, uid, 1, reach, nullptr};
}

}  // namespace

TEST_CASE("a stranger is told that there is a job, and how it stands, but not whose and from where") {
  const auto text = protocol::encode_job(as_seen_by(peer(k_stranger), of_url())).dump();
  for (const auto* const hidden : {"secret", "uid", "digest", "0123456789abcdef"})
    CHECK(text.find(hidden) == std::string::npos);
  CHECK_THAT(text, ContainsSubstring(R"("id":7)"));
  CHECK_THAT(text, ContainsSubstring(R"("transfer":0)"));
  CHECK_THAT(text, ContainsSubstring(R"("state":"queued")"));
}

TEST_CASE("its owner, root, the daemon's own user, admins and who may see others see all of a job") {
  for (const auto& who : {peer(k_owner), peer(0), peer(::geteuid()), peer(k_stranger, job::Reach::sees_all),
                          peer(k_stranger, job::Reach::manages_all)})
    CHECK(protocol::encode_job(as_seen_by(who, of_url())) == protocol::encode_job(of_url()));
}

TEST_CASE("what is in the catalog is no secret, who asked for it is one") {
  auto job = of_url();
  job.name = job.source = "big.iso";
  const auto seen = as_seen_by(peer(k_stranger), job);
  CHECK(seen.source == "big.iso");
  CHECK_FALSE(seen.uid);
  CHECK(seen.output.empty());
}

TEST_CASE("news are written once for all who may see them, and once for all others") {
  const News news({job::JobEventKind::started, of_url()});
  const auto& full = news.text_for(peer(k_owner));
  const auto& concealed = news.text_for(peer(k_stranger));
  CHECK(&full == &news.text_for(peer(k_stranger, job::Reach::manages_all)));
  CHECK(&concealed == &news.text_for(peer(k_stranger + 1)));
  CHECK_THAT(full, ContainsSubstring("secret.example"));
  CHECK(concealed.find("secret") == std::string::npos);
}
