#include "client/refusal.hpp"

#include <variant>

#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"

namespace concd::client {
namespace {

/// One sentence a refusal.
struct Describe {
  std::string operator()(const protocol::UnknownName& refusal) const {
    auto text = phrase(_("'{0}' is not in the catalog (see: concctl catalog); a URL has '://' in it"),
                       printable(refusal.name));
    if (refusal.nearest) text += phrase(_("; did you mean '{0}'?"), printable(*refusal.nearest));
    return text;
  }
  std::string operator()(const protocol::InvalidSource& refusal) const {
    return phrase(_("'{0}' cannot be downloaded: {1}"), printable(refusal.source), printable(refusal.reason));
  }
  std::string operator()(const protocol::InvalidFile& refusal) const {
    return phrase(_("concd does not write into the file that it was handed: {0}"), printable(refusal.reason));
  }
  std::string operator()(const protocol::NoSuchJob& refusal) const {
    return phrase(_("there is no job {0} (see: concctl list --all)"), refusal.id);
  }
  std::string operator()(const protocol::NotPermitted& refusal) const {
    return phrase(_("not permitted: {0}"), printable(refusal.reason));
  }
  std::string operator()(const protocol::QueueFull& refusal) const {
    return phrase(_("the queue is full, concd takes {0} jobs; try again when some have ended"),
                  refusal.limit);
  }
  std::string operator()(const protocol::LimitReached& refusal) const {
    return phrase(_("concd takes no more of you for now: {0} of concd.toml, which root may raise, is {1}"),
                  printable(refusal.limit), refusal.most);
  }
  std::string operator()(const protocol::WrongState& refusal) const {
    return phrase(_("job {0} is {1}: {2} does not apply"), refusal.id, state_text(refusal.state),
                  printable(refusal.verb));
  }
  std::string operator()(const protocol::NoResult& refusal) const {
    return phrase(_("job {0} has no file to hand out: {1}"), refusal.id, printable(refusal.reason));
  }
  std::string operator()(const protocol::ShuttingDown&) const { return _("concd is stopping"); }
  std::string operator()(const protocol::StoreFailed& refusal) const {
    return phrase(_("concd could not write its queue: {0}"), printable(refusal.reason));
  }
};

}  // namespace

std::string describe(const protocol::WireError& error) {
  if (const auto refusal = protocol::refusal_of(error)) return std::visit(Describe(), *refusal);
  const auto parameter = error.parameters.find("parameter");
  if (parameter != error.parameters.end() && parameter->is_string())
    return phrase(_("concd does not accept the value of '{0}'"), printable(parameter->get<std::string>()));
  return phrase(_("concd replied the error {0}"), printable(error.name));
}

}  // namespace concd::client
