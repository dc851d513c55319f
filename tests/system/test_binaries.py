"""How the installed programs are built: what makes a mistake in them harder to use."""

import pathlib
import re
import shutil
import subprocess
import unittest

from tests.system.case import SystemTest

PROGRAMS = "usr/sbin/concd", "usr/lib/concd/concd-worker", "usr/bin/concctl"
ENDBR64 = b"\xf3\x0f\x1e\xfa"


@unittest.skipUnless(shutil.which("readelf"), "readelf is not installed")
class Binaries(SystemTest):
    def paths(self):
        for name in PROGRAMS:
            with self.subTest(name):
                yield self.machine.root / name

    def readelf(self, path, *options):
        return subprocess.run(["readelf", "--wide", *options, path], capture_output=True, text=True, check=True).stdout

    def test_they_may_be_loaded_anywhere(self):
        for path in self.paths():
            self.assertRegex(self.readelf(path, "--file-header"), r"Type:\s+DYN ")
            self.assertRegex(self.readelf(path, "--dynamic"), r"FLAGS_1.*\bPIE\b")

    def test_what_the_loader_fills_in_is_read_only_before_main(self):
        for path in self.paths():
            self.assertIn("GNU_RELRO", self.readelf(path, "--program-headers"))
            self.assertRegex(self.readelf(path, "--dynamic"), r"FLAGS.*\b(BIND_)?NOW\b")

    def test_no_segment_can_be_written_and_executed(self):
        for path in self.paths():
            segments = self.readelf(path, "--program-headers")
            self.assertRegex(segments, r"GNU_STACK .* RW ")
            self.assertNotRegex(segments, r"LOAD .* RWE ")

    def test_the_stack_and_the_calls_that_copy_are_guarded(self):
        for path in self.paths():
            symbols = self.readelf(path, "--dyn-syms")
            self.assertIn("__stack_chk_fail", symbols)
            self.assertRegex(symbols, r"__\w+_chk@")

    @unittest.skipUnless(pathlib.Path("/lib64/ld-linux-x86-64.so.2").exists(), "CET is of x86")
    def test_calls_through_pointers_land_where_one_may(self):
        for path in self.paths():
            text = re.search(r" \.text +PROGBITS +\w+ +(\w+) +(\w+)", self.readelf(path, "--sections"))
            offset, size = (int(word, 16) for word in text.groups())
            self.assertGreater(path.read_bytes()[offset:offset + size].count(ENDBR64), 100)
