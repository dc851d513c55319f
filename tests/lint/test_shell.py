"""Shell scripts: nothing for shellcheck to say."""

import subprocess
import unittest

from tests.lint import sources


def scripts():
    # debhelper's own text takes the place of #DEBHELPER#; the completions are sourced by a shell that names itself.
    for file in sources.files(""):
        with open(file, "rb") as opened:
            first = opened.readline()
        if first.startswith(b"#!") and b"sh" in first.split(b"/")[-1]:
            yield file


class Shell(unittest.TestCase):
    def test_shellcheck_finds_nothing(self):
        found = list(scripts())
        self.assertGreaterEqual(len(found), 5)
        done = subprocess.run(["shellcheck", "--external-sources", *found], capture_output=True, text=True)
        self.assertEqual(done.stdout, "")
