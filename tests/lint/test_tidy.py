"""clang-tidy 19 has nothing to say about the daemon and the client, with the checks of .clang-tidy."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import unittest

from tests.lint import sources

BUILD = sources.ROOT / os.environ.get("CONCD_BIN_DIR", "build/dev")


def check(file):
    done = subprocess.run(["clang-tidy-19", "-p", BUILD, "--quiet", file], capture_output=True, text=True)
    return done.returncode, done.stdout


class Tidy(unittest.TestCase):
    maxDiff = None

    def test_clang_tidy_finds_nothing(self):
        built = {pathlib.Path(unit["file"]) for unit in json.loads((BUILD / "compile_commands.json").read_text())}
        files = [file for file in sources.cpp_files("daemon/", "client/") if file in built]
        self.assertGreater(len(files), 100)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            said = [text for status, text in pool.map(check, files) if status != 0]
        self.assertEqual("".join(said), "")
