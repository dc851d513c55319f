"""What the journal has: heartbeats on time, the life of each job with its fields, and explanations."""

from tests.support import message_id
from tests.system.case import SystemTest

SECOND = 1_000_000  # µs


class Journal(SystemTest):
    def test_heartbeats_come_every_5_s_counted_from_the_start(self):
        cursor = self.restart()
        # The service before may have spoken once more on its way out.
        beats = self.events("heartbeat", f"_PID={self.machine.main_pid()}", after=cursor, count=3)
        for k, beat in enumerate(beats, start=1):
            # Late by less than a fifth of the interval, however busy this machine is; never early.
            self.assertGreaterEqual(int(beat["CONCD_UPTIME_USEC"]), k * 5 * SECOND)
            self.assertLess(int(beat["CONCD_UPTIME_USEC"]), k * 5 * SECOND + SECOND)
            for field in ("CONCD_ACTIVE", "CONCD_QUEUED", "CONCD_DONE", "CONCD_FAILED", "CONCD_RATE"):
                self.assertRegex(beat[field], "^[0-9]+$", field)
        for one, next_one in zip(beats, beats[1:]):
            gap = int(next_one["__MONOTONIC_TIMESTAMP"]) - int(one["__MONOTONIC_TIMESTAMP"])
            self.assertAlmostEqual(gap, 5 * SECOND, delta=SECOND)

    def test_the_unit_shows_the_heartbeats(self):
        self.events("heartbeat", count=1)
        self.assertTrue(self.machine.journal("_SYSTEMD_UNIT=concd.service", f"MESSAGE_ID={message_id.of('heartbeat')}"))
        self.assertIn("concd", self.machine.run("journalctl --no-pager -u concd -n 5"))

    def test_a_job_can_be_followed_by_its_id(self):
        job = self.concctl("download --no-block --force Archivo1.txt").strip()
        self.concctl(f"wait {job}")
        entries = self.machine.journal(f"CONCD_JOB_ID={job}")
        kinds = [entry["MESSAGE_ID"] for entry in entries]
        self.assertEqual(kinds, [message_id.of(kind) for kind in ("job_accepted", "job_started", "job_done")])
        done = entries[-1]
        self.assertEqual(done["CONCD_NAME"], "Archivo1.txt")
        self.assertEqual(done["CONCD_URL"], "sim:Archivo1.txt")
        self.assertEqual(done["CONCD_EXECUTOR"], "thread")
        self.assertGreater(int(done["CONCD_BYTES"]), 0)
        self.assertGreater(int(done["CONCD_DURATION_USEC"]), SECOND)
        self.assertTrue(entries[1]["CONCD_THREAD_ID"])
        for entry in entries:
            self.assertTrue(entry["CONCD_EVENT"])
            self.assertEqual(entry["_SYSTEMD_UNIT"], "concd.service")

    def test_entries_are_explained_in_english_and_spanish(self):
        self.events("heartbeat", count=1)
        for kind, identity in message_id.ALL.items():
            self.assertIn("concd:", self.machine.run(["journalctl", "--list-catalog", identity]), kind)
        match = f"-x -n 1 MESSAGE_ID={message_id.of('heartbeat')}"
        self.assertIn("The download service is alive", self.machine.run(f"journalctl --no-pager {match}"))
        self.machine.run("apt-get install -y -qq --no-install-recommends locales &&"
                         " localedef -i es_MX -f UTF-8 es_MX.UTF-8", timeout=300)
        self.assertIn("está vivo", self.machine.run(f"LC_ALL=es_MX.UTF-8 LANG=es_MX.UTF-8 journalctl --no-pager {match}"))

    def test_secrets_of_a_url_stay_out_of_the_journal(self):
        cursor = self.machine.cursor()
        self.machine.execute("cd && timeout 5 concctl download --no-block"
                             " 'http://juana:s3creto@127.0.0.1:1/file?token=s3creto'")
        self.events("job_accepted", after=cursor, count=1)
        for entry in self.machine.journal("_SYSTEMD_UNIT=concd.service", after=cursor):
            self.assertNotIn("s3creto", str(entry))
