"""ftp and file, and what they may not do."""

import os
import pathlib
import unittest

from tests.integration.case import AUTHENTICATION, OK, SERVER, USAGE, DaemonCase, sha256
from tests.support import origin_content
from tests.support.ftp import FtpServer


class Ftp(DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = FtpServer(user="me", password="secret")
        self.addCleanup(self.server.close)

    def test_downloads_with_time_and_size(self):
        finished = self.assert_code(OK, self.concctl("download", self.server.url(200_000, "me:secret"), "-o", "x"))
        path = self.home / "x"
        self.assertEqual(finished.stdout.strip(), str(path))
        self.assertEqual(sha256(path), origin_content.digest(200_000))
        self.assertEqual(int(path.stat().st_mtime), 1600000000)

    def test_classifies_failures(self):
        self.assert_code(AUTHENTICATION, self.concctl("download", self.server.url(10, "me:wrong")))
        self.assert_code(SERVER, self.concctl("download", self.server.url("missing", "me:secret")))


class File(DaemonCase):
    @classmethod
    def prepare(cls):
        cls.root = cls.daemon.folder / "root"
        cls.root.mkdir()
        (cls.root / "good").write_bytes(b"good")
        (cls.daemon.folder / "secret").write_bytes(b"secret")
        (cls.root / "escape").symlink_to("../secret")
        cls.daemon.configure({"transfer": {"schemes": ["http"], "file_roots": [cls.root]}})

    def test_is_allowed_below_the_configured_folders(self):
        finished = self.assert_code(OK, self.concctl("download", f"file://{self.root}/good"))
        self.assertEqual(pathlib.Path(finished.stdout.strip()).read_bytes(), b"good")

    def test_is_refused_elsewhere_even_by_dots_and_links(self):
        for path in (self.daemon.folder / "secret", self.root / "../secret", self.root / "%2e%2e/secret",
                     self.root / "escape"):
            with self.subTest(path):
                finished = self.concctl("download", f"file://{path}")
                self.assertNotEqual(finished.code, OK, finished)
                self.assertEqual(os.listdir(self.home), [])

    def test_a_file_that_is_not_there_fails(self):
        self.assertNotEqual(self.concctl("download", f"file://{self.root}/missing").code, OK)

    def test_other_schemes_stay_refused(self):
        self.assert_code(USAGE, self.concctl("download", "ftp://127.0.0.1/x"))


if __name__ == "__main__":
    unittest.main()
