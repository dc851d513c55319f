"""Only the test build can be told to die: what is off by default stays off in the package."""

import re
import unittest

from tests.lint import sources


class CrashPoints(unittest.TestCase):
    def test_they_are_off_by_default(self):
        text = (sources.ROOT / "CMakeLists.txt").read_text()
        self.assertRegex(text, r'option\(CONCD_CRASH_POINTS "[^"]+" OFF\)')

    def test_the_package_does_not_turn_them_on(self):
        for file in sources.files("", under="packaging/"):
            self.assertNotIn("CONCD_CRASH_POINTS", file.read_text(errors="replace"), file)

    def test_each_point_has_a_name_of_its_own(self):
        names = [name for file in sources.cpp_files("daemon/")
                 for name in re.findall(r'crash_point\("([^"]+)"\)', file.read_text())]
        self.assertGreater(len(names), 50)
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([name for name in names if not re.fullmatch(r"[a-z]+\.[a-z_]+", name)], [])
