#include "client/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "client/exit_code.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/verbs.hpp"
#include "util/units.hpp"
#include "util/url.hpp"

namespace concd::client {
namespace {

constexpr const char* k_default_socket = "/run/concd/concd.sock";
/// In a help; the completion takes the values from there.
constexpr const char* k_priorities = "foreground|high|normal|low";

/// The words as CLI11 stores them, before they are checked.
struct Words {
  std::vector<std::string> ids;
  std::string socket, output, executor, priority, digest, timeout;
};

/// A command line that is wrong, with the sentence that says so.
struct Wrong {
  std::string text;
};

void label(CLI::App& app) {
  auto formatter = std::make_shared<CLI::Formatter>();
  for (const auto& [key, text] :
       std::initializer_list<std::pair<const char*, const char*>>{{"Usage", _("Usage")},
                                                                  {"OPTIONS", _("OPTIONS")},
                                                                  {"SUBCOMMAND", _("VERB")},
                                                                  {"Positionals", _("Arguments")},
                                                                  {"REQUIRED", ""},
                                                                  {"TEXT", ""}})
    formatter->label(key, text);
  formatter->column_width(34);
  app.formatter(formatter);
}

/// The options that every verb has; they may also stand before the verb.
void add_general(CLI::App& app, Arguments& arguments, Words& words) {
  app.set_help_flag("-h,--help", _("Explain the options and exit"));
  app.add_flag("--json", arguments.json, _("Write one JSON object a line to stdout"));
  app.add_flag("-q,--quiet", arguments.quiet, _("Write nothing but results and errors"));
  app.add_option("--socket", words.socket,
                 _("The socket of concd (default: $CONCD_SOCKET, else /run/concd/concd.sock)"))
      ->option_text(_("PATH"));
}

void add_ids(CLI::App& verb, Words& words, const char* help) {
  verb.add_option("ID", words.ids, help)->required()->option_text("...");
}

void add_operands(CLI::App& verb, Operands operands, Arguments& arguments, Words& words) {
  if (operands == Operands::sources)
    verb.add_option("SOURCE", arguments.sources, _("A URL, or a name of the catalog"))
        ->required()
        ->option_text("...");
  if (operands == Operands::level_of_jobs)
    verb.add_option("LEVEL", words.priority, _("The priority that the jobs are to have"))
        ->required()
        ->option_text(k_priorities);
  if (operands == Operands::jobs) add_ids(verb, words, _("The number of a job, as list --all shows it"));
  if (operands == Operands::unfinished_jobs || operands == Operands::level_of_jobs)
    add_ids(verb, words, _("The number of an unfinished job, as list shows it"));
}

void add_waiting(CLI::App& verb, Arguments& arguments, Words& words) {
  verb.add_option("-o,--output", words.output, _("Where the file is to go; into a folder where PATH is one"))
      ->option_text(_("PATH"));
  verb.add_flag("--force", arguments.force, _("Replace a file that exists there; fetch a NAME again"));
  verb.add_option("--timeout", words.timeout, _("Wait at most that long, e.g. 90s or 10min; the job goes on"))
      ->option_text(_("DURATION"));
  verb.add_flag("--cancel-on-interrupt", arguments.cancel_on_interrupt,
                _("Cancel the jobs on ^C instead of leaving them to concd"));
}

void add_download(CLI::App& verb, Arguments& arguments, Words& words) {
  verb.add_flag("--no-block", arguments.no_block, _("Do not wait; print the numbers of the jobs"));
  verb.add_option("--executor", words.executor, _("What carries it out; auto chooses"))
      ->option_text("auto|thread|process");
  verb.add_option("--priority", words.priority, _("Which jobs run first when not all can"))
      ->option_text(k_priorities);
  verb.add_option("--mirror", arguments.mirrors,
                  _("Another URL of the same file; may be given several times"))
      ->option_text("URL")
      ->allow_extra_args(false);
  verb.add_option("--digest", words.digest, _("The digest of the URL's file, e.g. sha256:..."))
      ->option_text(_("ALGORITHM:HEX"));
}

void add_options(CLI::App& verb, OptionSet options, Arguments& arguments, Words& words) {
  add_general(verb, arguments, words);
  if (options == OptionSet::list) verb.add_flag("--all,-a", arguments.all, _("List the ended jobs as well"));
  if (options == OptionSet::download) add_download(verb, arguments, words);
  if (options == OptionSet::download || options == OptionSet::waiting) add_waiting(verb, arguments, words);
}

void add_verb(CLI::App& app, const Verb& verb, Arguments& arguments, Words& words) {
  auto* sub = app.add_subcommand(verb.name, verb.help);
  sub->group(_("Verbs"));
  sub->option_defaults()->group(_("Options"));
  add_options(*sub, verb.options, arguments, words);
  add_operands(*sub, verb.operands, arguments, words);
  sub->callback([&arguments, name = verb.name] { arguments.verb = name; });
}

job::Id parse_id(const std::string& word) {
  job::Id id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc{} || end != word.data() + word.size() || id < 1)
    throw Wrong{
        phrase(_("'{0}' is not the number of a job; concctl list shows the numbers"), printable(word))};
  return id;
}

std::vector<job::Id> parse_ids(const std::vector<std::string>& words) {
  std::vector<job::Id> ids;
  for (const auto& word : words)
    if (const auto id = parse_id(word); std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  return ids;
}

std::filesystem::path choose_socket(const std::string& word) {
  if (!word.empty()) return word;
  const auto* variable = std::getenv("CONCD_SOCKET");
  return variable == nullptr || *variable == '\0' ? k_default_socket : variable;
}

job::ExecutorKind parse_executor(const std::string& word) {
  const auto kind = job::executor_kind_from_string(word);
  if (!kind) throw Wrong{phrase(_("--executor: '{0}' is not auto, thread or process"), printable(word))};
  return *kind;
}

job::Priority parse_priority(const std::string& word) {
  const auto priority = job::priority_from_string(word);
  if (!priority)
    throw Wrong{phrase(_("'{0}' is not a priority; give foreground, high, normal or low"), printable(word))};
  return *priority;
}

job::Digest parse_digest_of(const std::vector<std::string>& sources, const std::string& word) {
  auto digest = job::parse_digest(word);
  if (!digest)
    throw Wrong{
        phrase(_("--digest: '{0}' is not a digest; write sha256:, sha512:, sha1: or md5: and all of its hex "
                 "digits"),
               printable(word))};
  if (sources.size() != 1)
    throw Wrong{_("--digest is for exactly one URL; download the others by a command of their own")};
  if (!looks_like_url(sources.front()))
    throw Wrong{_("--digest is for a URL; the digest of a name is in the catalog")};
  return std::move(*digest);
}

void check_mirrors(const Arguments& arguments) {
  if (arguments.mirrors.empty()) return;
  if (arguments.sources.size() != 1 || !looks_like_url(arguments.sources.front()))
    throw Wrong{_("--mirror is for exactly one URL; the mirrors of a name are in the catalog")};
  for (const auto& mirror : arguments.mirrors)
    if (!looks_like_url(mirror)) throw Wrong{phrase(_("--mirror: '{0}' is not a URL"), printable(mirror))};
}

Microseconds parse_timeout(const std::string& word) {
  const auto span = parse_duration(word);
  if (!span)
    throw Wrong{
        phrase(_("--timeout: '{0}' is not a time span; write e.g. 90s, 10min or 2h"), printable(word))};
  return *span;
}

void check_together(const Arguments& arguments) {
  if (arguments.output && std::max(arguments.sources.size(), arguments.ids.size()) > 1)
    throw Wrong{_("--output is for exactly one file; download the others by a command of their own")};
  if (arguments.no_block && arguments.timeout)
    throw Wrong{_("--timeout is about waiting, which --no-block does not; leave one of them out")};
  if (arguments.no_block && arguments.cancel_on_interrupt)
    throw Wrong{
        _("--cancel-on-interrupt is about waiting, which --no-block does not; leave one of them out")};
}

void check(Arguments& arguments, const Words& words, const CLI::App& verb) {
  const auto given = [&](const char* option) {
    const auto* found = verb.get_option_no_throw(option);
    return found != nullptr && found->count() > 0;
  };
  arguments.ids = parse_ids(words.ids);
  arguments.socket = choose_socket(words.socket);
  for (const auto& source : arguments.sources)
    if (source.empty()) throw Wrong{_("a SOURCE is empty; give a URL or a name of the catalog")};
  if (given("--executor")) arguments.executor = parse_executor(words.executor);
  if (given("--priority") || given("LEVEL")) arguments.priority = parse_priority(words.priority);
  if (given("--digest")) arguments.digest = parse_digest_of(arguments.sources, words.digest);
  if (given("--timeout")) arguments.timeout = parse_timeout(words.timeout);
  if (given("--output")) arguments.output = words.output;
  if (arguments.output && arguments.output->empty())
    throw Wrong{_("--output: the path is empty; give a file or a folder")};
  check_mirrors(arguments);
  check_together(arguments);
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + printable(word);
  return text;
}

/// What CLI11 found wrong, in our own words, because its are English only.
std::string describe(const CLI::App& app, const CLI::ParseError& error) {
  const auto verbs = app.get_subcommands();
  const auto unknown = app.remaining(true);
  const std::string text = error.what();
  if (verbs.empty() && !unknown.empty() && !unknown.front().starts_with('-'))
    return phrase(_("there is no verb '{0}'"), printable(unknown.front()));
  if (!unknown.empty()) return phrase(_("unknown argument: {0}"), join(unknown));
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return verbs.empty() ? std::string(_("a verb is missing, e.g. concctl download SOURCE"))
                         : phrase(_("{0}: an argument is missing"), verbs.front()->get_name());
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return phrase(_("{0} takes one value"), printable(text.substr(0, text.find(':'))));
  return printable(text);
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const auto verbs = app.get_subcommands();
  const auto verb = verbs.empty() ? std::string() : " " + verbs.front()->get_name();
  return phrase(_("{0} (see: {1})"), describe(app, error), "concctl" + verb + " --help");
}

}  // namespace

tl::expected<Arguments, Leave> parse_command_line(int count, const char* const* words_in) {
  Arguments arguments;
  Words words;
  CLI::App app(_("Hands downloads to concd, the system download service, and waits for them."), "concctl");
  label(app);
  app.option_defaults()->group(_("Options"));
  add_general(app, arguments, words);
  app.set_version_flag("--version", std::string("concctl " CONCD_VERSION),
                       _("Print the version of concctl and exit"));
  app.require_subcommand(1);
  for (const auto& verb : verbs()) add_verb(app, verb, arguments, words);
  try {
    app.parse(count, words_in);
    check(arguments, words, *app.get_subcommands().front());
    return arguments;
  } catch (const CLI::CallForVersion& version) {
    return tl::unexpected(Leave{exit_code::k_complete, std::string(version.what()) + "\n"});
  } catch (const CLI::CallForHelp&) {
    const auto verbs = app.get_subcommands();
    return tl::unexpected(
        Leave{exit_code::k_complete, verbs.empty() ? app.help() : verbs.front()->help("concctl")});
  } catch (const CLI::ParseError& error) {
    return tl::unexpected(Leave{exit_code::k_usage, explain(app, error)});
  } catch (const Wrong& wrong) {
    return tl::unexpected(Leave{exit_code::k_usage, wrong.text});
  }
}

}  // namespace concd::client
