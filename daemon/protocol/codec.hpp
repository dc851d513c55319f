#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "job/event.hpp"
#include "job/spec.hpp"
#include "job/view.hpp"
#include "protocol/values.hpp"

// The parameters of io.concd's calls and replies, to and from JSON. A request is read strictly: an unknown
// parameter, a wrong type or a value out of range is refused. A reply is read leniently about members and
// words that are not known, because the daemon may be newer than the client. Null is the same as absent.
namespace concd::protocol {

inline constexpr std::size_t k_max_source = 8192;   ///< bytes
inline constexpr std::size_t k_max_mirrors = 63;    ///< URLs besides the source
inline constexpr std::size_t k_max_path = 4096;     ///< bytes, PATH_MAX
inline constexpr std::size_t k_max_token = 256;     ///< bytes
inline constexpr std::size_t k_max_listed = 1000;   ///< jobs of one List
inline constexpr std::size_t k_max_awaited = 1000;  ///< ids of one Wait

/// The parameter that is wrong, missing or unknown; of a nested one the outermost.
struct InvalidParameter {
  std::string parameter;
  bool unknown_word = false;  ///< it is a text, and one that only a newer version knows
};
template <typename T>
using Decoded = tl::expected<T, InvalidParameter>;

// Requests.
[[nodiscard]] nlohmann::json encode_request(const job::Request& request);  ///< Download
[[nodiscard]] nlohmann::json encode_id(
    job::Id id);  ///< Get, Cancel, Pause, Resume, Retry, OpenResult, Release
[[nodiscard]] nlohmann::json encode_priority_request(const PriorityRequest& request);  ///< Priority
[[nodiscard]] nlohmann::json encode_attachment(const Attachment& attachment);          ///< Attach
[[nodiscard]] nlohmann::json encode_ids(const std::vector<job::Id>& ids);              ///< Wait
[[nodiscard]] nlohmann::json encode_list_query(const ListQuery& query);                ///< List
[[nodiscard]] nlohmann::json encode_catalog_query(const std::string& after);  ///< Catalog; empty: all

[[nodiscard]] Decoded<job::Request> decode_request(const nlohmann::json& parameters);
[[nodiscard]] Decoded<job::Id> decode_id(const nlohmann::json& parameters);
[[nodiscard]] Decoded<PriorityRequest> decode_priority_request(const nlohmann::json& parameters);
[[nodiscard]] Decoded<Attachment> decode_attachment(const nlohmann::json& parameters);
[[nodiscard]] Decoded<std::vector<job::Id>> decode_ids(const nlohmann::json& parameters);
[[nodiscard]] Decoded<ListQuery> decode_list_query(const nlohmann::json& parameters);
[[nodiscard]] Decoded<std::string> decode_catalog_query(const nlohmann::json& parameters);
/// For the verbs without parameters: Status, Monitor.
[[nodiscard]] Decoded<void> decode_nothing(const nlohmann::json& parameters);

// Replies. URLs are redacted on the way out.
[[nodiscard]] nlohmann::json encode_job(const job::View& job);                 ///< the type Job itself
[[nodiscard]] nlohmann::json encode_download_reply(const job::View& job);      ///< Download
[[nodiscard]] nlohmann::json encode_job_reply(const job::View& job);           ///< Get, Cancel, Pause …
[[nodiscard]] nlohmann::json encode_jobs(const std::vector<job::View>& jobs);  ///< Wait, List
[[nodiscard]] nlohmann::json encode_event(const JobEvent& event);              ///< Monitor
[[nodiscard]] nlohmann::json encode_status(const Status& status);
[[nodiscard]] nlohmann::json encode_catalog_item(const CatalogItem& item);  ///< the type CatalogEntry itself
[[nodiscard]] nlohmann::json encode_catalog(const std::vector<CatalogItem>& items);
[[nodiscard]] nlohmann::json encode_result(const ResultDescription& result);  ///< OpenResult

/// The type Job itself. What is not on the wire is left at its default: of a failure the retry class. So is
/// what has a word that is not known, a wait is left out then; a state cannot be guessed.
[[nodiscard]] Decoded<job::View> decode_job(const nlohmann::json& object);
/// The id of such an object, whatever else is wrong with it.
[[nodiscard]] Decoded<job::Id> decode_id_of_job(const nlohmann::json& object);
/// The member "job" of a reply of Download, Get, Cancel, Pause, Resume, Retry, Priority or Release.
[[nodiscard]] Decoded<job::View> decode_job_reply(const nlohmann::json& parameters);
[[nodiscard]] Decoded<std::vector<job::View>> decode_jobs(const nlohmann::json& parameters);
/// Null: an event of a kind that is not known.
[[nodiscard]] Decoded<std::optional<JobEvent>> decode_event(const nlohmann::json& parameters);
[[nodiscard]] Decoded<Status> decode_status(const nlohmann::json& parameters);
[[nodiscard]] Decoded<std::vector<CatalogItem>> decode_catalog(const nlohmann::json& parameters);
[[nodiscard]] Decoded<ResultDescription> decode_result(const nlohmann::json& parameters);

}  // namespace concd::protocol
