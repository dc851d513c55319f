"""What is written down: heartbeats, fields, and never a secret."""

import re
import unittest

from tests.integration.case import OK, DaemonCase

SECRETS = ("hunter2", "tok3n", "s3cret-cookie", "fr4gment")


class Secrets(DaemonCase):
    config = {"daemon": {"log_level": "debug"}}

    def test_userinfo_query_fragment_and_header_values_are_told_to_nobody(self):
        base = {"seed": self.id(), "token": "tok3n"}
        urls = [self.origin.url("/file/1000/a", userinfo="me:hunter2", auth="me:hunter2", **base) + "#fr4gment",
                self.origin.url("/file/1000/b", userinfo="me:hunter2", auth="me:other", **base),
                self.origin.url("/file/1000/c", userinfo="me:hunter2", status=503, **base),
                self.origin.url("/redirect", userinfo="me:hunter2", **base,
                                to=self.origin.url("/file/10/d", disposition="attachment; filename=s3cret-cookie",
                                                   cut=3, times=1, **base)),
                "http:///me:hunter2@127.0.0.1:1/x",
                "http://me:hunter2@does-not-exist.invalid/x?token=tok3n",
                "gopher://me:hunter2@127.0.0.1/x?token=tok3n"]
        said = ""
        for executor in ("thread", "process"):
            for url in urls:
                finished = self.concctl("download", "--executor", executor, url)
                said += finished.stderr + finished.stdout.replace(str(self.home), "")
        for verb in (["list", "--all"], ["list", "--all", "--json"], ["catalog"]):
            said += self.assert_code(OK, self.concctl(*verb)).stdout
        for job in self.daemon.call("List", finished=True)["jobs"]:
            said += self.concctl("show", job["id"]).stdout
        self.assertIn("does-not-exist.invalid", self.daemon.log.text())
        for secret in SECRETS:
            self.assertNotIn(secret, self.daemon.log.text())
            self.assertNotIn(secret, said)
        self.assertIn("***", self.daemon.log.text())

    def test_secrets_are_not_in_the_state_folder_for_others_to_read(self):
        for path in self.daemon.state.glob("queue.db*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)


class Entries(DaemonCase):
    def test_a_job_leaves_its_steps_with_their_fields(self):
        self.assert_delivered(self.concctl("download", self.url()))
        [done] = [entry for entry in self.daemon.log.entries("done")]
        steps = self.daemon.log.entries(job=done.job)
        self.assertEqual([entry.event for entry in steps], ["accepted", "started", "done"])
        self.assertEqual(done.fields["CONCD_BYTES"], "100000")
        self.assertGreater(int(done.fields["CONCD_DURATION_USEC"]), 0)
        self.assertTrue(all(re.fullmatch("[0-9a-f]{32}", entry.fields["MESSAGE_ID"]) for entry in steps))
        self.assertEqual(done.fields["CONCD_UID"], str(self.daemon.account.uid))

    def test_a_failure_says_why(self):
        self.concctl("download", self.url(status=404))
        [failed] = self.daemon.log.wait_for("failed")
        self.assertIn("404", failed.fields["CONCD_ERROR"])
        self.assertNotEqual(failed.level, "info")

    def test_a_strangers_text_cannot_forge_an_entry(self):
        before = len(self.daemon.log.entries())
        self.concctl("download", "http://127.0.0.1:1/x%0a\n2026-01-01 00:00:00.000 error forged")
        self.assertEqual([entry for entry in self.daemon.log.entries()[before:] if "forged" in entry.line
                          and entry.message.startswith("forged")], [])


class Heartbeat(DaemonCase):
    INTERVAL = 100_000  # microseconds
    config = {"daemon": {"heartbeat": "100ms"}}

    def test_speaks_at_the_start_plus_k_intervals(self):
        beats = self.daemon.log.wait_for("heartbeat", count=15)
        uptimes = [int(beat.fields["CONCD_UPTIME_USEC"]) for beat in beats]
        turns = [uptime // self.INTERVAL for uptime in uptimes]
        self.assertEqual(len(set(turns)), len(turns), "one beat a turn")
        # A drift would carry every delay over to all later beats; without it most beats are on time again.
        late = [uptime % self.INTERVAL for uptime in uptimes]
        self.assertLess(sorted(late)[len(late) // 2], self.INTERVAL // 4, late)

    def test_counts_jobs(self):
        for field in ("CONCD_ACTIVE", "CONCD_QUEUED", "CONCD_DONE", "CONCD_FAILED", "CONCD_RATE"):
            self.assertIn(field, self.daemon.log.wait_for("heartbeat")[0].fields)
        self.assert_delivered(self.concctl("download", self.url()))
        self.daemon.log.wait_for("heartbeat", CONCD_DONE="1")

    def test_is_turned_off_and_on_by_a_reload(self):
        self.daemon.configure({"daemon": {"heartbeat": "0"}})
        self.daemon.reload()
        self.assert_delivered(self.concctl("download", self.url()))
        self.daemon.configure({"daemon": {"heartbeat": "100ms"}})
        self.daemon.reload()
        events = [entry.event for entry in self.daemon.log.entries(("heartbeat", "reloaded"))]
        off, on = [place for place, event in enumerate(events) if event == "reloaded"]
        self.assertEqual(events[off + 1 : on], [])
        self.daemon.log.wait_for("heartbeat", count=events.count("heartbeat") + 3)


if __name__ == "__main__":
    unittest.main()
