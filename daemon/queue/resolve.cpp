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
std::string objection(const std::string& url, const config::Config& config) {
  if (url.size() > k_longest_url) return "a URL of more than 8192 bytes";
  const auto scheme = url_scheme(url);
  if (scheme == "sim") return "sim: is reachable from the catalog only";
  const auto& schemes = config.transfer.schemes;
  const bool is_file = scheme == "file" && !config.transfer.file_roots.empty();
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

job::Spec spec_of_entry(const catalog::Entry& entry, const job::Request& request) {
  job::Spec spec;
  spec.name = entry.name;
  spec.urls = entry.urls;
  spec.digest = entry.digest;
  spec.size = entry.size;
  spec.executor = entry.executor;
  spec.unpack = entry.unpack;
  spec.fresh_for = entry.fresh_for;
  spec.force = request.force;
  return spec;
}

control::Answer<job::Spec> resolve_name(const job::Request& request, const catalog::Catalog& catalog) {
  const auto* entry = catalog.find(request.source);
  if (entry == nullptr)
    return tl::unexpected<control::Refusal>(UnknownName{request.source, catalog.nearest(request.source)});
  if (request.digest && request.digest != entry->digest)
    return tl::unexpected<control::Refusal>(InvalidSource{
        request.source, "the digest of a NAME is declared in the catalog, not given with the request"});
  if (request.executor == job::ExecutorKind::thread && entry->unpack)
    return tl::unexpected<control::Refusal>(
        InvalidSource{request.source, "it is unpacked, which only the executor \"process\" does"});
  return spec_of_entry(*entry, request);
}

control::Answer<job::Spec> resolve_url(const job::Request& request, const config::Config& config) {
  if (auto reason = objection(request.source, config); !reason.empty())
    return tl::unexpected<control::Refusal>(InvalidSource{redact_url(request.source), std::move(reason)});
  job::Spec spec;
  spec.urls = {request.source};
  spec.digest = request.digest;
  return spec;
}

}  // namespace

control::Answer<job::Spec> resolve(const job::Request& request, const catalog::Catalog& catalog,
                                   const config::Config& config) {
  auto spec = looks_like_url(request.source) ? resolve_url(request, config) : resolve_name(request, catalog);
  if (!spec) return spec;
  spec->source = request.source;
  spec->output = request.output.value_or("");
  if (request.executor != job::ExecutorKind::automatic) spec->executor = request.executor;
  return spec;
}

job::ExecutorKind executor_of(const job::Spec& spec, job::ExecutorKind configured) {
  if (spec.unpack) return job::ExecutorKind::process;
  if (spec.executor != job::ExecutorKind::automatic) return spec.executor;
  return configured == job::ExecutorKind::automatic ? job::ExecutorKind::thread : configured;
}

std::string transfer_key(const job::Spec& spec) {
  std::string key = spec.name;
  for (const auto& url : spec.urls) key.append(1, '\n').append(url);
  if (spec.digest) key.append("\n").append(job::to_string(*spec.digest));
  if (spec.unpack) key.append("\nunpack");
  return key;
}

}  // namespace concd::queue
