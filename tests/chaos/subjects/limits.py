"""Limits and faults of the machine, met with grace: jobs finish after each has passed, and the daemon never dies."""

import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys

from tests.chaos.harness import fault_case
from tests.chaos.harness.fault_case import ATTEMPTS, until
from tests.support import mounts, process
from tests.support.daemon import ENVIRONMENT
from tests.support.deadline import DEFAULT, Expired
from tests.support.journal import Journal
from tests.support.notify import NotifySocket

YEAR = 365 * 24 * 3600
TICKS = os.sysconf("SC_CLK_TCK")


def limit(daemon, pid, what, soft):
    """Sets a soft limit (prlimit(1) names it) of the daemon or its worker; by the same user, as the kernel wants it."""
    subprocess.run(["prlimit", "--pid", str(pid), f"--{what}={soft}:"], check=True, env=ENVIRONMENT,
                   **daemon.account.options())


def soft_limit(pid, name):
    """As /proc/PID/limits has it, proc(5)."""
    lines = pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line[len(name) :].split()[0] for line in lines if line.startswith(name))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found += pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    return [int(child) for child in found]


class Descriptors(fault_case.FaultCase):
    def test_too_many_connections_wait_without_spinning_and_jobs_go_on(self):
        daemon = self.make().start()
        held = self.url(50_000, "held", hold=20_000)
        with daemon.client() as early:
            jobs = {early.call("Download", source=held)["id"]: (50_000, "held")}
            self.origin.wait_sent(held, 20_000)
            used = len(os.listdir(f"/proc/{daemon.pid}/fd"))
            limit(daemon, daemon.pid, "nofile", used + 10)
            crowd = [daemon.client(timeout=60) for _ in range(60)]
            for client in crowd:
                client.send("Status")
            until(lambda: "cannot accept" in daemon.log.text(), "a word about it")
            before, start = processor_seconds(daemon.pid), os.times().elapsed
            for _ in range(20):
                self.assertTrue(early.call("Status")["pid"], "who has a connection is served")
            until(lambda: os.times().elapsed - start > 1.5, "some time to pass")
            spent = processor_seconds(daemon.pid) - before
            self.assertLess(spent, 0.1 * (os.times().elapsed - start), "it spins")
            self.origin.release(held)
            for client in crowd[:40]:
                client.close()
            for client in crowd[40:]:
                self.assertTrue(client.reply()[0]["pid"], "who waited has an answer in the end")
                client.close()
        limit(daemon, daemon.pid, "nofile", 1024)
        jobs.update(self.load(daemon, 8))
        self.check_done(daemon, jobs)

    def test_jobs_without_descriptors_wait_and_finish(self):
        daemon = self.make({"queue": {"active": 100, "active_per_host": 100}}).start()
        with daemon.client() as client, daemon.events() as events:
            limit(daemon, daemon.pid, "nofile", len(os.listdir(f"/proc/{daemon.pid}/fd")) + 6)
            jobs = {}
            for index in range(40):
                executor = "process" if index % 4 == 0 else "thread"
                url = self.url(20_000, index, trickle=5000, every=20)
                jobs[client.call("Download", source=url, executor=executor)["id"]] = (20_000, str(index))
            tired = events.wait_for("waiting")["id"]
            self.assertTrue(client.call("Status")["pid"])
            until(lambda: client.call("Get", id=tired)["job"]["attempts"] > ATTEMPTS
                  or client.call("Get", id=tired)["job"]["state"] == "done", "more attempts")
            limit(daemon, daemon.pid, "nofile", 1024)
        self.check_done(daemon, jobs)


class Memory(fault_case.FaultCase):
    def test_a_worker_that_runs_out_of_memory_fails_nothing_but_its_attempt(self):
        daemon = self.make().start()
        jobs = {}
        for index in range(4):
            with daemon.events() as events:
                url = self.url(3_000_000, index, hold=100_000)
                job = daemon.download(url, executor="process")
                events.wait_received(job, 100_000)
            [worker] = children(daemon.pid)
            limit(daemon, worker, "as", 1 << 20)  # less than it has: it gets no more
            self.origin.release(url)
            jobs[job] = (3_000_000, str(index))
            self.check_done(daemon, {**jobs, **self.load(daemon, 2, f"other{index}-", ("thread",))})


class Processes(fault_case.FaultCase):
    def test_neither_processes_nor_threads_to_be_had(self):
        self.need_root()  # root's own processes are not counted: the daemon must be another user
        daemon = self.make().start()
        usual = soft_limit(daemon.pid, "Max processes")
        limit(daemon, daemon.pid, "nproc", 1)
        by_thread = self.load(daemon, 10, "thread", ("thread",))
        with daemon.events() as events:
            by_process = self.load(daemon, 4, "process", ("process",))
            for job in by_process:
                self.assertIn("cannot be started", events.wait_for("waiting", job)["wait"]["message"])
        self.check_done(daemon, by_thread)  # nor was there a thread to publish them
        self.wait_attempts(daemon, by_process)
        limit(daemon, daemon.pid, "nproc", usual)
        self.check_done(daemon, by_process)


class StateFolder(fault_case.FaultCase):
    def test_folders_that_cannot_be_written_for_a_while(self):
        for name, forbidden in (("partial", 0o500), ("results", 0o500), ("library", 0o500), ("library", 0)):
            with self.subTest(name, mode=oct(forbidden)):
                daemon = self.make(catalog=f'["named"]\nurls = ["{self.url(30_000, "named")}"]\n').start()
                folder = daemon.state / name
                mode = folder.stat().st_mode & 0o777
                folder.chmod(forbidden)
                with daemon.events() as events:
                    jobs = self.load(daemon, 4, name)
                    named = daemon.download("named")
                    waits = [named] if name == "library" else [*jobs, named] if name == "partial" else [*jobs]
                    for job in waits:
                        self.assertIn("Permission denied", events.wait_for("waiting", job)["wait"]["message"])
                self.wait_attempts(daemon, waits)
                self.assertEqual([entry["name"] for entry in daemon.call("Catalog")["entries"]], ["named"])
                folder.chmod(mode)
                self.check_done(daemon, {**jobs, named: (30_000, "named")})

    def test_a_read_only_state_folder_is_refused_at_the_start_and_taken_over_later(self):
        self.need_mounts()
        daemon = self.make().start()
        url = self.url(30_000, "job", hold=10_000)
        job = daemon.download(url)
        self.origin.wait_sent(url, 10_000)
        daemon.kill()
        mounts.mount("--bind", daemon.state, daemon.state)
        self.addCleanup(mounts.unmount, daemon.state)
        mounts.mount("-o", "remount,bind,ro", daemon.state)
        with self.assertRaisesRegex(Expired, "ended with 1:.*\n*.*(written|Read-only)"):
            daemon.start()
        daemon.process = None
        mounts.mount("-o", "remount,bind,rw", daemon.state)
        self.origin.release(url)
        daemon.start()
        self.check_done(daemon, {job: (30_000, "job")})


class Journald(fault_case.FaultCase):
    """A daemon that writes to the journal, whose socket is ours."""

    def setUp(self):
        super().setUp()
        self.need_mounts()
        process.adopt_orphans()
        mounts.mount("-t", "tmpfs", "-o", "mode=755", "concd-test", "/run")
        self.addCleanup(mounts.unmount, "/run")
        self.path = pathlib.Path("/run/systemd/journal/socket")
        self.path.parent.mkdir(parents=True)
        self.journal = Journal(self.path)
        self.addCleanup(self.journal.close)
        self.daemon = self.make()

    def start(self):
        """By the double fork, because in the foreground it would write to stderr; the daemon's pid."""
        notify = NotifySocket(self.daemon.folder / "notify")
        self.addCleanup(notify.close)
        first = subprocess.run([self.daemon.program, "--config", self.daemon.config_file], stdin=subprocess.DEVNULL,
                               env={**ENVIRONMENT, "NOTIFY_SOCKET": notify.path}, capture_output=True, text=True,
                               timeout=DEFAULT, **self.daemon.account.options())
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        pid = int(notify.wait_for("READY", "1")[1]["MAINPID"])
        self.addCleanup(self._end, pid)
        return pid

    @staticmethod
    def _end(pid):
        try:
            os.kill(pid, signal.SIGKILL)
            process.wait_end(pid)
        except (ProcessLookupError, ChildProcessError):
            pass

    def test_a_journal_that_takes_nothing_holds_up_nobody(self):
        pid = self.start()
        self.journal.wait_for("started")
        self.journal.pause()
        self.check_done(self.daemon, self.load(self.daemon, 60))
        self.assertTrue(self.daemon.call("Status")["pid"])
        self.journal.go_on()
        jobs = self.load(self.daemon, 2, "later")
        self.check_done(self.daemon, jobs)
        for job in jobs:
            self.journal.wait_for("done", job)
        self.journal.pause()
        self.check_done(self.daemon, self.load(self.daemon, 60, "again"))
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(process.wait_end(pid), 0, "it also ends while the journal takes nothing")

    def test_a_journal_that_goes_and_comes_back(self):
        self.start()
        self.journal.wait_for("started")
        self.journal.close()
        self.path.unlink()
        self.check_done(self.daemon, self.load(self.daemon, 8, "gone"))
        self.journal = Journal(self.path)
        self.addCleanup(self.journal.close)
        jobs = self.load(self.daemon, 4, "back")
        self.check_done(self.daemon, jobs)
        for job in jobs:
            self.journal.wait_for("done", job)

    def test_a_journal_that_restarts_while_it_is_full(self):
        self.start()
        self.journal.pause()
        self.check_done(self.daemon, self.load(self.daemon, 60, "full"))
        self.journal.close()  # whoever waits for it gets an error
        self.path.unlink()
        self.journal = Journal(self.path)
        self.addCleanup(self.journal.close)
        jobs = self.load(self.daemon, 2, "back")
        self.check_done(self.daemon, jobs)
        for job in jobs:
            self.journal.wait_for("done", job)


class WallClock(fault_case.FaultCase):
    """CLOCK_REALTIME is set while the daemon runs."""

    def start(self, catalog="", config=None):
        daemon = self.make(config, catalog)
        layer = daemon.folder / "chaos_clock.so"  # where the daemon's account may read it
        shutil.copy(pathlib.Path(os.environ["CONCD_BIN_DIR"]) / "tests/chaos/preload/clock/chaos_clock.so", layer)
        layer.chmod(0o755)
        self.clock = daemon.folder / "clock"
        self.set_clock(0)
        self.clock.chmod(0o644)
        self.start_again(daemon)
        return daemon

    def start_again(self, daemon):
        daemon.start({"LD_PRELOAD": str(daemon.folder / "chaos_clock.so"), "CONCD_CHAOS_CLOCK": str(self.clock)})

    def set_clock(self, seconds):
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    def test_jobs_go_on_whatever_the_clock_says(self):
        daemon = self.start(config={"retry": {"first_delay": "500ms", "max_delay": "1s", "tries": 10}})
        for seconds in (YEAR, -YEAR, 0):
            with self.subTest(seconds):
                held = self.url(50_000, f"held{seconds}", hold=20_000)
                jobs = {daemon.download(held): (50_000, f"held{seconds}")}
                self.origin.wait_sent(held, 20_000)
                with daemon.events() as events:
                    retried = daemon.download(self.url(5000, f"retried{seconds}", status=503, times=2))
                    jobs[retried] = (5000, f"retried{seconds}")
                    events.wait_for("waiting", retried)
                    self.set_clock(seconds)
                self.origin.release(held)
                jobs.update(self.load(daemon, 8, f"later{seconds}"))
                self.check_done(daemon, jobs)

    def test_a_wait_survives_a_restart_on_another_clock(self):
        for seconds in (YEAR, -YEAR):
            with self.subTest(seconds):
                daemon = self.start(config={"retry": {"first_delay": "1s", "max_delay": "2s", "tries": 10}})
                with daemon.events() as events:
                    job = daemon.download(self.url(5000, f"retried{seconds}", status=503, times=2))
                    events.wait_for("waiting", job)
                daemon.kill()
                self.set_clock(seconds)
                self.start_again(daemon)
                self.check_done(daemon, {job: (5000, f"retried{seconds}")})

    def test_a_fresh_file_is_not_fresh_for_ever(self):
        url = self.url(5000, "fresh")
        daemon = self.start(f'["fresh"]\nurls = ["{url}"]\nfresh_for = "1h"\n')
        asked = []
        for seconds in (0, 0, YEAR, YEAR, -YEAR, -YEAR, 0):
            self.set_clock(seconds)
            self.check_done(daemon, {daemon.download("fresh"): (5000, "fresh")})
            asked.append(len(self.origin.requests(url)))
        self.assertEqual(asked, [1, 1, 2, 2, 3, 3, 4], "it is asked for anew after each jump, and only then")

    def test_a_clock_that_is_set_ahead_prunes_nothing(self):
        daemon = self.start()
        jobs = self.load(daemon, 4)
        self.check_done(daemon, jobs)
        self.set_clock(YEAR)
        daemon.reload()  # prunes
        self.check_done(daemon, jobs)


class Suspend(fault_case.FaultCase):
    def test_waits_count_suspended_time(self):
        daemon = self.make({"retry": {"first_delay": "1h", "max_delay": "1h", "first_contact_timeout": "10h"}}).start()
        with daemon.events() as events:
            events.wait_for("waiting", daemon.download(self.url(10, "never", drop=1)))
        armed = until(lambda: [text for text in self._timers(daemon.pid) if "it_value: (0, 0)" not in text], "a timer")
        boottime = 7  # CLOCK_BOOTTIME
        self.assertTrue(all(f"clockid: {boottime}\n" in text for text in armed), armed)

    @staticmethod
    def _timers(pid):
        """/proc/PID/fdinfo of its timerfds, proc(5)."""
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            try:
                text = pathlib.Path(f"/proc/{pid}/fdinfo/{fd}").read_text()
            except FileNotFoundError:  # closed meanwhile
                continue
            if "clockid: " in text:
                yield text


class Signals(fault_case.FaultCase):
    def test_stopped_and_continued(self):
        daemon = self.make().start()
        jobs = self.load(daemon, 12, trickle=4000, every=30)
        with daemon.client() as client:
            for _ in range(3):
                os.kill(daemon.pid, signal.SIGSTOP)
                until(lambda: process.stat(daemon.pid)["state"] == "T", "the stop")
                client.send("Status")
                os.kill(daemon.pid, signal.SIGCONT)
                self.assertTrue(client.reply()[0]["pid"])
        self.check_done(daemon, jobs)

    def test_a_stopped_worker_delays_its_own_job_only(self):
        daemon = self.make().start()
        with daemon.events() as events:
            url = self.url(50_000, "held", hold=10_000)
            job = daemon.download(url, executor="process")
            events.wait_received(job, 10_000)
        [worker] = children(daemon.pid)
        os.kill(worker, signal.SIGSTOP)
        until(lambda: process.stat(worker)["state"] == "T", "the stop")
        self.origin.release(url)
        self.check_done(daemon, self.load(daemon, 8))
        os.kill(worker, signal.SIGCONT)
        self.check_done(daemon, {job: (50_000, "held")})

    def test_a_thousand_signals_in_a_burst(self):
        daemon = self.make().start()
        jobs = self.load(daemon, 40, trickle=5000, every=20)
        names = ("HUP", "USR1", "USR2", "CHLD", "CONT", "WINCH", "URG", "PIPE")
        for _ in range(1000):
            os.kill(daemon.pid, signal.Signals[f"SIG{self.random.choice(names)}"])
        self.assertTrue(daemon.call("Status")["pid"])
        os.kill(daemon.pid, signal.SIGHUP)
        daemon.log.wait_for("reloaded")
        self.check_done(daemon, jobs)
        self.assertIsNone(daemon.process.poll())


def main(words=None):
    return fault_case.run(__name__, __doc__, words)


if __name__ == "__main__":
    sys.exit(main())
