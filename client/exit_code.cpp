#include "client/exit_code.hpp"

#include <cerrno>
#include <variant>

namespace concd::client::exit_code {
namespace {

struct CodeOf {
  int operator()(const protocol::UnknownName&) const { return k_usage; }
  int operator()(const protocol::InvalidSource&) const { return k_usage; }
  int operator()(const protocol::InvalidFile&) const { return k_file; }
  int operator()(const protocol::NoSuchJob&) const { return k_usage; }
  int operator()(const protocol::NotPermitted&) const { return k_not_permitted; }
  int operator()(const protocol::QueueFull&) const { return k_queue_full; }
  int operator()(const protocol::LimitReached&) const { return k_limit; }
  int operator()(const protocol::WrongState&) const { return k_other; }
  int operator()(const protocol::NoResult&) const { return k_other; }
  int operator()(const protocol::ShuttingDown&) const { return k_no_daemon; }
  int operator()(const protocol::StoreFailed&) const { return k_file; }
};

}  // namespace

int of(const job::View& job) {
  if (job.state == job::State::cancelled) return k_cancelled;
  if (job.state != job::State::failed) return k_complete;
  return job.failure ? job::exit_code(job.failure->kind) : k_other;
}

int of(const protocol::WireError& error) {
  if (const auto refusal = protocol::refusal_of(error)) return std::visit(CodeOf(), *refusal);
  return error.name == "org.varlink.service.InvalidParameter" ? k_usage : k_other;
}

int of_connect_error(int error) {
  return error == EACCES || error == EPERM ? k_not_permitted : k_no_daemon;
}

}  // namespace concd::client::exit_code
