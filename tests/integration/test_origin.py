"""The hostile origin itself, seen by curl: a test tool that lied would prove nothing."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from tests.support import origin_content
from tests.support.certificates import Certificates
from tests.support.origin import Origin
from tests.support.origin_script import etag

try:
    import h2  # noqa: F401
except ImportError:
    h2 = None


def curl(*arguments):
    """curl's exit status and what it printed."""
    done = subprocess.run(["curl", "-sS", "-q", "--max-time", "20", *map(str, arguments)], capture_output=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    return done.returncode, done.stdout


class HttpOrigin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.close)

    def url(self, size=100_000, **keys):
        return self.origin.url(f"/file/{size}/x.bin", seed=self.id(), **keys)

    def content(self, size=100_000, version=0):
        return origin_content.content(size, self.id(), version)

    def test_serves_the_content_of_its_seed(self):
        self.assertEqual(curl(self.url()), (0, self.content()))
        self.assertNotEqual(self.content(), origin_content.content(100_000, "another"))

    def test_counts_requests_and_bytes(self):
        curl(self.url(), self.url())
        self.origin.wait_sent(self.url(), 200_000)
        self.assertEqual([seen.sent for seen in self.origin.requests(self.url())], [100_000, 100_000])

    def test_answers_a_range_whose_validator_holds(self):
        right = f"If-Range: {etag(self.id())}"
        self.assertEqual(curl(self.url(), "-r", "70000-", "-H", right), (0, self.content()[70000:]))
        self.assertEqual(curl(self.url(), "-r", "70000-", "-H", 'If-Range: "old"'), (0, self.content()))

    def test_stalls_until_the_peer_has_enough(self):
        self.assertEqual(curl(self.url(stall=10), "--max-time", "0.5"), (28, self.content()[:10]))

    def test_holds_until_it_is_told(self):
        self.assertEqual(curl(self.url(hold=10), "--max-time", "0.5"), (28, self.content()[:10]))
        self.origin.release(self.url(hold=10))
        self.assertEqual(curl(self.url(hold=10)), (0, self.content()))

    def test_changes_between_requests(self):
        self.assertEqual(curl(self.url(change=1)), (0, self.content()))
        self.assertEqual(curl(self.url(change=1)), (0, self.content(version=1)))

    def test_changes_when_told(self):
        self.origin.change(self.url())
        self.assertEqual(curl(self.url()), (0, self.content(version=1)))

    def test_misbehaves_only_as_often_as_told(self):
        self.assertEqual(curl("-f", self.url(status=503, times=1))[0], 22)
        self.assertEqual(curl("-f", self.url(status=503, times=1)), (0, self.content()))

    def test_cuts_and_resets(self):
        self.assertEqual(curl(self.url(cut=30_000)), (18, self.content(30_000)))
        self.assertEqual(curl(self.url(cut=30_000, reset=True))[0], 56)

    def test_ends_a_chunked_body_early_or_well(self):
        self.assertEqual(curl(self.url(chunked=True)), (0, self.content()))
        self.assertEqual(curl(self.url(chunked=True, chunk_end="early"))[0], 18)
        self.assertEqual(curl(self.url(chunked=True, chunk_end="bad"))[0], 56)

    def test_closes_instead_of_telling_a_length(self):
        self.assertEqual(curl(self.url(http="1.0")), (0, self.content()))
        self.assertEqual(curl(self.url(length="none")), (0, self.content()))

    def test_lies_about_the_length(self):
        self.assertEqual(curl(self.url(lie_length=5, close=True))[0], 18)

    def test_holds_until_it_is_released(self):
        url = self.url(hold=10)
        with subprocess.Popen(["curl", "-sS", "-q", "-N", url], stdout=subprocess.PIPE) as process:
            self.origin.wait_sent(url, 10)
            self.assertEqual(process.stdout.read(10), self.content(10))
            self.origin.release(url)
            self.assertEqual(process.stdout.read(), self.content()[10:])

    def test_redirects_a_few_times_or_for_ever(self):
        to = self.url()
        self.assertEqual(curl("-L", self.origin.url("/redirect/3", to=to)), (0, self.content()))
        self.assertEqual(curl("-L", self.origin.url("/redirect/loop"))[0], 47)

    def test_floods_with_headers(self):
        self.assertNotEqual(curl(self.url(headers="endless"))[0], 0)
        self.assertEqual(curl(self.url(headers=16)), (0, self.content()))

    def test_sends_no_http(self):
        self.assertNotEqual(curl(self.url(framing="garbage"))[0], 0)


class SecureOrigin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = Certificates(pathlib.Path(folder.name))

    def get(self, name, **options):
        with Origin(certificate=self.certificates.path(name)) as origin:
            return curl("--cacert", self.certificates.ca, origin.url("/file/9"))[0]

    def test_is_trusted_with_the_good_certificate_only(self):
        self.assertEqual({name: self.get(name) for name in ("good", "expired", "wrong_host", "self_signed")},
                         {"good": 0, "expired": 60, "wrong_host": 60, "self_signed": 60})

    @unittest.skipIf(h2 is None, "python3-h2 is not installed")
    def test_speaks_and_breaks_http2(self):
        with Origin(certificate=self.certificates.path("good"), http2=True) as origin:
            def get(**keys):
                return curl("--cacert", self.certificates.ca, "--http2", origin.url("/file/200000", **keys))
            self.assertEqual(get(), (0, origin_content.content(200_000)))
            self.assertEqual(get(rst=50_000)[0], 92)
            # Where curl is about to send as the connection ends, it tells a failed send (55) instead.
            self.assertIn(get(goaway=50_000)[0], (16, 18, 55, 56, 92))
            self.assertNotEqual(get(cut=50_000)[0], 0)


if __name__ == "__main__":
    unittest.main()
