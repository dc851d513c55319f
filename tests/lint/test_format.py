"""Every C++ file is as clang-format 19 writes it."""

import subprocess
import unittest

from tests.lint import sources


class Format(unittest.TestCase):
    def test_clang_format_would_change_nothing(self):
        done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *sources.cpp_files()],
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)
