"""Nothing grows unseen: how large classes, files and functions are, and that no type name stands twice."""

import collections
import json
import re
import statistics
import subprocess
import unittest

from tests.lint import sources

MAX_FUNCTIONS, MAX_MEMBERS = 25, 12  # of a class
MAX_FILE_MEDIAN, MAX_FUNCTION_MEDIAN = 60, 6  # lines, of daemon/

# Classes that are larger than that, each with the reason why it is better so.
LARGER = {
    "concd::Instance": "owns and wires all of the daemon: what is a member nowhere else is one here",
    "concd::queue::Core": "owns and wires the parts of the queue, as the Instance does the daemon's",
    "concd::queue::Transfers": "the one table of jobs and transfers: a third of its functions are one-line looks at it",
    "concd::store::Queries": "every statement of the daemon, one function each, and nothing besides",
    "concd::queue::Service": "one function for each verb of control::Backend, and what several of them share",
    "concd::publish::Publication": "a plain value: what is known of a file that is to be published",
    "concd::engine::Settings": "a plain value: what [transfer] and [origins] of concd.toml(5) say",
    "concd::job::Outcome": "a plain value: all that an executor says of an attempt's end",
    "concd::job::View": "a plain value: all that a caller may hear of a job",
    "concd::client::Arguments": "a plain value: what the options of all verbs say",
}

# Names that may stand more than once, each with the reason.
TWICE = {
    "Error": "of a library below lib/, which has its own kind of error: curl::Error, sqlite::Error",
    "Impl": "the hidden half of the class around it",
}

_TYPES = ("class", "struct", "union", "enum")
_NOT_OURS = re.compile(r"=\s*(default|delete)\b")


class Source:
    """The tags of a C++ file, see ctags(1): what is declared and defined in it, with its lines and its scope."""

    def __init__(self, file, tags):
        self.path = str(file.relative_to(sources.ROOT))
        self.lines = file.read_text().splitlines()
        self.tags = tags

    def of(self, *kinds):
        """Those of some kinds; what the language does not name, such as lambdas, is not a part of them."""
        return [tag for tag in self.tags if tag["kind"] in kinds and not tag["name"].startswith("__anon")]

    def declaration(self, tag):
        """From the line with the name to the end of the declaration, or to the body."""
        text = "\n".join(self.lines[tag["line"] - 1 :])
        return re.split(r"[;{]", text, maxsplit=1)[0]


def full_name(tag):
    return "::".join(filter(None, (tag.get("scope"), tag["name"])))


def read(*folders):
    files = sources.cpp_files(*folders)
    found = subprocess.run(["ctags", "--languages=C++", "--kinds-C++=+p", "--fields=+neKs", "--sort=no",
                            "--output-format=json", "-f", "-", *files], check=True, capture_output=True, text=True)
    tags = collections.defaultdict(list)
    for line in found.stdout.splitlines():
        tag = json.loads(line)
        tags[tag["path"]].append(tag)
    return [Source(file, tags[str(file)]) for file in files]


def sizes(source):
    """(full name, functions, data members) of each class whose body is in the file."""
    for owner in source.of("class", "struct", "union"):
        body = range(owner["line"], owner["end"] + 1)
        inside = [tag for tag in source.of("prototype", "function", "member")
                  if tag.get("scope") == full_name(owner) and tag["line"] in body]
        functions = [tag for tag in inside
                     if tag["kind"] != "member" and not _NOT_OURS.search(source.declaration(tag))]
        members = [tag for tag in inside
                   if tag["kind"] == "member" and not re.search(r"\bstatic\b", source.declaration(tag))]
        yield full_name(owner), len(functions), len(members)


def types(source):
    """(name, place) of each type that is defined in a namespace; a specialization is not a type of its own."""
    for tag in source.of(*_TYPES):
        if tag.get("scopeKind", "namespace") == "namespace":
            after = source.declaration(tag).partition(tag["name"])[2]
            if not after.startswith("<"):
                yield tag["name"], f"{source.path}:{tag['line']}"


class Sizes(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.daemon = read("daemon/")
        cls.all = cls.daemon + read("client/")

    def test_the_tags_tell_functions_members_and_types(self):
        self.assertGreater(sum(len(list(sizes(source))) for source in self.all), 100)
        [own] = [source for source in self.daemon if source.path == "daemon/util/unique_fd.hpp"]
        [(name, functions, members)] = sizes(own)
        self.assertEqual((name, members), ("concd::UniqueFd", 1))
        self.assertGreater(functions, 4)

    def test_no_class_is_large_without_a_reason(self):
        large = {name: (functions, members) for source in self.all for name, functions, members in sizes(source)
                 if functions > MAX_FUNCTIONS or members > MAX_MEMBERS}
        unexplained = [f"{name}: {functions} functions, {members} members"
                       for name, (functions, members) in large.items() if not LARGER.get(name)]
        self.assertEqual(unexplained, [])
        self.assertEqual(set(LARGER) - set(large), set(), "these need no reason any more")

    def test_files_and_functions_of_the_daemon_are_small(self):
        files = [len(source.lines) for source in self.daemon]
        functions = [tag["end"] - tag["line"] + 1 for source in self.daemon for tag in source.of("function")]
        medians = statistics.median(files), statistics.median(functions)
        print(f"daemon: {len(files)} files, median {medians[0]:.0f} lines, largest {max(files)}; "
              f"{len(functions)} functions, median {medians[1]:.0f}, largest {max(functions)}")
        self.assertLessEqual(medians[0], MAX_FILE_MEDIAN)
        self.assertLessEqual(medians[1], MAX_FUNCTION_MEDIAN)

    def test_no_type_name_stands_twice(self):
        places = collections.defaultdict(list)
        for source in self.all:
            for name, place in types(source):
                places[name].append(place)
        twice = {name: found for name, found in places.items() if len(found) > 1 and name not in TWICE}
        self.assertEqual(twice, {})


if __name__ == "__main__":
    unittest.main()
