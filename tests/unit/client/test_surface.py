"""What concctl takes is what its manual page explains and its completion offers."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
PAGE = (ROOT / "man/concctl.1").read_text().replace("\\-", "-")


def help_of(*verb):
    return subprocess.run([os.environ["CONCCTL"], *verb, "--help"], check=True, capture_output=True, text=True,
                          env=ENVIRONMENT).stdout


def options(text):
    return set(re.findall(r"--[a-z][a-z-]*", text))


def options_of_help(*verb):
    """The options that a help lists: at the start of a line, not those that a description mentions."""
    found = set()
    for line in help_of(*verb).splitlines():
        if match := re.match(r"  (-\S*)", line):
            found |= options(match[1])
    return found


def verbs():
    listed = help_of().split("Verbs:")[1]
    return re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE)


def complete(*words):
    script = (f'source "{ROOT}/client/completions/concctl.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _concctl; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    finished = subprocess.run(["bash", "-c", script, "bash", "concctl", *words], check=True, capture_output=True,
                              text=True, env=ENVIRONMENT)
    return set(finished.stdout.split())


class Surface(unittest.TestCase):
    def test_there_are_verbs_and_options(self):
        self.assertEqual(len(verbs()), 12)
        self.assertIn("--no-block", options_of_help("download"))
        self.assertNotIn("--no-block", options_of_help("wait"))

    def test_the_page_explains_every_verb_and_no_other(self):
        section = PAGE.split(".SH VERBS")[1].split(".SH ")[0]
        explained = re.findall(r"^\.TP\n\.(?:BI|B) ([a-z]+)", section, re.MULTILINE)
        self.assertEqual(explained, verbs())

    def test_the_page_explains_every_option_and_no_other(self):
        section = PAGE.split(".SH OPTIONS")[1].split(".SH ")[0]
        explained = set()
        for line in re.findall(r"^\.TP\n(\.B.*)$", section, re.MULTILINE):
            explained |= options(line)
        self.assertEqual(explained, options_of_help().union(*(options_of_help(verb) for verb in verbs())))

    def test_the_page_tells_every_exit_code_and_no_other(self):
        section = PAGE.split(".SH EXIT STATUS")[1].split(".SH ")[0]
        told = {int(code) for code in re.findall(r"^\.TP\n\.B (\d+)$", section, re.MULTILINE)}
        header = (ROOT / "client/exit_code.hpp").read_text()
        self.assertEqual(told, {int(code) for code in re.findall(r"int k_\w+ = (\d+);", header)})

    def test_the_completion_offers_every_verb_and_its_options(self):
        self.assertEqual(complete(""), set(verbs()))
        self.assertEqual(complete("--"), options_of_help())
        for verb in verbs():
            with self.subTest(verb):
                self.assertEqual(complete(verb, "--"), options_of_help(verb))

    def test_the_completion_offers_values(self):
        self.assertEqual(complete("download", "--executor", ""), {"auto", "thread", "process"})
        self.assertEqual(complete("download", "--executor", "p"), {"process"})

    def test_the_page_is_sound(self):
        finished = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(ROOT / "man/concctl.1")],
                                  capture_output=True, text=True, check=True, env={**ENVIRONMENT, "MANROFFSEQ": ""})
        self.assertEqual(finished.stderr, "")


if __name__ == "__main__":
    unittest.main()
