"""The lesson: a thread, a process, a daemon, a join."""

import os
import pathlib
import select
import signal
import subprocess
import tempfile
import unittest

from tests.integration.case import OK, USAGE, DaemonCase
from tests.support.certificates import Certificates
from tests.support.origin import Origin


class Executors(DaemonCase):
    config = {"retry": {"first_delay": "20ms", "max_delay": "50ms", "tries": 3}}

    def test_two_files_at_once_one_by_a_thread_one_by_a_process_and_a_wait_for_both(self):
        finished = self.assert_code(OK, self.concctl("download", "--force", "Archivo1.txt", "Archivo2.txt"))
        paths = [str(self.daemon.library / name) for name in ("Archivo1.txt", "Archivo2.txt")]
        self.assertEqual(sorted(finished.stdout.split()), paths)
        steps = [(entry.event, entry.fields["CONCD_NAME"]) for entry in self.daemon.log.entries()
                 if entry.event in ("started", "done") and "CONCD_NAME" in entry.fields]
        self.assertEqual({event for event, _ in steps[:2]}, {"started"}, "both begin before either ends")
        started = {entry.fields["CONCD_NAME"]: entry for entry in self.daemon.log.entries("started")
                   if "CONCD_NAME" in entry.fields}
        self.assertEqual(started["Archivo1.txt"].fields["CONCD_EXECUTOR"], "thread")
        self.assertIn("CONCD_THREAD_ID", started["Archivo1.txt"].fields)
        self.assertEqual(started["Archivo2.txt"].fields["CONCD_EXECUTOR"], "process")
        self.assertNotEqual(int(started["Archivo2.txt"].fields["CONCD_WORKER_PID"]), self.daemon.pid)

    def test_a_process_downloads_like_a_thread(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                url = self.url(3_000_000, seed=executor)
                finished = self.concctl("download", "--executor", executor, url)
                self.assert_delivered(finished, 3_000_000, seed=executor)
                job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]
                self.assertEqual(job["executor"], executor)

    def test_an_executor_that_does_not_exist_is_refused(self):
        self.assert_code(USAGE, self.concctl("download", "--executor", "coroutine", self.url()))

    def worker_of(self, job):
        [entry] = self.daemon.log.wait_for("started", job)
        return int(entry.fields["CONCD_WORKER_PID"])

    def test_a_killed_worker_costs_only_an_attempt_of_its_own_job(self):
        bystander, victim = self.url(seed="bystander", hold=10), self.url(seed="victim", hold=60_000)
        safe = self.daemon.download(bystander, executor="process")
        hurt = self.daemon.download(victim, executor="process")
        self.origin.wait_sent(bystander, 10)
        self.origin.wait_sent(victim, 60_000)
        os.kill(self.worker_of(hurt), signal.SIGKILL)
        self.daemon.log.wait_for("started", hurt, count=2)
        self.origin.release(victim)
        self.origin.release(bystander)
        self.assert_delivered(self.concctl("wait", hurt, "-o", "hurt"), seed="victim")
        self.assert_delivered(self.concctl("wait", safe, "-o", "safe"), seed="bystander")
        self.assertEqual(len(self.origin.requests(bystander)), 1)
        self.assertEqual(self.daemon.job(safe)["attempts"], 1)

    def test_a_cancelled_job_leaves_no_child(self):
        url = self.url(stall=10)
        job = self.daemon.download(url, executor="process")
        self.origin.wait_sent(url, 10)
        worker = self.worker_of(job)
        fd = os.pidfd_open(worker)
        self.daemon.call("Cancel", id=job)
        self.assertTrue(select.select([fd], [], [], 30)[0], "the worker lives on")
        os.close(fd)

    def test_a_worker_has_no_higher_limit_than_the_daemon_and_works_with_that(self):
        self.addCleanup(self.daemon.restart)
        self.addCleanup(self.daemon.configure, {"worker": {"open_files": 64}})
        self.daemon.configure({"worker": {"open_files": 4096}})
        self.daemon.reload()
        subprocess.run(["prlimit", "--pid", str(self.daemon.pid), "--nofile=512:512"], check=True,
                       **self.daemon.account.options())
        url = self.url(hold=10)
        job = self.daemon.download(url, executor="process")
        self.origin.wait_sent(url, 10)
        limits = pathlib.Path(f"/proc/{self.worker_of(job)}/limits").read_text()
        self.assertRegex(limits, r"Max open files +512 +512 ")
        self.origin.release(url)
        self.assertEqual(self.daemon.wait(job)[0]["state"], "done")

    def test_the_least_memory_that_may_be_configured_is_enough(self):
        if os.environ.get("CONCD_SANITIZED"):
            self.skipTest("a sanitizer needs terabytes of address space")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            certificates = Certificates(folder)
            self.addCleanup(self.daemon.restart)
            self.addCleanup(self.daemon.configure, {"worker": {"memory": "512M"}, "transfer": {"ca_file": ""}})
            self.daemon.configure({"worker": {"memory": "128M"}, "transfer": {"ca_file": certificates.ca}})
            self.daemon.reload()
            with Origin(certificate=certificates.path("good")) as origin:
                job = self.daemon.download(origin.url("/file/20000000/x", seed=self.id()), executor="process")
                self.assertEqual(self.daemon.wait(job)[0]["state"], "done")

    def test_workers_die_with_the_daemon(self):
        url = self.url(stall=10)
        job = self.daemon.download(url, executor="process")
        self.origin.wait_sent(url, 10)
        fd = os.pidfd_open(self.worker_of(job))
        self.daemon.kill()
        self.assertTrue(select.select([fd], [], [], 30)[0], "the worker lives on")
        os.close(fd)
        self.daemon.start()
        self.daemon.call("Cancel", id=job)


if __name__ == "__main__":
    unittest.main()
