#include "engine/route.hpp"

#include <algorithm>

#include "engine/curl_options.hpp"
#include "engine/failure_of.hpp"
#include "lib/curl/error.hpp"
#include "lib/curl/url.hpp"
#include "util/host_rule.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::RetryClass;

bool is_same_server(const curl::Url& a, const curl::Url& b) {
  return a.scheme() == b.scheme() && a.host() == b.host() && a.port() == b.port();
}

/// Empty where the URL is none: libcurl says so itself.
std::string host_of(const std::string& url) {
  try {
    return curl::Url(url).host();
  } catch (const curl::Error&) {
    return {};
  }
}

}  // namespace

Route::Route(const job::Task& task, const Settings& settings)
    : m_task(task), m_settings(settings), m_guard(settings, task.met_public) {
  go_to(task.url);
}

void Route::go_to(std::string url) {
  m_url = std::move(url);
  const auto host = host_of(m_url);
  const bool direct = std::ranges::any_of(m_settings.no_proxy,
                                          [&](const std::string& rule) { return host_matches(host, rule); });
  m_proxy = direct ? "" : m_settings.proxy;
  m_guard.head_for(host);
}

std::optional<Failure> Route::refusal() {
  if (m_proxy.empty() || m_guard.admits_host()) return std::nullopt;
  return m_guard.refusal();
}

std::optional<Failure> Route::follow(const std::string& location) {
  const auto server = server_name(m_url);
  if (++m_redirects > m_settings.max_redirects)
    return Failure{FailureKind::server, RetryClass::mirror, server + " redirects without end"};
  try {
    const curl::Url asked(m_task.url);
    auto next = curl::Url(m_url).follow(location);
    if (auto refused = refuse(next.scheme())) return refused;
    if (is_same_server(asked, next)) next.take_login(asked);
    m_guard.answered();
    go_to(next.text());
    return std::nullopt;
  } catch (const curl::Error&) {
    return Failure{FailureKind::server, RetryClass::mirror, server + " redirects to what is not a URL"};
  }
}

std::optional<Failure> Route::refuse(const std::string& scheme) const {
  // Only HTTP redirects, and only to itself: validators and checks of one protocol say nothing in another.
  if (!scheme.starts_with("http") || !allows(m_settings, scheme + "://"))
    return Failure{FailureKind::server, RetryClass::mirror,
                   server_name(m_url) + " redirects to a scheme that is not allowed"};
  if (url_scheme(m_url) == "https" && scheme == "http" && !m_task.digest)
    return Failure{FailureKind::other, RetryClass::mirror,
                   server_name(m_url) +
                       " redirects from https to http, where anybody can change the file: "
                       "that is followed only where a digest is known"};
  return std::nullopt;
}

}  // namespace concd::engine
