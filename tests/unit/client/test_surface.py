"""What concctl takes is what its manual page explains and its completion offers."""

import os
import pathlib
import re
import subprocess
import tempfile
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


def complete(*words, concctl=None, **environment):
    script = (f'source "{ROOT}/client/completions/concctl.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _concctl; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    # The completion asks the concctl that is in the PATH.
    path = f'{pathlib.Path(concctl or os.environ["CONCCTL"]).parent}:{ENVIRONMENT["PATH"]}'
    finished = subprocess.run(["bash", "-c", script, "bash", "concctl", *words], check=True, capture_output=True,
                              text=True, env={**ENVIRONMENT, **environment, "PATH": path, "CONCCTL": os.environ["CONCCTL"]})
    return set(finished.stdout.split())


class Surface(unittest.TestCase):
    def test_there_are_verbs_and_options(self):
        self.assertEqual(len(verbs()), 13)
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
        levels = {"foreground", "high", "normal", "low"}
        self.assertEqual(complete("download", "--priority", ""), levels)
        self.assertEqual(complete("priority", ""), levels)
        self.assertEqual(complete("priority", "h"), {"high"})

    def test_the_completion_is_the_same_in_every_language(self):
        spanish = {"LANG": "es_MX.UTF-8",
                   "TEXTDOMAINDIR": str(pathlib.Path(os.environ["CONCCTL"]).parent / "locale")}
        self.assertEqual(complete("", **spanish), set(verbs()))
        self.assertEqual(complete("wait", "--", **spanish), options_of_help("wait"))
        self.assertEqual(complete("priority", "", **spanish), complete("priority", ""))

    def test_the_completion_offers_the_jobs_that_a_verb_is_for(self):
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder, "concctl")
            fake.write_text('#!/bin/sh\ncase "$*" in\n*--help) exec "$CONCCTL" "$@";;\n'
                            'list) printf "ID STATE\\n71 running\\n";;\n'
                            '"list --all") printf "ID STATE\\n71 running\\n72 done\\n";;\n'
                            'catalog) printf "NAME SIZE\\nArchivo1.txt 1\\n";;\nesac\n')
            fake.chmod(0o755)
            for verb, offered in [("wait", {"71", "72"}), ("retry", {"71", "72"}), ("cancel", {"71"}),
                                  ("download", {"Archivo1.txt"}), ("status", set())]:
                with self.subTest(verb):
                    self.assertEqual(complete(verb, "", concctl=str(fake)), offered)
            self.assertEqual(complete("priority", "high", "", concctl=str(fake)), {"71"})

    def test_the_page_is_sound(self):
        finished = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(ROOT / "man/concctl.1")],
                                  capture_output=True, text=True, check=True, env={**ENVIRONMENT, "MANROFFSEQ": ""})
        self.assertEqual(finished.stderr, "")


if __name__ == "__main__":
    unittest.main()
