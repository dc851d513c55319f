#include "engine/make_origin.hpp"

#include "engine/curl_options.hpp"
#include "engine/curl_origin.hpp"
#include "engine/file_origin.hpp"
#include "engine/sim_origin.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

tl::unexpected<job::Failure> refuse(std::string message) {
  return tl::unexpected(job::Failure{job::FailureKind::other, job::RetryClass::mirror, std::move(message)});
}

}  // namespace

tl::expected<std::unique_ptr<Origin>, job::Failure> make_origin(const job::Task& task,
                                                                const Settings& settings,
                                                                const ResumePlan& plan, Microseconds now,
                                                                curl::Multi& multi, Sink& sink) {
  const auto& url = task.url;
  if (SimOrigin::serves(url)) return std::make_unique<SimOrigin>(url, plan, task.published, now, sink);
  if (FileOrigin::serves(url))
    return std::make_unique<FileOrigin>(url, settings.file_roots, plan, task.published, now, sink);
  if (!allows(settings, url))
    return refuse("the scheme \"" + url_scheme(url) + "\" is not allowed by the configuration");
  if (names_folder(url)) return refuse("this URL names a folder, not a file: " + redact_url(url));
  return std::make_unique<CurlOrigin>(multi, task, settings, plan, sink);
}

}  // namespace concd::engine
