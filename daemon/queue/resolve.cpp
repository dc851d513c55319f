#include "queue/resolve.hpp"

#include <algorithm>

#include "lib/curl/error.hpp"
#include "lib/curl/url.hpp"
#include "util/url.hpp"

namespace concd::queue {
namespace {

using control::InvalidSource;
using control::UnknownName;

constexpr std::size_t k_longest_url = 8192;

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

/// Why a caller may not have this URL; empty when it may.
std::string objection(const std::string& url, const engine::Settings& settings) {
  if (url.size() > k_longest_url) return "a URL of more than 8192 bytes";
  const auto scheme = url_scheme(url);
  if (scheme == "sim") return "sim: is reachable from the catalog only";
  const auto& schemes = settings.schemes;
  const bool is_file = scheme == "file" && !settings.file_roots.empty();
  if (!is_file && std::ranges::find(schemes, scheme) == schemes.end()) {
    if (scheme == "file") return "file: is allowed only below transfer.file_roots, which is empty";
    return "the scheme \"" + scheme + "\" is not allowed; allowed are " + listed(schemes);
  }
  try {
    // libcurl forgives a third slash, behind which redact_url() sees no secret and the limits no host.
    if (const curl::Url parsed(url); !is_file && (parsed.host().empty() || url_host(url).empty()))
      return "a URL without a host";
    return "";
  } catch (const curl::Error& error) {
    return error.what();
  }
}

Resolved resolved_entry(const catalog::CatalogEntry& entry) {
  Resolved resolved;
  auto& spec = resolved.spec;
  spec.name = entry.name;
  spec.urls = entry.urls;
  spec.digest = entry.digest;
  spec.size = entry.size;
  spec.executor = entry.executor;
  spec.unpack = entry.unpack;
  resolved.fresh_for = entry.fresh_for;
  return resolved;
}

control::Answer<Resolved> resolve_name(const job::Request& request, const catalog::Catalog& catalog) {
  const auto* entry = catalog.find(request.source);
  if (entry == nullptr)
    return tl::unexpected<control::Refusal>(UnknownName{request.source, catalog.nearest(request.source)});
  if (request.digest && request.digest != entry->digest)
    return tl::unexpected<control::Refusal>(InvalidSource{
        request.source, "the digest of a NAME is declared in the catalog, not given with the request"});
  if (!request.mirrors.empty())
    return tl::unexpected<control::Refusal>(InvalidSource{
        request.source, "the mirrors of a NAME are declared in the catalog, not given with the request"});
  if (request.executor == job::ExecutorKind::thread && entry->unpack)
    return tl::unexpected<control::Refusal>(
        InvalidSource{request.source, "it is unpacked, which only the executor \"process\" does"});
  return resolved_entry(*entry);
}

control::Answer<Resolved> resolve_url(const job::Request& request, const engine::Settings& settings) {
  if (auto reason = objection(request.source, settings); !reason.empty())
    return tl::unexpected<control::Refusal>(InvalidSource{redact_url(request.source), std::move(reason)});
  for (const auto& mirror : request.mirrors)
    if (auto reason = objection(mirror, settings); !reason.empty())
      return tl::unexpected<control::Refusal>(InvalidSource{redact_url(mirror), std::move(reason)});
  Resolved resolved;
  resolved.spec.urls = {request.source};
  resolved.spec.urls.insert(resolved.spec.urls.end(), request.mirrors.begin(), request.mirrors.end());
  resolved.spec.digest = request.digest;
  return resolved;
}

}  // namespace

control::Answer<Resolved> resolve(const job::Request& request, const catalog::Catalog& catalog,
                                  const engine::Settings& settings) {
  auto resolved =
      looks_like_url(request.source) ? resolve_url(request, settings) : resolve_name(request, catalog);
  if (resolved && request.executor != job::ExecutorKind::automatic)
    resolved->spec.executor = request.executor;
  return resolved;
}

}  // namespace concd::queue
