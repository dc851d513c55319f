"""One user against the queue: its places, its rows, its file, and what it remembers.

Where the tests are root's, root is one user and the account that runs concctl another one.
"""

import os
import unittest

from tests.integration.case import OK, DaemonCase
from tests.support import varlink
from tests.support.account import is_root

LIMIT = 15  # the exit code of concctl


def answers(client, calls, burst=100):
    """The answers, or errors, of many calls (method, parameters) over one connection."""
    replies = []
    for first in range(0, len(calls), burst):
        some = calls[first:first + burst]
        for method, parameters in some:
            client.send(method, **parameters)
        for _ in some:
            try:
                replies.append(client.reply()[0])
            except varlink.Error as error:
                replies.append(error)
    return replies


class Places(DaemonCase):
    config = {"queue": {"active": 4, "active_per_host": 100}, "retry": {"first_contact_timeout": "30s"}}

    @unittest.skipUnless(is_root(), "needs another user")
    def test_the_next_free_place_is_another_users(self):
        held = [self.url(name=f"held{number}", hold=10) for number in range(4)]
        for url in held:
            self.daemon.download(url)
        for url in held:
            self.origin.wait_sent(url, 10)
        with self.daemon.client() as client:
            mine = answers(client, [("Download", {"source": self.url(10, f"{n}", hold=5)}) for n in range(9_996)])
        self.assertEqual(sum("id" in reply for reply in mine), 9_996)
        theirs = int(self.assert_code(OK, self.concctl("download", "--no-block", self.url(10, "theirs"))).stdout)
        self.origin.release(held[2])
        self.daemon.log.wait_for("started", theirs)
        started = [entry.job for entry in self.daemon.log.entries("started") if entry.job is not None]
        self.assertEqual(started.index(theirs), 4)
        self.assertEqual(self.daemon.wait(theirs)[0]["state"], "done")


class Limits(DaemonCase):
    config = {"queue": {"active": 1, "limit_per_user": 3}}

    @unittest.skipUnless(is_root(), "needs another user")
    def test_who_has_as_many_jobs_as_he_may_is_told_which_limit_that_is(self):
        urls = [self.url(name=str(number), hold=10) for number in range(4)]
        for url in urls[:3]:
            self.assert_code(OK, self.concctl("download", "--no-block", url))
        told = self.assert_code(LIMIT, self.concctl("download", "--no-block", urls[3]))
        self.assertIn("queue.limit_per_user", told.stderr)
        for url in urls[1:]:
            self.daemon.download(url)
        with self.assertRaises(varlink.Error) as refused:
            self.daemon.download(urls[0])
        self.assertEqual((refused.exception.name, refused.exception.parameters),
                         ("LimitReached", {"limit": "queue.limit_per_user", "most": 3}))


class EndedRows(DaemonCase):
    # The one place stays taken, however long it lasts.
    config = {"queue": {"active": 1, "keep_finished_count_per_user": 100}, "retry": {"first_contact_timeout": "30s"},
              "transfer": {"stall_timeout": "1h", "min_rate": 0}}
    JOBS = 1_500
    MOST = 8 << 20  # bytes of queue.db: a hundred rows, and five hundred that wait to be removed

    def test_what_was_cancelled_or_refused_takes_no_more_room_in_the_end(self):
        held = self.url(name="held", hold=10)
        self.addCleanup(self.origin.release, held)
        self.daemon.download(held)
        self.origin.wait_sent(held, 10)
        long = self.url(10, "x" * 7_000)
        with self.daemon.client() as client:
            jobs = answers(client, [("Download", {"source": f"{long}&n={n}"}) for n in range(self.JOBS)], 20)
            self.assertGreater(self.size(), self.MOST)
            cancelled = answers(client, [("Cancel", {"id": job["id"]}) for job in jobs], 20)
            refused = answers(client, [("Download", {"source": "nothing://" + "x" * 7_000})] * 1_000, 20)
        self.assertEqual({repr(reply) for reply in cancelled if isinstance(reply, varlink.Error)}, set())
        self.assertEqual({reply.name for reply in refused}, {"InvalidSource"})
        # What is free is given back in steps.
        self.ask_until(lambda: self.size() < self.MOST, "the room is given back")

    def size(self):
        return (self.daemon.state / "queue.db").stat().st_size


class FreshAnswers(DaemonCase):
    def test_what_is_answered_at_once_has_no_row(self):
        self.daemon.write_catalog(f'["fresh"]\nurls = ["{self.url(10, "fresh")}"]\nfresh_for = "1h"\n', "fresh.toml")
        self.daemon.reload()
        self.assert_code(OK, self.concctl("download", "fresh"))
        before = len(self.daemon.call("List", finished=True, limit=1000)["jobs"])
        with self.daemon.client() as client:
            fresh = answers(client, [("Download", {"source": "fresh"})] * 1_000)
        self.assertEqual({reply["job"]["state"] for reply in fresh}, {"done"})
        self.assertEqual(len({reply["id"] for reply in fresh}), 1_000)
        self.assertEqual(len(self.daemon.call("List", finished=True, limit=1000)["jobs"]), before)
        last = fresh[-1]["id"]
        self.assertEqual(self.daemon.job(last)["state"], "done")
        # Its number is nobody else's, also after a crash.
        self.daemon.kill()
        self.daemon.start()
        self.assertGreater(self.daemon.download(self.url(10, "next")), last)


class Secrets(DaemonCase):
    def files(self):
        return b"".join(path.read_bytes() for path in self.daemon.state.glob("queue.db*"))

    def test_a_password_is_forgotten_when_the_file_is_here_and_kept_for_a_retry(self):
        url = self.url(name="with-a-secret")
        job = self.daemon.download(url.replace("://", "://me:hunter2@") + "&key=hunter3")
        self.daemon.wait(job)
        self.daemon.call("Release", id=job)
        # Answered after the log was emptied: both are the store's work.
        self.daemon.call("List", finished=True, limit=1)
        self.assertNotIn(b"hunter", self.files())
        failed = self.daemon.download(self.url(name="gone", status=404).replace("://", "://me:hunter4@"))
        self.assertEqual(self.daemon.wait(failed)[0]["state"], "failed")
        self.assertIn(b"hunter4", self.files())

    def test_nobody_looks_into_the_daemons_memory(self):
        # proc(5): what is not dumpable belongs to root.
        self.assertEqual(os.stat(f"/proc/{self.daemon.pid}/environ").st_uid, 0)
        with open(f"/proc/{self.daemon.pid}/limits", encoding="ascii") as limits:
            [core] = [line for line in limits if line.startswith("Max core file size")]
        self.assertEqual(core.split()[4:6], ["0", "0"])


class LostFile(DaemonCase):
    def check(self, put_in_its_place):
        url = self.url(hold=10)
        running = self.daemon.download(url)
        self.origin.wait_sent(url, 10)
        queue, aside = self.daemon.state / "queue.db", self.daemon.state / "aside"
        queue.rename(aside)
        put_in_its_place(queue)
        with self.assertRaises(varlink.Error) as refused:
            self.daemon.download(self.url(10, "refused"))
        self.assertEqual(refused.exception.name, "StoreFailed")
        self.assertIn("queue.db", refused.exception.parameters["reason"])
        self.daemon.log.wait_for("queue-lost")
        # What runs goes on, and its end is written once that is possible.
        self.origin.release(url)
        with self.daemon.events() as events:
            aside.rename(queue)
            events.wait_for("done", running)
        self.daemon.log.wait_for("queue-found")
        self.assertEqual(self.daemon.wait(self.daemon.download(self.url(10, "accepted")))[0]["state"], "done")

    def test_nothing_is_accepted_while_the_file_is_gone(self):
        self.check(lambda queue: None)

    def test_nothing_is_accepted_while_another_file_is_in_its_place(self):
        self.check(lambda queue: queue.write_bytes(b""))

    def test_it_is_noticed_without_a_job(self):
        (self.daemon.state / "queue.db").rename(self.daemon.state / "away")
        before = len(self.daemon.log.entries("queue-lost"))
        self.daemon.log.wait_for("queue-lost", count=before + 1)
        (self.daemon.state / "away").rename(self.daemon.state / "queue.db")
