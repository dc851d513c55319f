"""The man pages: no warnings, and the options, verbs, keys and methods are those of the programs."""

import os
import re
import subprocess
import typing
import unittest

from tests.lint import sources

BIN = os.environ.get("CONCD_BIN_DIR", "build/dev")
PAGES = sources.files(".1", ".5", ".7", ".8", under="man/")
OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][a-z-]*")
VERSION = re.search(r"project\(concd VERSION ([\d.]+)", (sources.ROOT / "CMakeLists.txt").read_text()).group(1)
PLAIN = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="100")


def rendered(page):
    return subprocess.run(["man", "--nh", "-l", sources.ROOT / "man" / page], env=PLAIN, check=True, capture_output=True,
                          text=True).stdout


def section(page, title):
    """The lines of a section of a rendered page."""
    found = re.search(rf"^{title}\n(.*?)(?=^\S)", rendered(page), re.MULTILINE | re.DOTALL)
    return found.group(1).splitlines()


def tags(lines, indent=7):
    """The heads of a list: the lines that stand out to its left."""
    return [line.strip() for line in lines if re.match(rf" {{{indent}}}\S", line)]


def help_of(program, *words):
    return subprocess.run([sources.ROOT / BIN / program, *words, "--help"], env=dict(os.environ, LC_ALL="C"), check=True,
                          capture_output=True, text=True).stdout


def options(lines):
    """The options that head a line of a help or of a list in a page."""
    return {option for line in lines if re.match(r"\s+-", line)
            for option in OPTION.findall(re.split(r"\s{3,}", line.strip())[0])}


def verbs():
    lines = help_of("client/concctl").partition("Verbs:")[2].splitlines()
    return {line.split()[0] for line in lines if line.strip()}


class Key(typing.NamedTuple):
    name: str  # "SECTION.KEY"
    bounds: list  # '1 to 1000', 'at most 96 bytes', or the words that it may be, '"auto"'
    default: str  # as the page writes it


def in_prose(value):
    """A TOML value as the page writes it: a list of several as "a", "b" and "c"."""
    value = value.replace(f"concd/{VERSION}", "concd/VERSION")
    return value if value == "[]" else " and ".join(value.strip("[]").rsplit(", ", 1))


def keys_of_the_sample():
    keys = []
    section = None
    text = (sources.ROOT / "systemd/concd.toml").read_text()
    for head, comment, key, value in re.findall(r"^\[(\w+)\]$|^# (.*)\n#(\w+) = (.*)$", text, re.MULTILINE):
        section = head or section
        if key:
            bounds = re.search(r"\((.*)\)\.$", comment)
            parts = re.split(r", or | or |, ", bounds.group(1)) if bounds else []
            keys.append(Key(f"{section}.{key}", [f'"{part}"' if part.isalpha() else part for part in parts],
                            in_prose(value)))
    return keys


def keys_of_the_page():
    """The text about each key, with a space between words only."""
    keys = {}
    name = section = None
    for line in rendered("concd.toml.5").splitlines():
        if head := re.match(r"   (\S.*)", line):
            name, section = None, head.group(1).strip("[]") if head.group(1).startswith("[") else None
        elif re.match(r"\S", line):
            name = section = None
        elif section and (head := re.match(r" {7}(\w+)(.*)", line)):
            name = f"{section}.{head.group(1)}"
            keys[name] = head.group(2).strip()
        elif name:
            keys[name] += " " + line.strip()
    return {key: re.sub(r"\s+", " ", text) for key, text in keys.items()}


class Man(unittest.TestCase):
    def test_man_warns_of_nothing(self):
        self.assertGreaterEqual(len(PAGES), 5)
        for page in PAGES:
            with self.subTest(page.name):
                done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l", page], env=PLAIN,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_options_of_concd(self):
        self.assertEqual(options(section("concd.8", "OPTIONS")), options(help_of("daemon/concd").splitlines()))

    def test_options_of_concctl(self):
        known = options(help_of("client/concctl").splitlines())
        for verb in verbs():
            known |= options(help_of("client/concctl", verb).splitlines())
        self.assertEqual(options(section("concctl.1", "OPTIONS")), known)

    def test_verbs_of_concctl(self):
        self.assertEqual({tag.split()[0] for tag in tags(section("concctl.1", "VERBS"))}, verbs())

    def test_keys_of_the_configuration(self):
        """What the page says of each key is what the sample says, which a unit test compares with the daemon's table."""
        explained = keys_of_the_page()
        self.assertEqual(list(explained), [key.name for key in keys_of_the_sample()])
        for key in keys_of_the_sample():
            with self.subTest(key.name):
                self.assertRegex(explained[key.name], rf" Default {re.escape(key.default)}(?!\w)")
                for bound in key.bounds:
                    self.assertRegex(explained[key.name], rf"(?<![\w-]){re.escape(bound)}(?!\w)")

    def test_keys_of_the_catalog(self):
        source = (sources.ROOT / "daemon/catalog/entry.cpp").read_text()
        known = set(re.findall(r'table\.(?:text|texts|size|boolean|duration|choice)\("(\w+)"', source))
        page = (sources.ROOT / "man/concd-catalog.5").read_text()
        documented = {key for tag in re.findall(r"^\.TP\n\.BR? (.*)", page, re.MULTILINE) for key in re.findall(r"\w+", tag)}
        self.assertLessEqual(known, documented)

    def test_methods_and_errors_of_the_interface(self):
        text = (sources.ROOT / "daemon/protocol/io.concd.varlink").read_text()
        page = (sources.ROOT / "man/io.concd.7").read_text()
        self.assertEqual(set(re.findall(r"^\.BI? (\w+)\(", page, re.MULTILINE)),
                         set(re.findall(r"^method (\w+)", text, re.MULTILINE)))
        self.assertEqual(set(re.findall(r"^\.B io\.concd\.(\w+)", page, re.MULTILINE)),
                         set(re.findall(r"^error (\w+)", text, re.MULTILINE)))
