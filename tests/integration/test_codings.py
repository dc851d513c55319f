"""Codings that nobody asked for, as a real nginx sends them."""

import gzip
import io
import tarfile
import unittest

from tests.integration.case import DaemonCase
from tests.support import nginx, origin_content

DIRECTIVES = """
  location /typed/ { types { } default_type application/x-tar; add_header Content-Encoding gzip; }
  location /old/ { types { } default_type application/x-tar; add_header Content-Encoding x-gzip; }
  location /unnamed/ { types { } default_type application/gzip; add_header Content-Encoding gzip; }
  location /coded/ { gzip_static always; types { } default_type application/x-tar; }
  location /none/ { types { } default_type application/x-tar; add_header Content-Encoding none; }
"""


def archive(size):
    """A tar file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo("content")
        member.size = size
        tar.addfile(member, io.BytesIO(origin_content.content(size, "tar", 0)))
    return file.getvalue()


@unittest.skipIf(nginx.PROGRAM is None, "nginx is not installed")
class Codings(DaemonCase):
    @classmethod
    def prepare(cls):
        cls.server = nginx.Nginx(DIRECTIVES)
        cls.addClassCleanup(cls.server.close)
        cls.tar = archive(300_000)
        cls.coded = gzip.compress(cls.tar)
        for folder in ("typed", "old", "unnamed", "coded", "none"):
            (cls.server.root / folder).mkdir()
        for name in ("typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz", "unnamed/download", "coded/a.tar.gz"):
            (cls.server.root / name).write_bytes(cls.coded)
        (cls.server.root / "none/a.tar").write_bytes(cls.tar)

    def get(self, name, executor):
        [job] = self.daemon.wait(self.daemon.download(self.server.url(name), executor=executor))
        self.assertEqual(job["state"], "done", job)
        with open(job["path"], "rb") as file:
            return file.read()

    def test_a_tar_gz_that_is_sent_as_a_coded_tar_arrives_as_the_file(self):
        for name in ("typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz", "unnamed/download"):
            for executor in ("thread", "process"):
                with self.subTest(name, executor=executor):
                    self.assertEqual(self.get(name, executor), self.coded)

    def test_a_tar_that_is_sent_in_a_coded_form_arrives_as_the_tar(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                self.assertEqual(self.get("coded/a.tar", executor), self.tar)

    def test_none_is_no_coding(self):
        self.assertEqual(self.get("none/a.tar", "thread"), self.tar)


if __name__ == "__main__":
    unittest.main()
