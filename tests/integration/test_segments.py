"""Files over several connections: where one is slow, more are opened, and nothing of what they bring is lost."""

import unittest

from tests.integration.case import DaemonCase
from tests.support.origin import Origin

SIZE = 16 << 20
SLOW = {"trickle": 64 << 10, "every": 10}  # some 6 MiB/s a connection


class Segments(DaemonCase):
    config = {"transfer": {"connections": 4}}

    def parts(self, url):
        """The requests for parts that were answered."""
        return [seen for seen in self.origin.requests(url) if seen.status == 206]

    def test_a_slow_connection_gets_help(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                url = self.url(SIZE, name=executor, seed=executor, **SLOW)
                self.assert_delivered(self.concctl("download", url, "--executor", executor), SIZE, seed=executor)
                asked = self.origin.requests(url)
                self.assertGreater(len({seen.peer for seen in asked}), 1)
                self.assertEqual({seen.headers.get("if-range") for seen in asked[1:]}, {asked[1].headers["if-range"]})

    def test_a_digest_is_judged_by_all_parts(self):
        url = self.url(SIZE, **SLOW)
        finished = self.concctl("download", url, "--digest", "sha256:" + self.digest(SIZE))
        self.assert_delivered(finished, SIZE)
        self.assertGreater(len(self.parts(url)), 0)

    def test_a_restart_goes_on_with_all_parts(self):
        url = self.url(SIZE, **SLOW)
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            events.wait_received(job, SIZE // 2)
        self.assertGreater(len(self.parts(url)), 0)
        self.assertEqual(self.daemon.stop(), 0)
        before = len(self.origin.requests(url))
        sent = self.origin.bytes_sent(url)
        self.daemon.start()
        self.assert_delivered(self.concctl("wait", job, "-o", "file"), SIZE)
        asked = self.origin.requests(url)[before:]
        self.assertEqual({seen.status for seen in asked}, {206})
        # The sockets between hold some of what was sent before; the rest came once.
        self.assertLess(self.origin.bytes_sent(url) - sent, SIZE * 3 // 4)

    def test_a_change_in_between_is_noticed(self):
        url = self.url(SIZE, name="changed", **SLOW)
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            events.wait_received(job, SIZE // 2)
        self.daemon.stop()
        self.origin.change(url)
        self.daemon.start()
        self.assert_delivered(self.concctl("wait", job, "-o", "file"), SIZE, version=1)


class Mirrors(DaemonCase):
    config = {"transfer": {"connections": 2}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mirror = Origin()
        cls.addClassCleanup(cls.mirror.close)

    def test_both_bring_parts_and_the_file_is_whole_when_one_dies_half_way(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                keys = {"seed": executor, **SLOW}
                url = self.url(SIZE, **keys, cut=SIZE // 8)
                mirror = self.mirror.url(f"/file/{SIZE}/file.bin", **keys)
                finished = self.concctl("download", url, "--mirror", mirror, "--executor", executor, "-o", executor)
                self.assert_delivered(finished, SIZE, seed=executor)
                self.assertGreater(self.mirror.bytes_sent(mirror), SIZE // 4)
                self.assertEqual({seen.status for seen in self.mirror.requests(mirror)}, {206})

    def test_one_that_has_another_file_is_told_of_and_left_out(self):
        url = self.url(SIZE, **SLOW)
        mirror = self.mirror.url(f"/file/{SIZE}/file.bin", seed="another", lm="1500000000", **SLOW)
        self.assert_delivered(self.concctl("download", url, "--mirror", mirror), SIZE)
        [entry] = self.daemon.log.entries("mirror-dropped")
        self.assertIn("did not send the part", entry.message)

    def test_the_next_one_is_tried_when_the_first_fails(self):
        url, mirror = self.url(status=404), self.mirror.url("/file/100000/file.bin", seed=self.id())
        self.assert_delivered(self.concctl("download", url, "--mirror", mirror))


class Limits(DaemonCase):
    config = {"transfer": {"connections": 1}}

    def test_one_connection_is_all_where_no_more_are_allowed(self):
        url = self.url(SIZE // 2, **SLOW)
        self.assert_delivered(self.concctl("download", url), SIZE // 2)
        self.assertEqual(len(self.origin.requests(url)), 1)


if __name__ == "__main__":
    unittest.main()
