"""A large file from a real nginx, whole and with little memory."""

import hashlib
import os
import unittest

from tests.integration.case import OK, DaemonCase, sha256
from tests.support import nginx, origin_content

SIZE = 256 << 20


@unittest.skipIf(nginx.PROGRAM is None, "nginx is not installed")
class Large(DaemonCase):
    @classmethod
    def prepare(cls):
        cls.server = nginx.Nginx()
        cls.addClassCleanup(cls.server.close)
        block = origin_content.content(1 << 20)
        digest = hashlib.sha256()
        with open(cls.server.root / "large.bin", "wb") as file:
            for index in range(SIZE >> 20):
                piece = block[index:] + block[:index]
                file.write(piece)
                digest.update(piece)
        cls.sha256 = digest.hexdigest()

    def test_arrives_whole_by_thread_and_by_process(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                finished = self.assert_code(OK, self.concctl("download", "--executor", executor, "--digest",
                                                             f"sha256:{self.sha256}", self.server.url("large.bin"),
                                                             timeout=120))
                path = finished.stdout.strip()
                self.assertEqual(sha256(path), self.sha256)
                os.unlink(path)

    def test_takes_little_memory(self):
        self.assert_code(OK, self.concctl("download", self.server.url("large.bin"), timeout=120))
        with open(f"/proc/{self.daemon.pid}/status") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        if not any(name in os.environ for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")):
            self.assertLess(peak, 64 * 1024, "KiB resident")


if __name__ == "__main__":
    unittest.main()
