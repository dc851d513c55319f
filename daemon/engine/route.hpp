#pragma once

#include <optional>
#include <string>

#include "engine/origin_guard.hpp"
#include "engine/settings.hpp"
#include "job/executor.hpp"

namespace concd::engine {

/// The way of one attempt: from the URL that was asked for over redirects to the file. Decides which
/// redirects are followed; the guard, which addresses may be connected to. Lives on its transfer's thread.
class Route {
 public:
  /// Both outlive the route.
  Route(const job::Task& task, const Settings& settings);

  /// Where the file is asked for now.
  [[nodiscard]] const std::string& url() const { return m_url; }
  /// The URL of the proxy that is to be asked for it; empty: none.
  [[nodiscard]] const std::string& proxy() const { return m_proxy; }
  [[nodiscard]] bool redirected() const { return m_redirects > 0; }
  [[nodiscard]] OriginGuard& guard() { return m_guard; }
  [[nodiscard]] const OriginGuard& guard() const { return m_guard; }

  /// Goes where the Location of an answer leads, RFC 9110 §10.2.2; nothing when that is done. A login of the
  /// request goes along to the same scheme, host and port only.
  [[nodiscard]] std::optional<job::Failure> follow(const std::string& location);
  /// Before the request: why the host cannot be asked, as far as that is known without its address.
  [[nodiscard]] std::optional<job::Failure> refusal();

 private:
  [[nodiscard]] std::optional<job::Failure> refuse(const std::string& scheme) const;
  void go_to(std::string url);

  const job::Task& m_task;
  const Settings& m_settings;
  OriginGuard m_guard;
  std::string m_url;
  std::string m_proxy;
  std::uint32_t m_redirects = 0;
};

}  // namespace concd::engine
