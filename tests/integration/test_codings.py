"""Codings that nobody asked for, as a real nginx and a real Apache send them."""

import gzip
import io
import os
import tarfile
import unittest

from tests.integration.case import DaemonCase
from tests.support import apache, nginx, origin_content

MIB = 1 << 20

NGINX = """
  location /typed/ { types { } default_type application/x-tar; add_header Content-Encoding gzip; }
  location /old/ { types { } default_type application/x-tar; add_header Content-Encoding x-gzip; }
  location /unnamed/ { types { } default_type application/gzip; add_header Content-Encoding gzip; }
  location /coded/ { gzip_static always; types { } default_type application/x-tar; }
  location /none/ { types { } default_type application/x-tar; add_header Content-Encoding none; }
"""

APACHE = """
  AddType application/x-tar .tar .tgz
  <Location /typed/>
    AddEncoding gzip .gz .tgz
  </Location>
  <Location /old/>
    AddEncoding x-gzip .gz .tgz
  </Location>
  <Location /coded/>
    SetOutputFilter DEFLATE
    RequestHeader set Accept-Encoding gzip
  </Location>
  <Location /slow/>
    SetOutputFilter RATE_LIMIT
    SetEnv rate-limit 1000
  </Location>
  Redirect /moved/ /typed/
"""


def archive(size):
    """A tar file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo("content")
        member.size = size
        tar.addfile(member, io.BytesIO(origin_content.content(size, "tar", 0)))
    return file.getvalue()


class CodingsCase(DaemonCase):
    """A server that has the same archive, coded and not, in folders that differ by what it says of them."""

    @classmethod
    def serve(cls, server, coded, plain):
        """`coded` and `plain`: the files that are in that form."""
        cls.server = server
        cls.addClassCleanup(cls.server.close)
        cls.tar = archive(300_000)
        cls.coded = gzip.compress(cls.tar)
        for names, content in ((coded, cls.coded), (plain, cls.tar)):
            for name in names:
                (cls.server.root / name).parent.mkdir(exist_ok=True)
                (cls.server.root / name).write_bytes(content)

    def get(self, name, executor):
        [job] = self.daemon.wait(self.daemon.download(self.server.url(name), executor=executor))
        self.assertEqual(job["state"], "done", job)
        with open(job["path"], "rb") as file:
            return file.read()

    def assert_arrives(self, content, *names):
        for name in names:
            for executor in ("thread", "process"):
                with self.subTest(name, executor=executor):
                    self.assertEqual(self.get(name, executor), content)


@unittest.skipIf(nginx.PROGRAM is None, "nginx is not installed")
class Nginx(CodingsCase):
    @classmethod
    def prepare(cls):
        coded = ("typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz", "unnamed/download", "coded/a.tar.gz")
        cls.serve(nginx.Nginx(NGINX), coded, ("none/a.tar",))

    def test_a_tar_gz_that_is_sent_as_a_coded_tar_arrives_as_the_file(self):
        self.assert_arrives(self.coded, "typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz", "unnamed/download")

    def test_a_tar_that_is_sent_in_a_coded_form_arrives_as_the_tar(self):
        self.assert_arrives(self.tar, "coded/a.tar")

    def test_none_is_no_coding(self):
        self.assertEqual(self.get("none/a.tar", "thread"), self.tar)


@unittest.skipIf(apache.PROGRAM is None, "Apache is not installed")
class Apache(CodingsCase):
    @classmethod
    def prepare(cls):
        cls.serve(apache.Apache(APACHE), ("typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz"), ("coded/a.tar",))

    def test_a_tar_gz_that_is_sent_as_a_coded_tar_arrives_as_the_file(self):
        self.assert_arrives(self.coded, "typed/a.tar.gz", "typed/a.tgz", "old/a.tar.gz", "moved/a.tar.gz")

    def test_a_tar_that_is_coded_on_its_way_arrives_as_the_tar(self):
        self.assert_arrives(self.tar, "coded/a.tar")

    def test_what_was_paused_goes_on_where_it_stopped(self):
        server = apache.Apache(APACHE)
        self.addCleanup(server.close)
        (server.root / "slow").mkdir()
        content = origin_content.content(2 * MIB, "slow", 0)
        for executor in ("thread", "process"):
            with self.subTest(executor):
                file = server.root / "slow" / executor
                file.write_bytes(content)
                os.utime(file, (1e9, 1e9))  # what has changed within this second has a weak ETag
                with self.daemon.events() as events:
                    id = self.daemon.download(server.url(f"slow/{executor}"), executor=executor)
                    events.wait_received(id, 100_000)
                    self.daemon.call("Pause", id=id)
                    self.daemon.call("Resume", id=id)
                [job] = self.daemon.wait(id)
                self.assertEqual(job["state"], "done", job)
                with open(job["path"], "rb") as got:
                    self.assertEqual(got.read(), content)
        server.stop()  # its log is whole then
        parts = [line for line in server.requests() if line[2] == "206"]
        self.assertEqual(len(parts), 2, server.requests())


if __name__ == "__main__":
    unittest.main()
