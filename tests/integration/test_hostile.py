"""The origin misbehaves in every way it knows: the right file arrives or a classified failure, never a wrong file."""

import os
import tempfile
import unittest

from tests.integration.case import DaemonCase, sha256
from tests.support import origin_content
from tests.support.certificates import Certificates
from tests.support.origin import Origin

try:
    import h2  # noqa: F401
except ImportError:
    h2 = None

SIZE = 300_000
WHOLE = "whole"  # the file arrives, in the version that the origin has by then

# What the origin does -> how the job ends: WHOLE, or the kind of its failure. A number is the version of the file.
CASES = {
    "cut once": ({"cut": 100_000, "times": 1}, WHOLE),
    "cut once, by a reset": ({"cut": 100_000, "reset": 1, "times": 1}, WHOLE),
    "cut at the last byte": ({"cut": SIZE - 1, "times": 2}, WHOLE),
    "reset at the last byte": ({"cut": SIZE - 1, "reset": 1, "times": 2}, WHOLE),
    "reset after the last byte": ({"cut": SIZE, "reset": 1, "times": 1}, WHOLE),
    "cut before the first byte": ({"cut": 0, "times": 2}, WHOLE),
    "cut every time, further each time": ({"cut": 40_000}, WHOLE),
    "cut every time, without ranges": ({"cut": 40_000, "range": "ignore"}, "network"),
    "no answer, once": ({"drop": 1, "times": 1}, WHOLE),
    "no answer, ever": ({"drop": 1}, "network"),
    "stalled once": ({"stall": 50_000, "times": 1}, WHOLE),
    "stalled before the first byte": ({"stall": 0, "times": 1}, WHOLE),
    "trickled": ({"trickle": 30_000, "every": 5}, WHOLE),
    "closed after the answer, unannounced": ({"close": 1}, WHOLE),
    "HTTP/1.0 without a length": ({"http": "1.0"}, WHOLE),
    "chunked": ({"chunked": 1}, WHOLE),
    "chunks that end early, once": ({"chunked": 1, "chunk_end": "early", "times": 1}, WHOLE),
    "chunks that end early, always": ({"chunked": 1, "chunk_end": "early", "range": "ignore"}, "network"),
    "a last chunk that is missing": ({"chunked": 1, "chunk_end": "missing", "range": "ignore"}, "network"),
    "a chunk size that is none": ({"chunked": 1, "chunk_end": "bad", "range": "ignore", "times": 1}, WHOLE),
    "a length that is too long, once": ({"lie_length": 10, "close": 1, "times": 1}, WHOLE),
    "a length that is not a number": ({"framing": "bad_length"}, "server"),
    "no HTTP at all": ({"framing": "garbage"}, "server"),
    "half a head, once": ({"framing": "bare_status", "times": 1}, WHOLE),
    "16 KiB of header fields": ({"headers": 16}, WHOLE),
    "endless header fields": ({"headers": "endless"}, "server"),
    "503, twice": ({"status": 503, "times": 2}, WHOLE),
    "503 with Retry-After": ({"status": 503, "retry_after": 0, "times": 2}, WHOLE),
    "429 with a date": ({"status": 429, "retry_after": "date", "times": 1}, WHOLE),
    "500, 502 and 504 for ever": ({"status": 502}, "server"),
    "404": ({"status": 404}, "server"),
    "403": ({"status": 403}, "authentication"),
    "418": ({"status": 418}, "server"),
    "changed after a cut": ({"cut": 100_000, "times": 1, "change": 1}, 1),
    "changed after a cut, If-Range ignored": ({"cut": 100_000, "times": 1, "change": 1, "range": "blind"}, 1),
    "changed after a cut, no ETag": ({"cut": 100_000, "times": 1, "change": 1, "etag": "none"}, 1),
    "changed after a cut, no validators": ({"cut": 100_000, "times": 1, "change": 1, "etag": "none", "lm": "none"}, 1),
    "changed after a cut, weak ETag": ({"cut": 100_000, "times": 1, "change": 1, "etag": "weak", "lm": "none"}, 1),
    "another ETag each time": ({"cut": 100_000, "times": 1, "etag": "changing"}, WHOLE),
    "200 to every If-Range": ({"cut": 100_000, "times": 1, "if_range": 200}, WHOLE),
    "ranges ignored": ({"cut": 100_000, "times": 1, "range": "none"}, WHOLE),
}

# The origin cuts the first answer, and lies from the second request on: for one request, then it is honest.
RANGE_LIES = ("wrong_start", "lie_start", "lie_end", "lie_total", "no_header", "416", "multipart", "short",
              "unknown_total", "ignore")


class Hostile(DaemonCase):
    config = {
        "retry": {"first_delay": "5ms", "max_delay": "20ms", "tries": 4, "first_contact_timeout": "20s"},
        "transfer": {"stall_timeout": "1s"},
        "queue": {"active": 100, "active_per_host": 100},
    }

    def finish(self, urls):
        """Downloads all at once; the ended jobs by the names of their cases."""
        jobs = {case: self.daemon.download(url) for case, url in urls.items()}
        ended = {job["id"]: job for job in self.daemon.wait(*jobs.values())}
        return {case: ended[job] for case, job in jobs.items()}

    def check(self, job, expected, seed, size=SIZE):
        if isinstance(expected, str) and expected != WHOLE:
            self.assertEqual((job["state"], job["failure"]["kind"]), ("failed", expected), job)
            self.assert_nothing_left(job["id"])
            return
        self.assertEqual(job["state"], "done", job)
        version = expected if isinstance(expected, int) else 0
        self.assertEqual(sha256(job["path"]), origin_content.digest(size, seed, version), job)

    def test_ends_each_misbehaviour_as_it_should(self):
        urls = {case: self.url(SIZE, seed=case, **keys) for case, (keys, _) in CASES.items()}
        for case, job in self.finish(urls).items():
            with self.subTest(case):
                self.check(job, CASES[case][1], case)

    def test_never_believes_a_lie_about_a_range(self):
        # Two origins in one URL: requests 1 to 2 of it obey these keys, the cut comes from a restarted first answer.
        urls = {lie: self.url(SIZE, seed=lie, cut=100_000, range=lie, times=2) for lie in RANGE_LIES}
        for lie, job in self.finish(urls).items():
            with self.subTest(lie):
                self.check(job, WHOLE, lie)

    def test_a_content_coding_that_nobody_asked_for_is_undone(self):
        self.check(self.finish({"gzip": self.url(SIZE, gzip=1)})["gzip"], WHOLE, self.id())

    def test_a_coded_body_that_is_cut_is_fetched_anew(self):
        url = self.url(SIZE, gzip=1, cut=100_000, times=2)
        self.check(self.finish({"cut": url})["cut"], WHOLE, self.id())
        self.assertEqual([seen.headers.get("range") for seen in self.origin.requests(url)], [None, None, None])

    def test_a_bomb_is_not_unfolded(self):
        job = self.finish({"bomb": self.url(100_000, gzip="bomb")})["bomb"]
        self.check(job, "server", self.id())
        self.assertIn("more than a hundred times its size", job["failure"]["message"])

    def test_contradicting_framing_is_refused(self):
        for framing in ("both", "two_lengths", "te_gzip"):
            with self.subTest(framing):
                job = self.finish({framing: self.url(SIZE, seed=framing, framing=framing, range="ignore")})[framing]
                self.assertEqual(job["state"], "failed", job)
                self.assert_nothing_left(job["id"])

    def test_a_body_that_is_longer_than_said_is_not_published_long(self):
        job = self.finish({"extra": self.url(SIZE, extra=100)})["extra"]
        self.check(job, WHOLE, self.id())

    def test_what_a_job_leaves_on_a_connection_is_no_end_of_the_next(self):
        urls = {f"{index}": self.url(1000, seed=f"{self.id()}{index}", leave=100) for index in range(8)}
        for seed, url in urls.items():
            self.check(self.finish({"": url})[""], WHOLE, f"{self.id()}{seed}", 1000)
        self.assertGreater(len(self.origin.requests()), len({seen.peer for seen in self.origin.requests()}),
                           "connections were used again")

    def test_an_expected_digest_decides_what_no_validator_can(self):
        url = self.url(SIZE, cut=100_000, times=1, change=1, etag="none", lm="none")
        digest = origin_content.digest(SIZE, self.id(), 1)
        job = self.daemon.download(url, digest=f"sha256:{digest}")
        [ended] = self.daemon.wait(job)
        self.check(ended, 1, self.id())

    def test_endless_redirects_end(self):
        job = self.finish({"loop": self.origin.url("/redirect/loop", seed=self.id())})["loop"]
        self.assertEqual(job["state"], "failed")
        self.assertLess(len(self.origin.requests(self.origin.url("/redirect/loop", seed=self.id()))), 100)

    def test_a_redirect_may_not_lead_to_a_local_file(self):
        for target in ("file:///etc/hostname", "sim:Archivo1.txt", "gopher://127.0.0.1/1"):
            with self.subTest(target):
                job = self.finish({"": self.origin.url("/redirect", to=target, seed=target)})[""]
                self.assertEqual(job["state"], "failed", job)

    def test_credentials_stay_with_their_host(self):
        with Origin(host="127.0.0.2") as elsewhere:
            to = elsewhere.url("/file/10/x", seed=self.id())
            url = self.origin.url("/redirect", userinfo="me:secret", to=to)
            self.assertEqual(self.finish({"": url})[""]["state"], "done")
            [seen] = elsewhere.requests(to)
            self.assertNotIn("authorization", seen.headers)
        self.assertIn("authorization", self.origin.requests(url)[0].headers)

    def test_more_bytes_than_allowed_are_refused(self):
        self.daemon.configure({"transfer": {"max_size": "200K"}})
        self.assertEqual(self.daemon.reload().event, "reloaded")
        self.addCleanup(self.daemon.reload)
        self.addCleanup(self.daemon.configure, {"transfer": {"max_size": 0}})
        jobs = self.finish({"told": self.url(SIZE, seed="told"), "untold": self.url(SIZE, seed="untold", chunked=1),
                            "small": self.url(1000, seed="small")})
        self.assertEqual({case: job["state"] for case, job in jobs.items()},
                         {"told": "failed", "untold": "failed", "small": "done"})


def serve_tls(case, http2):
    """An origin `secure` for the tests of a class, whose daemon trusts it."""
    folder = tempfile.TemporaryDirectory()
    case.addClassCleanup(folder.cleanup)
    os.chmod(folder.name, 0o755)
    certificates = Certificates(folder.name)
    case.secure = Origin(certificate=certificates.path("good"), http2=http2)
    case.addClassCleanup(case.secure.close)
    case.daemon.configure({"transfer": {"ca_file": certificates.ca}})


class HostileTls(DaemonCase):
    config = {"retry": {"first_delay": "5ms", "max_delay": "20ms", "tries": 4, "first_contact_timeout": "20s"}}

    @classmethod
    def prepare(cls):
        serve_tls(cls, http2=False)

    def get(self, **keys):
        url = self.secure.url(f"/file/{SIZE}/x", seed=self.id(), length="none", **keys)
        [job] = self.daemon.wait(self.daemon.download(url))
        return job

    def test_a_body_that_ends_with_its_connection_is_whole_after_a_close_notify(self):
        job = self.get()
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(sha256(job["path"]), origin_content.digest(SIZE, self.id()))

    def test_a_body_that_ends_with_its_connection_is_not_whole_without_a_close_notify(self):
        job = self.get(cut=100_000, range="ignore")
        self.assertEqual((job["state"], job["failure"]["kind"]), ("failed", "network"), job)
        self.assert_nothing_left(job["id"])

    def test_a_cut_without_a_close_notify_is_made_good(self):
        job = self.get(cut=100_000, times=1)
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(sha256(job["path"]), origin_content.digest(SIZE, self.id()))


@unittest.skipIf(h2 is None, "python3-h2 is not installed")
class HostileHttp2(DaemonCase):
    CASES = {
        "well": {},
        "reset in the middle": {"rst": 100_000, "times": 1},
        "reset before the first byte": {"rst": 0, "times": 1},
        "goaway in the middle": {"goaway": 100_000, "times": 1},
        "cut in the middle": {"cut": 100_000, "times": 1},
        "an end before the end": {"short": 100_000, "times": 1},
        "refused": {"refuse": 1, "times": 1},
        "503": {"status": 503, "times": 1},
    }
    config = {"retry": {"first_delay": "5ms", "max_delay": "20ms", "tries": 6, "first_contact_timeout": "20s"}}

    @classmethod
    def prepare(cls):
        serve_tls(cls, http2=True)

    def test_survives_broken_streams(self):
        jobs = {case: self.daemon.download(self.secure.url("/file/300000/x", seed=case, **keys))
                for case, keys in self.CASES.items()}
        self.daemon.wait(*jobs.values())
        for case, job in jobs.items():
            with self.subTest(case):
                ended = self.daemon.job(job)
                self.assertEqual(ended["state"], "done", ended)
                self.assertEqual(sha256(ended["path"]), origin_content.digest(SIZE, case))
        self.assertTrue(all(":path" in seen.headers for seen in self.secure.requests()), "it was HTTP/2")


if __name__ == "__main__":
    unittest.main()
