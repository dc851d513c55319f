"""The man pages: no warnings, and the options, verbs, keys and methods are those of the programs."""

import os
import re
import subprocess
import unittest

from tests.lint import sources

BIN = os.environ.get("CONCD_BIN_DIR", "build/dev")
PAGES = sources.files(".1", ".5", ".7", ".8", under="man/")
OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][a-z-]*")
PLAIN = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="100")


def rendered(page):
    return subprocess.run(["man", "-l", sources.ROOT / "man" / page], env=PLAIN, check=True, capture_output=True,
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
        source = (sources.ROOT / "daemon/config/read.cpp").read_text()
        known = set(re.findall(r'(?:table\.\w+|read_\w+)\((?:table, )?"(\w+)"', source))
        page = (sources.ROOT / "man/concd.toml.5").read_text().partition(".SS [daemon]")[2]
        documented = set(re.findall(r"^\.TP\n\.B (\w+)", page, re.MULTILINE))
        documented |= set(re.findall(r"^\.SS \[(\w+)\]", page, re.MULTILINE)) | {"daemon"}
        self.assertEqual(documented, known)

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
