#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/origin.hpp"
#include "engine/response.hpp"
#include "engine/settings.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"
#include "lib/curl/easy.hpp"
#include "lib/curl/multi.hpp"
#include "lib/curl/tls_end.hpp"

namespace concd::engine {

/// A server that libcurl talks to: http, https, ftp, ftps.
class CurlOrigin final : public Origin, private curl::Easy::Handler {
 public:
  /// Begins at once. All references outlive the origin. Throws curl::Error, std::bad_alloc.
  CurlOrigin(curl::Multi& multi, const job::Task& task, const Settings& settings, ResumePlan plan,
             Sink& sink);
  ~CurlOrigin() override;

  [[nodiscard]] std::optional<Microseconds> due() const override { return std::nullopt; }
  void advance(Microseconds) override {}
  [[nodiscard]] bool contacted() const override { return m_header_bytes > 0; }

 private:
  bool on_header(std::string_view line) override;
  bool on_body(std::string_view data) override;
  void on_done(CURLcode code) override;

  void ask();
  void ask_for_all();
  void finish(CURLcode code);
  /// The head of a response is complete: decides what becomes of its body.
  bool judge();
  bool take_whole();
  bool take_partial();
  bool take_ftp();
  bool unchanged();
  bool refuse(job::Failure failure);
  /// Tells the sink of a body that is wanted.
  bool take(const Answer& head);
  [[nodiscard]] job::Failure broken(const std::string& why) const;
  [[nodiscard]] job::Failure failure(CURLcode code) const;
  [[nodiscard]] Answer answer() const;
  [[nodiscard]] std::string url() const;

  /// Where the response stands.
  enum class Stage {
    opening,  ///< no head has come: nothing yet, or an FTP server, which sends none
    head,     ///< inside a head
    passing,  ///< after a head that another may follow: an interim answer, a redirect
    wanted,   ///< the body that follows is the file's
    ignored,  ///< the body that follows is of no use; m_failure says why, if that is one
    refused,  ///< given up, see m_failure
    again,    ///< the range was not to be had: the whole file is asked for next
  };
  /// False when the response ends with the stage: libcurl is to break it off.
  bool enter(Stage stage);
  [[nodiscard]] bool undecided() const { return m_stage <= Stage::passing; }
  /// Decides what becomes of the body, with or without a head.
  bool decide() { return m_response.begun() ? judge() : take_ftp(); }

  curl::Multi& m_multi;
  const job::Task& m_task;
  const Settings& m_settings;
  ResumePlan m_plan;
  Sink& m_sink;
  curl::Easy m_easy;
  Response m_response;
  Stage m_stage = Stage::opening;
  std::size_t m_header_bytes = 0;  ///< of all responses of the attempt
  std::size_t m_ignored_bytes = 0;
  std::optional<curl::TlsEnd> m_end;  ///< of a body that ends with its connection
  std::optional<job::Failure> m_failure;
};

}  // namespace concd::engine
