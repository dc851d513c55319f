"""A worker's word counts for nothing: what it claims to have fetched is verified before anybody sees it."""

import hashlib
import os
import pathlib
import unittest

from tests.integration.case import OK, VERIFICATION, DaemonCase, sha256
from tests.support import fake_worker
from tests.support.visible import Visible

DIGEST = hashlib.sha256(fake_worker.CONTENT).hexdigest()
LIES = ("wrong", "short", "short_and_told", "long", "missing", "empty_and_told", "removed", "replaced", "another")
# Some names are in the library already when the worker begins to lie, some are not.
NAMES = [f"{lie}-{there}" for lie in LIES for there in ("kept", "new")]


def catalog(manner_of):
    return "".join(f'["{name}"]\nurls = ["http://127.0.0.1:1/{manner_of(name)}"]\ndigest = "sha256:{DIGEST}"\n'
                   f'size = {len(fake_worker.CONTENT)}\nexecutor = "process"\n' for name in [*NAMES, "after_the_claim"])


class FakeWorker(DaemonCase):
    catalog = catalog(lambda name: "right")

    @classmethod
    def prepare(cls):
        cls.daemon.use_worker(pathlib.Path(fake_worker.__file__))

    def setUp(self):
        super().setUp()
        self.watched = (self.daemon.library, self.daemon.state / "results")
        self.visible = Visible(*self.watched)
        self.addCleanup(self.visible.close)

    def lie(self):
        """From now on the worker does to each name what it says."""
        self.daemon.write_catalog(catalog(lambda name: name.partition("-")[0]))
        self.assertEqual(self.daemon.reload().event, "reloaded")
        self.addCleanup(self.daemon.reload)
        self.addCleanup(self.daemon.write_catalog, self.catalog)

    def here(self):
        return {path.name: (path.stat().st_ino, sha256(path)) for path in self.daemon.library.iterdir()}

    def test_a_name_that_is_claimed_to_be_fetched_changes_nothing_in_the_library(self):
        kept = [name for name in NAMES if name.endswith("kept")]
        self.assert_code(OK, self.concctl("download", *kept))
        before = self.here()
        self.assertEqual({name: digest for name, (_, digest) in before.items()}, dict.fromkeys(kept, DIGEST))
        self.lie()
        self.assertTrue(self.visible.take())
        for name in NAMES:
            with self.subTest(name):
                self.assert_code(VERIFICATION, self.concctl("download", "--force", name))
                job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]
                self.assertEqual((job["state"], job["failure"]["kind"]), ("failed", "verification"), job)
                self.assertEqual(self.visible.take(), [])
                self.assert_nothing_left(job["id"])
        self.assertEqual(self.here(), before)

    def test_a_url_that_is_claimed_to_be_fetched_leaves_nothing_to_hand_out(self):
        for lie in LIES:
            with self.subTest(lie):
                job = self.assert_code(OK, self.concctl("download", "--no-block", "--executor", "process", "--digest",
                                                        f"sha256:{DIGEST}", f"http://127.0.0.1:1/{lie}")).stdout.strip()
                finished = self.assert_code(VERIFICATION, self.concctl("wait", job))
                self.assertEqual((finished.stdout, os.listdir(self.home)), ("", []))
                self.assertEqual(self.visible.take(), [])

    def test_what_is_written_after_the_claim_is_not_published(self):
        self.lie()
        finished = self.concctl("download", "after_the_claim")
        self.assertIn(finished.code, (OK, VERIFICATION), finished)
        seen = {record["found"] for record in self.visible.take()}
        self.assertLessEqual(seen, {DIGEST, ""})
        if finished.code == OK:
            self.assertEqual(sha256(finished.stdout.strip()), DIGEST)


if __name__ == "__main__":
    unittest.main()
