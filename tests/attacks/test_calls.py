"""A user who calls without end: what he may submit is bounded, and nothing that is kept grows with what he has called."""

import os
import re
import unittest

from tests.attacks.callers import ANA, EVE, CallersCase, account_of, call, call_all, submit

# The number that concd is accepted with is 100,000.
CALLS = int(os.environ.get("CONCD_ATTACK_CALLS", "6000"))
MIB = 1 << 20


def counted(messages, summary):
    """How many there were; a summary stands for as many as it says."""
    found = (re.match(summary, message) for message in messages)
    return sum(int(more[1]) if more else 1 for more in found)


class Submissions(CallersCase):
    config = {"limits": {"submission_burst": 100, "submissions_per_user": 1}}

    def test_who_submits_too_much_is_refused_and_others_are_not(self):
        eve, ana = self.client(EVE), self.client(ANA)
        urls = [self.url(10, seed=f"{self.id()} {number}") for number in range(1000)]
        eve.send_raw(b"".join(call("Download", source=url) + b"\0" for url in urls))
        answers = [eve.receive() for _ in urls]
        refused = [answer for answer in answers if "error" in answer]
        self.assertGreaterEqual(len(refused), 800)
        self.assertEqual({answer["error"] for answer in refused}, {"io.concd.LimitReached"})
        self.assertEqual(refused[0]["parameters"], {"limit": "limits.submissions_per_user", "most": 1})
        self.assertIn("id", ana.call("Download", source=self.url(10)))


class ManyCalls(CallersCase):
    """A third of the calls is refused, a third cancelled, a third answered at once by what is there already."""

    # The one place stays taken: nobody's job starts. What was left out is told with the next entry.
    config = {"daemon": {"heartbeat": "1s"}, "queue": {"active": 1}, "retry": {"first_contact_timeout": "30s"},
              "transfer": {"stall_timeout": "1h", "min_rate": 0},
              "limits": {"submission_burst": CALLS, "submissions_per_user": 1000}}
    EACH = CALLS // 3

    def setUp(self):
        super().setUp()
        self.daemon.write_catalog(f'["fresh"]\nurls = ["{self.url(10, "fresh")}"]\nfresh_for = "1h"\n', "fresh.toml")
        self.daemon.reload()
        self.daemon.wait(self.daemon.download("fresh"))
        held = self.url(name="held", hold=10)
        self.addCleanup(self.origin.release, held)
        self.daemon.download(held)
        self.origin.wait_sent(held, 10)
        self.eve = self.client(EVE)

    def test_they_fill_neither_the_journal_nor_the_queue_nor_the_memory(self):
        before = self.written()
        self.refused()
        self.cancelled()
        self.answered_at_once()
        self.ask_until(lambda: self.told_of_refusals() == self.EACH, "all refusals are accounted for")
        self.ask_until(lambda: self.told_of_jobs() == 4 * self.EACH, "all entries of jobs are accounted for")
        self.assertLess(self.written() - before, 1000)
        self.assertLess((self.daemon.state / "queue.db").stat().st_size, 64 * MIB)
        if not os.environ.get("CONCD_SANITIZED"):  # which keeps what is freed
            self.assertLess(self.resident(), 256 * MIB)

    def refused(self):
        answers = call_all(self.eve, [call("Get", id=999_999_999)] * self.EACH, 500)
        self.assertEqual({answer["error"] for answer in answers}, {"io.concd.NoSuchJob"})

    def cancelled(self):
        urls = [self.url(10, seed=f"{number}") for number in range(self.EACH)]
        for begin in range(0, self.EACH, 1000):
            jobs = submit(self.eve, urls[begin : begin + 1000])
            answers = call_all(self.eve, [call("Cancel", id=job) for job in jobs])
            self.assertEqual({answer["parameters"]["job"]["state"] for answer in answers}, {"cancelled"})

    def answered_at_once(self):
        answers = call_all(self.eve, [call("Download", source="fresh")] * self.EACH)
        self.assertEqual({answer["parameters"]["job"]["state"] for answer in answers}, {"done"})

    def written(self):
        """Entries of the journal; the heartbeat is not of his making."""
        return sum(entry.event != "heartbeat" for entry in self.daemon.log.entries())

    def told_of_refusals(self):
        return counted((entry.message for entry in self.daemon.log.entries() if "refused" in entry.message),
                       r"refused (\d+) more")

    def told_of_jobs(self):
        entries = self.daemon.log.entries(CONCD_UID=str(account_of(EVE).uid))
        return counted((entry.message for entry in entries), r"(\d+) more entries")


if __name__ == "__main__":
    unittest.main()
