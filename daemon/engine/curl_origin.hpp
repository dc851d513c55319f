#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/decoder.hpp"
#include "engine/origin.hpp"
#include "engine/response.hpp"
#include "engine/route.hpp"
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
  [[nodiscard]] bool contacted() const override { return m_overhead.header > 0; }
  [[nodiscard]] bool met_public() const override { return m_route.guard().met_public(); }

 private:
  bool on_connect(const sockaddr& address) override;
  bool on_request(std::string_view address) override;
  bool on_header(std::string_view line) override;
  bool on_body(std::string_view data) override;
  void on_done(CURLcode code) override;

  void ask();
  void ask_again();
  void finish(CURLcode code);
  /// The head of a response is complete, or there is none: decides what becomes of its body.
  bool judge();
  bool follow();
  bool take_whole();
  bool take_partial();
  bool part_is_wrong();
  bool take_ftp();
  bool unchanged();
  bool refuse(job::Failure failure);
  /// Tells the sink of a body that is wanted.
  bool take(const Answer& head);
  [[nodiscard]] job::Failure broken(const std::string& why) const;
  [[nodiscard]] job::Failure failure(CURLcode code) const;

  /// Where the response stands.
  enum class Stage {
    opening,    ///< no head has come: nothing yet, or an FTP server, which sends none
    head,       ///< inside a head
    passing,    ///< after an interim answer, which another follows
    wanted,     ///< the body that follows is the file's
    ignored,    ///< the body that follows is of no use; m_failure says why, if that is one
    refused,    ///< given up, see m_failure
    elsewhere,  ///< the body that follows is of no use; the route's URL is asked for next
    again,      ///< the range was not to be had: the whole file is asked for next
  };
  /// False when the response ends with the stage: libcurl is to break it off.
  bool enter(Stage stage);

  /// Bytes that came besides the file, in all responses of the attempt.
  struct Overhead {
    std::size_t header = 0;
    std::size_t ignored = 0;  ///< bodies of redirects and errors
  };

  curl::Multi& m_multi;
  const job::Task& m_task;
  ResumePlan m_plan;
  Sink& m_sink;
  Route m_route;
  curl::Easy m_easy;
  Response m_response;
  Stage m_stage = Stage::opening;
  Overhead m_overhead;
  std::optional<curl::TlsEnd> m_end;  ///< of a body that ends with its connection
  std::optional<Decoder> m_decoder;   ///< of a body that is coded
  std::optional<job::Failure> m_failure;
};

}  // namespace concd::engine
