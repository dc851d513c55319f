#include "client/delivery/deliverer.hpp"

#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "client/delivery/destination.hpp"
#include "client/exit_code.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/refusal.hpp"
#include "protocol/codec.hpp"
#include "util/errno_error.hpp"
#include "util/url.hpp"

namespace concd::client {
namespace {

constexpr std::size_t k_names_a_turn = 256;

/// The daemon forgets the file of a URL once its owner has it: one who may merely read it must not say so.
bool is_to_be_released(const job::View& job) {
  return job.name.empty() && job.uid == ::getuid();
}

/// The daemon's suggestion: it may name a file that shows, never another folder.
std::string safe_name(const std::string& name) {
  const bool unsafe = name.empty() || name.starts_with('.') || name.find('/') != std::string::npos;
  return unsafe ? k_nameless_file : file_name_of(name);
}

/// What was handed over may be a device that never ends, or a pipe that nobody writes to.
bool is_whole_file(const Finished& finished) {
  struct stat status{};
  return ::fstat(finished.file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
         static_cast<std::uint64_t>(status.st_size) == finished.size;
}

Undelivered unwritten(const FollowedRequest& request, const std::filesystem::path& target,
                      const std::string& reason) {
  return {exit_code::k_file,
          phrase(_("cannot write {0}: {1}; concd keeps the file, fetch it with: concctl wait {2}"),
                 printable(target.string()), reason, request.id)};
}

/// The name that the file goes by in a folder that is given with --output.
std::string own_name(const FollowedRequest& request) {
  return request.remembered ? request.remembered->filename().string() : k_nameless_file;
}

}  // namespace

void Deliverer::turn() {
  if (!m_unreleased.empty() && !m_release_asked) release(m_unreleased.front());
  if (m_current == nullptr) name_own_files();
  if (m_current == nullptr && !m_queue.empty() && !m_queue.front()->own) ask_for_file();
  if (m_delivery) copy_some();
}

bool Deliverer::is_busy() const {
  return m_delivery || (m_current == nullptr && !m_queue.empty()) ||
         (!m_unreleased.empty() && !m_release_asked);
}

void Deliverer::forget_connection() {
  m_release_asked = false;
  if (m_current == nullptr || m_delivery) return;
  m_queue.push_front(m_current);
  m_current = nullptr;
}

/// Their folders are synced once for all of them, and nobody is told before.
void Deliverer::name_own_files() {
  std::vector<std::pair<FollowedRequest*, tl::expected<Delivered, Undelivered>>> named;
  std::set<std::filesystem::path> folders;
  while (m_current == nullptr && !m_queue.empty() && m_queue.front()->own && named.size() < k_names_a_turn) {
    auto& request = *m_queue.front();
    m_queue.pop_front();
    m_target = target_of(request, own_name(request));
    if (m_target.parent_path() != request.own->hidden().parent_path()) {
      copy_own_file(request);
      continue;
    }
    named.emplace_back(&request, name_own_file(request));
    if (named.back().second) folders.insert(m_target.parent_path());
  }
  for (const auto& folder : folders) sync_names(folder);
  for (const auto& [request, result] : named) m_on_end(*request, result);
}

tl::expected<Delivered, Undelivered> Deliverer::name_own_file(FollowedRequest& request) {
  if (is_special(m_target)) return tl::unexpected(unwritten(request, m_target, special_text()));
  try {
    auto& file = *request.own;
    set_mtime(file.hidden(), request.job->mtime);
    const bool replace = request.force && !m_delivered.contains(m_target);
    const auto path = file.give_name(m_target.filename(), replace);
    m_delivered.insert(path);
    return Delivered{path, m_target};
  } catch (const std::system_error& error) {
    request.own->leave();
    return tl::unexpected(unwritten(request, m_target, errno_text(error.code().value())));
  }
}

/// It is wanted in another folder than the one in which it was begun.
void Deliverer::copy_own_file(FollowedRequest& request) {
  m_current = &request;
  begin({request.own->open_again(), request.job->progress.received, request.job->mtime});
}

void Deliverer::ask_for_file() {
  auto& connection = m_connect();
  m_current = m_queue.front();
  m_queue.pop_front();
  connection.call("OpenResult", protocol::encode_id(m_current->id),
                  [this](const CallResult& reply, bool) { on_file(reply); });
}

void Deliverer::on_file(const CallResult& reply) {
  if (!reply) {
    const bool no_result = protocol::is_refusal<protocol::NoResult>(reply.error());
    return no_result ? look_again(reply.error()) : refused(reply.error());
  }
  const auto result = protocol::decode_result(*reply);
  if (!result) return end(tl::unexpected(Undelivered{exit_code::k_other, BadReply(result.error()).what()}));
  try {
    begin(*result);
  } catch (const std::system_error& error) {
    end(tl::unexpected(unwritten(*m_current, m_target, errno_text(error.code().value()))));
  }
}

/// Another concctl of the same user may have been faster: then the job says that its file was fetched.
void Deliverer::look_again(const protocol::WireError& error) {
  m_connect().call("Get", protocol::encode_id(m_current->id), [this, error](const CallResult& reply, bool) {
    if (reply)
      if (auto job = protocol::decode_job_reply(*reply)) m_current->job = std::move(*job);
    refused(error);
  });
}

void Deliverer::refused(const protocol::WireError& error) {
  end(tl::unexpected(Undelivered{exit_code::of(error), describe(error)}));
}

void Deliverer::begin(const protocol::ResultDescription& result) {
  m_target = target_of(*m_current, safe_name(result.name));
  begin({m_connect().take_descriptor(result.fd), result.size, result.mtime});
}

void Deliverer::begin(Finished finished) {
  if (!is_whole_file(finished))
    return end(tl::unexpected(Undelivered{exit_code::k_other, BadReply().what()}));
  if (is_special(m_target)) return end(tl::unexpected(unwritten(*m_current, m_target, special_text())));
  m_delivery.emplace(std::move(finished), m_target, may_replace());
}

/// Two files of one run may have the same name; neither is to be lost.
bool Deliverer::may_replace() const {
  return m_current->force && !m_delivered.contains(m_target);
}

void Deliverer::copy_some() {
  tl::expected<Delivered, Undelivered> result;
  try {
    if (!m_delivery->step()) return;
    result = Delivered{m_delivery->publish(), m_delivery->wanted()};
    m_delivered.insert(result->path);
    if (!m_current->own && is_to_be_released(*m_current->job)) m_unreleased.push_back(m_current->id);
  } catch (const std::system_error& error) {
    result = tl::unexpected(unwritten(*m_current, m_target, errno_text(error.code().value())));
  }
  end(result);
}

void Deliverer::end(const tl::expected<Delivered, Undelivered>& result) {
  auto& request = *m_current;
  m_current = nullptr;
  m_delivery.reset();
  m_on_end(request, result);
}

void Deliverer::release(job::Id id) {
  // Whatever is replied: the caller has its file, and the daemon forgets an unreleased one in time.
  m_connect().call("Release", protocol::encode_id(id), [this](const CallResult&, bool) {
    m_unreleased.pop_front();
    m_release_asked = false;
  });
  m_release_asked = true;
}

}  // namespace concd::client
