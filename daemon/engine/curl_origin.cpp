#include "engine/curl_origin.hpp"

#include "engine/content_coding.hpp"
#include "engine/curl_options.hpp"
#include "engine/failure_of.hpp"
#include "job/local_failure.hpp"
#include "lib/curl/date.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using job::Failure;
using job::FailureKind;
using job::RetryClass;

// A header flood ends here; no honest origin needs a tenth of it, redirects included.
constexpr std::size_t k_header_limit = 256 * 1024;
// Reading the text of an error page to its end keeps the connection usable; a long one is not worth that.
constexpr std::size_t k_ignored_limit = 64 * 1024;

bool is_ftp(const std::string& url) {
  return url_scheme(url).starts_with("ftp");
}

/// When the answer was sent, by the clock of the server: ours may be far from it.
Microseconds time_of(const Response& response) {
  if (const auto date = curl::parse_date(response.get("date"))) return std::chrono::seconds(*date);
  return std::chrono::duration_cast<Microseconds>(std::chrono::system_clock::now().time_since_epoch());
}

Answer answer_of(const Response& response) {
  Answer answer;
  answer.validators = response.validators();
  answer.resumable = resumable(answer.validators, response.get("date"));
  answer.elsewhere = common(answer.validators, response.get("date"));
  if (const auto modified = curl::parse_date(answer.validators.last_modified); modified && *modified > 0)
    answer.mtime = std::chrono::seconds(*modified);
  return answer;
}

}  // namespace

CurlOrigin::CurlOrigin(curl::Multi& multi, const job::Task& task, const Settings& settings, ResumePlan plan,
                       Sink& sink)
    : m_multi(multi),
      m_task(task),
      m_plan(std::move(plan)),
      m_sink(sink),
      m_route(task, settings),
      m_easy(*this) {
  set_options(m_easy, settings);
  ask();
}

CurlOrigin::~CurlOrigin() {
  m_multi.remove(m_easy);
}

void CurlOrigin::ask() {
  if (auto refused = m_route.refusal()) return m_sink.end(std::move(refused));
  set_place(m_easy, m_route.url(), m_route.proxy());
  curl::Slist headers;
  if (m_plan.is_range()) {
    const auto last = m_plan.last ? std::to_string(*m_plan.last) : std::string();
    headers.append("Range: bytes=" + std::to_string(m_plan.offset) + "-" + last);
    if (!m_plan.if_range.empty()) headers.append("If-Range: " + m_plan.if_range);
  } else {
    const auto& published = m_task.published;
    if (!published.etag.empty()) headers.append("If-None-Match: " + published.etag);
    if (published.etag.empty() && !published.last_modified.empty())
      headers.append("If-Modified-Since: " + published.last_modified);
  }
  m_easy.set_headers(std::move(headers));
  m_easy.set_size(CURLOPT_RESUME_FROM_LARGE,
                  is_ftp(m_task.url) ? static_cast<std::int64_t>(m_plan.offset) : 0);
  m_multi.add(m_easy);
}

bool CurlOrigin::on_connect(const sockaddr& address) {
  // A proxy is where the configuration says.
  if (!m_route.proxy().empty()) return true;
  const auto ip = IpAddress::of(address);
  return ip && m_route.guard().admits(*ip);
}

bool CurlOrigin::on_request(std::string_view address) {
  auto& guard = m_route.guard();
  if (!m_route.proxy().empty()) return true;
  const auto ip = IpAddress::parse(address);
  if (!ip || !guard.admits(*ip)) return refuse(guard.refusal().value_or(broken("its address is not known")));
  guard.connected(*ip);
  return true;
}

bool CurlOrigin::on_header(std::string_view line) {
  m_overhead.header += line.size();
  if (m_overhead.header > k_header_limit) return refuse(broken("its header has no end"));
  // Lines of an FTP server, whatever they look like, and trailers say nothing that counts.
  if (is_ftp(m_route.url())) return true;
  if (line.starts_with("HTTP/")) {
    m_response.begin(line);
    return enter(Stage::head);
  }
  if (m_stage != Stage::head) return true;
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (!line.empty()) {
    m_response.add(line);
    return true;
  }
  return m_response.status() < 200 ? enter(Stage::passing) : judge();
}

bool CurlOrigin::on_body(std::string_view data) {
  if (m_stage <= Stage::passing && !judge()) return false;
  if (m_stage == Stage::wanted && !m_decoder) return m_sink.write(data);
  if (m_stage == Stage::wanted)
    return m_decoder->write(data, m_sink) || (m_decoder->fault() && refuse(broken(*m_decoder->fault())));
  m_overhead.ignored += data.size();
  return m_overhead.ignored <= k_ignored_limit;
}

bool CurlOrigin::judge() {
  if (!m_response.begun()) return take_ftp();
  if (m_response.redirects()) return follow();
  const auto status = m_response.status();
  if (const auto fault = m_response.check()) return refuse(broken(*fault));
  if (m_plan.last && (status == 200 || status == 203 || status == 304 || status == 416))
    return refuse(broken("it did not send the part that was asked for"));
  if (status == 200 || status == 203) return take_whole();
  if (status == 206) return take_partial();
  if (status == 304) return unchanged();
  // The partial file cannot be right when the file does not reach that far.
  if (status == 416 && m_plan.is_range()) return enter(Stage::again);
  m_failure = failure_of_status(status, m_response.reason(), m_route.url(),
                                parse_retry_after(m_response.get("retry-after"), time_of(m_response)));
  return enter(Stage::ignored);
}

bool CurlOrigin::follow() {
  if (auto failure = m_route.follow(m_response.get("location"))) return refuse(*std::move(failure));
  return enter(Stage::elsewhere);
}

bool CurlOrigin::take_whole() {
  auto head = answer_of(m_response);
  const auto coding = coding_of(m_response, m_task.url, m_route.url());
  if (coding == BodyCoding::foreign)
    return refuse(broken("it encoded the file (" + m_response.content_codings().front() +
                         ") though that was not asked for"));
  head.decoded = coding == BodyCoding::coded;
  if (head.decoded) {
    // A range of the coded bytes says nothing of the file's, and neither does their number.
    m_decoder.emplace();
    head.resumable = {};
  } else {
    head.total = m_response.content_length();
    head.ranges = lower_case(m_response.get("accept-ranges")) == "bytes";
  }
  return take(head);
}

bool CurlOrigin::take_partial() {
  if (!m_plan.is_range()) return refuse(broken("it sent a part that was not asked for"));
  const auto content_range = m_response.get("content-range");
  const PartialAnswer partial{content_range, m_response.content_length(), m_response.validators()};
  const bool plain = coding_of(m_response, m_task.url, m_route.url()) == BodyCoding::plain;
  if (!plain || refuse_partial(m_plan, partial)) return part_is_wrong();
  auto head = answer_of(m_response);
  head.offset = m_plan.offset;
  head.total = parse_content_range(content_range)->total;
  head.ranges = true;
  // A 206 to an If-Range may leave out what the client has already, RFC 9110 §15.3.7.
  if (head.validators.etag.empty()) head.validators.etag = m_plan.validators.etag;
  if (head.validators.last_modified.empty()) head.validators.last_modified = m_plan.validators.last_modified;
  head.resumable = m_plan.validators;
  return take(head);
}

bool CurlOrigin::part_is_wrong() {
  return m_plan.last ? refuse(broken("it sent another part than was asked for")) : enter(Stage::again);
}

bool CurlOrigin::take_ftp() {
  Answer head;
  head.offset = m_plan.offset;
  head.resumable = m_plan.validators;
  const auto length = m_easy.size(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
  if (head.offset > 0)
    head.total = m_plan.total;
  else if (length > 0)
    head.total = static_cast<std::uint64_t>(length);
  if (const auto time = m_easy.size(CURLINFO_FILETIME_T); time > 0) head.mtime = std::chrono::seconds(time);
  return take(head);
}

bool CurlOrigin::unchanged() {
  const auto& published = m_task.published;
  if (m_plan.is_range() || (published.etag.empty() && published.last_modified.empty()))
    return refuse(broken("it said 304 Not Modified though nobody asked"));
  auto head = answer_of(m_response);
  head.unchanged = true;
  return enter(Stage::ignored) && m_sink.accept(head);
}

bool CurlOrigin::take(const Answer& head) {
  if (m_response.ends_with_connection()) m_end.emplace(m_easy);
  return enter(Stage::wanted) && m_sink.accept(head);
}

bool CurlOrigin::refuse(Failure failure) {
  m_failure = std::move(failure);
  return enter(Stage::refused);
}

bool CurlOrigin::enter(Stage stage) {
  m_stage = stage;
  return stage != Stage::refused && stage != Stage::again;
}

void CurlOrigin::on_done(CURLcode code) {
  try {
    m_easy.rethrow();
    finish(code);
  } catch (const std::exception& error) {
    m_sink.end(job::failure_of(error));
  }
}

void CurlOrigin::finish(CURLcode code) {
  // A body of no bytes never came by, and an FTP server sends no head.
  if (code == CURLE_OK && m_stage <= Stage::passing && m_stage != Stage::head) judge();
  if (m_stage == Stage::again || m_stage == Stage::elsewhere) return ask_again();
  if (m_failure) return m_sink.end(std::move(m_failure));
  if (code != CURLE_OK) return m_sink.end(failure(code));
  // libcurl takes a header that the connection's end cut short for a whole one.
  if (m_stage == Stage::head)
    return m_sink.end(Failure{FailureKind::network, RetryClass::retry,
                              server_name(m_route.url()) + " closed the connection in its header"});
  if (m_end && m_end->missing())
    return m_sink.end(Failure{FailureKind::network, RetryClass::retry,
                              server_name(m_route.url()) + " closed the connection, perhaps before the end"});
  if (m_decoder && !m_decoder->complete()) return m_sink.end(broken("its content coding ends in the middle"));
  m_sink.end(std::nullopt);
}

void CurlOrigin::ask_again() {
  if (m_stage == Stage::again) m_plan = {};
  m_response = {};
  m_end.reset();
  enter(Stage::opening);
  m_multi.remove(m_easy);
  ask();
}

Failure CurlOrigin::broken(const std::string& why) const {
  return {FailureKind::server, RetryClass::mirror,
          server_name(m_route.url()) + " sent a broken answer: " + why, m_response.status()};
}

Failure CurlOrigin::failure(CURLcode code) const {
  if (const auto& refused = m_route.guard().refusal()) return *refused;
  CurlEnding ending;
  ending.code = code;
  ending.url = m_route.url();
  ending.status = m_response.begun() ? 0 : m_easy.number(CURLINFO_RESPONSE_CODE);
  ending.proxy_status = m_easy.number(CURLINFO_HTTP_CONNECTCODE);
  ending.os_error = m_easy.number(CURLINFO_OS_ERRNO);
  if (ending.os_error == 0) ending.os_error = m_easy.socket_error();
  ending.unresolved = m_easy.size(CURLINFO_NAMELOOKUP_TIME_T) == 0;
  ending.connected = m_easy.size(CURLINFO_CONNECT_TIME_T) > 0;
  ending.redirected = m_route.redirected();
  ending.reused = m_easy.number(CURLINFO_NUM_CONNECTS) == 0;
  ending.proxy = m_route.proxy();
  return failure_of(ending);
}

}  // namespace concd::engine
