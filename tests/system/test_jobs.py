"""Downloads from end to end: the lesson, a big file, failures with their own codes, a killed daemon."""

import hashlib
import json

from tests.support import message_id, origin_content
from tests.support.nginx import Nginx
from tests.support.origin import Origin
from tests.system.case import SystemTest
from tests.system.test_install import PACKAGE

GIBIBYTE = 1 << 30
LIBRARY = "/var/lib/concd/library"


class Lesson(SystemTest):
    def test_both_files_at_once_by_a_thread_and_by_a_process(self):
        self.restart()
        cursor = self.machine.cursor()
        paths = self.concctl("download --force Archivo1.txt Archivo2.txt").split()
        self.assertEqual(sorted(paths), [f"{LIBRARY}/Archivo1.txt", f"{LIBRARY}/Archivo2.txt"])
        started = {entry["CONCD_NAME"]: entry for entry in self.events("job_started", after=cursor, count=2)}
        ended = {entry["CONCD_NAME"]: entry for entry in self.events("job_done", after=cursor, count=2)}
        by_thread, by_process = started["Archivo1.txt"], started["Archivo2.txt"]
        self.assertEqual(by_thread["CONCD_EXECUTOR"], "thread")
        self.assertEqual(by_process["CONCD_EXECUTOR"], "process")
        self.assertTrue(by_thread["CONCD_THREAD_ID"])
        self.assertNotEqual(int(by_process["CONCD_WORKER_PID"]), self.machine.main_pid())
        # At once: each had begun before the other one ended.
        when = "__MONOTONIC_TIMESTAMP"
        self.assertLess(max(int(entry[when]) for entry in started.values()),
                        min(int(entry[when]) for entry in ended.values()))
        for path in paths:
            self.assertEqual(self.machine.run(["stat", "-c", "%a", path]).strip(), "644")


class BigFile(SystemTest):
    def test_a_gibibyte_from_nginx_arrives_whole(self):
        digest = hashlib.sha256()
        with Nginx() as nginx:
            with open(nginx.root / "big.bin", "wb") as file:
                for piece in origin_content.pieces("big", 0, 0, 64 << 20):
                    file.write(piece)
            piece = (nginx.root / "big.bin").read_bytes()
            with open(nginx.root / "big.bin", "ab") as file:
                for _ in range(GIBIBYTE // len(piece) - 1):
                    file.write(piece)
            for _ in range(GIBIBYTE // len(piece)):
                digest.update(piece)
            self.concctl(f"download --digest sha256:{digest.hexdigest()} {nginx.url('big.bin')}", timeout=600)
        self.assertEqual(self.machine.run("sha256sum /root/big.bin && rm /root/big.bin", timeout=300).split()[0],
                         digest.hexdigest())


class Failures(SystemTest):
    def test_each_kind_has_its_own_status_and_words(self):
        self.put("/etc/concd/concd.toml.d/impatient.toml", '[retry]\ntries = 1\nfirst_contact_timeout = "1s"\n')
        self.restart()
        with Origin() as origin:
            missing = origin.url("/file/10/x", status=404)
            for arguments, status, words in (
                ("Archivo9.txt", 2, ["Archivo9.txt", "catalog"]),
                ("http://127.0.0.1:1/unreachable.bin", 4, ["127.0.0.1:1"]),
                (f"'{missing}'", 8, ["404"]),
                (f"--digest sha256:{'0' * 64} '{origin.url('/file/1000/wrong.bin')}'", 10, ["sha256"]),
            ):
                with self.subTest(arguments):
                    done = self.machine.execute(f"mkdir -p /root/empty && cd /root/empty && concctl download {arguments}")
                    self.assertEqual(done.returncode, status, done.stderr)
                    for word in words:
                        self.assertIn(word, done.stderr)
                    self.assertEqual(done.stdout, "")
                    self.assertEqual(self.machine.run("ls -A /root/empty"), "")

    def test_a_wrong_digest_publishes_nothing(self):
        with Origin() as origin:
            self.put("/etc/concd/catalog.d/wrong.toml",
                     f'["wrong.bin"]\nurl = "{origin.url("/file/1000")}"\ndigest = "sha256:{"0" * 64}"\n')
            self.restart()
            self.concctl("download wrong.bin", status=10)
        self.machine.run(["test", "!", "-e", f"{LIBRARY}/wrong.bin"])


class Killed(SystemTest):
    FILES, BEFORE = 200, 60

    def test_all_200_files_arrive_when_the_daemon_is_killed_on_the_way(self):
        with Origin() as origin:
            # From the 60th file on, each answer stops in its middle: the kill finds transfers under way.
            self.put("/etc/concd/catalog.d/many.toml", "".join(
                f'["many-{i}.bin"]\nurl = "{self.address(origin, i)}"\n'
                f'digest = "sha256:{origin_content.digest(20000, seed=i)}"\n' for i in range(self.FILES)))
            cursor = self.restart()
            names = " ".join(f"many-{i}.bin" for i in range(self.FILES))
            waiting = self.machine.start(f"concctl download {names}")
            self.events("job_done", after=cursor, count=self.BEFORE)
            self.machine.run(["kill", "-KILL", self.machine.main_pid()])
            for i in range(self.BEFORE, self.FILES):
                origin.release(self.address(origin, i))
            output, errors = waiting.communicate(timeout=120)
            self.assertEqual(waiting.returncode, 0, errors)
            self.assertEqual(len(set(output.split())), self.FILES)
        self.events("started", after=cursor, count=2)
        done = [entry["CONCD_NAME"] for entry in self.events("job_done", after=cursor)]
        self.assertEqual(len(set(done)), self.FILES)
        sums = self.machine.run(f"cd {LIBRARY} && sha256sum many-*.bin").split()
        expected = {f"many-{i}.bin": origin_content.digest(20000, seed=i) for i in range(self.FILES)}
        self.assertEqual(dict(zip(sums[1::2], sums[::2])), expected)
        self.assertEqual(self.machine.run("ls /var/lib/concd/partial"), "")
        jobs = [json.loads(line) for line in self.concctl("list --all --json").splitlines()]
        self.assertEqual(sum(str(job.get("name", "")).startswith("many-") for job in jobs), self.FILES)

    def address(self, origin, i):
        orders = {"hold": 10000} if i >= self.BEFORE else {}
        return origin.url(f"/file/20000/many-{i}.bin", seed=i, **orders)


class Direct(SystemTest):
    SIZE, HELD = 8_000_000, 1_000_000  # of each answer
    RESTARTS = ("systemctl restart concd", "systemctl kill --signal=KILL concd",
                f"apt-get install -y -qq --reinstall {PACKAGE}")

    def test_a_callers_file_stays_open_over_restarts_and_upgrades_though_nobody_waits(self):
        with Origin() as origin:
            url = origin.url(f"/file/{self.SIZE}/direct.bin", seed="direct", hold=self.HELD)
            cursor = self.restart()
            self.machine.run(["systemd-run", "--unit=caller", "--working-directory=/root", "concctl", "download", url])
            self.addCleanup(self.machine.run, "systemctl reset-failed caller.service || true")
            origin.wait_sent(url, self.HELD)
            [job] = [job["id"] for job in map(json.loads, self.concctl("list --json").splitlines())
                     if "direct.bin" in job["url"]]
            # Jobs of others may go on after a restart as well.
            its = f"CONCD_JOB_ID={job}"
            self.events("job_started", its, after=cursor, count=1)
            self.machine.run("systemctl kill --signal=INT caller.service")
            for requests, restart in enumerate(self.RESTARTS, 2):
                with self.subTest(restart):
                    cursor = self.machine.cursor()
                    self.machine.run(restart, timeout=300)
                    self.events("job_started", its, after=cursor, count=1)
                    origin.wait_for(url, requests)
                    self.assertEqual(self.machine.journal(f"MESSAGE_ID={message_id.of('job_file_lost')}"), [])
            origin.release(url)
            self.events("job_done", its, after=cursor, count=1)
            self.assertEqual(self.concctl(f"wait {job}").strip(), "/root/direct.bin")
            self.assertEqual({request.status for request in origin.requests(url)[1:]}, {206})
        self.assertEqual(self.machine.run("sha256sum /root/direct.bin && rm /root/direct.bin").split()[0],
                         origin_content.digest(self.SIZE, seed="direct"))
