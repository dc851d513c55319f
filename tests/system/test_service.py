"""The service under systemd: start, stop, restart, reload, watchdog, double fork, idleness."""

from tests.system.case import SystemTest


class Service(SystemTest):
    def setUp(self):
        self.restart()

    def test_start_stop_restart_and_status(self):
        self.machine.run("systemctl stop concd.service concd.socket")
        self.assertEqual(self.machine.unit("Result"), "success")
        self.machine.run("systemctl status concd.service", status=3)
        self.machine.run("systemctl start concd")
        first = self.machine.main_pid()
        self.machine.run("systemctl restart concd")
        self.assertNotEqual(self.machine.main_pid(), first)
        status = self.machine.run("systemctl status concd.service")
        self.assertIn("active (running)", status)
        self.assertRegex(status, r'Status: ".*active')

    def test_stop_ends_cleanly_and_says_so(self):
        cursor = self.restart()
        self.machine.run("systemctl stop concd.service")
        self.assertEqual(self.machine.unit("ExecMainStatus"), "0")
        self.events("stopping", after=cursor, count=1)
        self.machine.run("systemctl start concd.service")

    def test_the_main_process_is_double_forked(self):
        self.restart()
        pid = self.machine.main_pid()
        _, parent, group, session, terminal, *_ = self.process(pid)
        self.assertEqual(parent, "1")
        self.assertEqual(terminal, "0", "it has a controlling terminal")
        self.assertNotEqual(session, str(pid), "a session leader could get a terminal")
        self.machine.run(["test", "!", "-e", f"/proc/{session}"])
        self.assertEqual(group, session)
        inside = self.machine.run("cat /sys/fs/cgroup/system.slice/concd.service/cgroup.procs").split()
        self.assertEqual(inside, [str(pid)], "the first process, or another one, is still there")

    def test_only_the_main_process_notifies(self):
        cursor = self.restart()
        for entry in self.machine.journal("_PID=1", after=cursor):
            self.assertNotIn("reception only permitted", str(entry["MESSAGE"]))

    def test_it_runs_without_privilege(self):
        status = self.machine.run(f"cat /proc/{self.machine.main_pid()}/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        self.assertEqual(fields["CapEff"], "0" * 16)
        self.assertEqual(fields["CapBnd"], "0" * 16)
        self.assertEqual(fields["NoNewPrivs"], "1")
        self.assertEqual(fields["Seccomp"], "2")
        self.assertNotIn("0", fields["Uid"].split())

    def test_reload_takes_a_good_file(self):
        cursor = self.restart()
        pid = self.machine.main_pid()
        path = "/etc/concd/concd.toml.d/reload.toml"
        self.put(path, '[daemon]\nheartbeat = "1s"\n')
        self.machine.run("systemctl reload concd")
        self.events("reloaded", after=cursor, count=1)
        # Five beats within 20 s are not to be had with the interval of 5 s.
        self.events("heartbeat", after=cursor, count=5, timeout=20)
        self.machine.run(f"rm {path} && systemctl reload concd")
        self.events("reloaded", after=cursor, count=2)
        self.assertEqual(self.machine.main_pid(), pid)
        self.assertEqual(self.machine.unit("ActiveState"), "active")

    def test_reload_refuses_a_bad_file_and_goes_on(self):
        cursor = self.restart()
        pid = self.machine.main_pid()
        path = "/etc/concd/concd.toml.d/reload.toml"
        self.put(path, '[daemon]\nheartbaet = "1s"\n')
        self.machine.run("systemctl reload concd")
        refused = self.events("reload_refused", after=cursor, count=1)[0]
        self.assertIn(f"{path}:2:1", refused["CONCD_ERROR"])
        self.assertIn("heartbeat", refused["CONCD_ERROR"], "the nearest key is not named")
        self.machine.run("concd --check-config", status=78)
        self.assertEqual(self.machine.main_pid(), pid)
        self.concctl("status")

    def test_a_bad_file_at_the_start_is_told_and_not_tried_again(self):
        path = "/etc/concd/concd.toml.d/start.toml"
        self.put(path, "[queue]\nlimit = -1\n")
        cursor = self.machine.cursor()
        self.machine.run("systemctl restart concd", status=1)
        self.assertEqual(self.machine.unit("ExecMainStatus"), "78")
        self.assertEqual(self.machine.unit("ActiveState"), "failed")
        said = self.machine.journal("_SYSTEMD_UNIT=concd.service", after=cursor)
        self.assertTrue(any(path in str(entry["MESSAGE"]) for entry in said), said)

    def test_the_service_cannot_write_its_own_configuration(self):
        entry = '["evil.txt"]\nurl = "https://evil.example/x"\n'
        for folder in "catalog.d", "concd.toml.d":
            self.machine.run(f"install -d -o concd -g concd /run/concd/{folder}")
            self.addCleanup(self.machine.run, f"rm -r /run/concd/{folder}")
        self.machine.write("/run/concd/catalog.d/evil.toml", entry)
        self.machine.write("/run/concd/concd.toml.d/evil.toml", '[daemon]\nlog_level = "no such level"\n')
        self.machine.run("chown -R concd:concd /run/concd/*.d")
        cursor = self.restart()
        self.assertNotIn("evil", self.concctl("catalog"))
        # Where its files would count, they count from root only.
        path = "/etc/concd/catalog.d/evil.toml"
        self.machine.run("mkdir -p /etc/concd/catalog.d")
        self.put(path, entry)
        self.machine.run(f"chown concd {path} && systemctl reload concd")
        refused = self.events("reload_refused", after=cursor, count=1)[0]
        self.assertIn(f"{path}: belongs to user", refused["CONCD_ERROR"])
        self.assertNotIn("evil", self.concctl("catalog"))
        self.machine.run(f"chown root {path} && systemctl reload concd")
        self.events("reloaded", after=cursor, count=1)
        self.assertIn("evil", self.concctl("catalog"))

    def test_it_is_started_again_however_often_it_fails(self):
        with self.unit_setting("RestartSec=10ms"):
            cursor = self.machine.cursor()
            for count in range(1, 8):
                self.machine.run(["kill", "-KILL", self.machine.main_pid()])
                self.events("started", after=cursor, count=count)

    def test_a_stopped_process_is_killed_by_the_watchdog_and_started_again(self):
        with self.unit_setting("WatchdogSec=3s"):
            cursor = self.machine.cursor()
            pid = self.machine.main_pid()
            self.machine.run(["kill", "-STOP", pid])
            self.events("started", after=cursor, count=1)
            self.assertNotEqual(self.machine.main_pid(), pid)
            said = " ".join(str(entry["MESSAGE"]) for entry in self.machine.journal("_PID=1", after=cursor))
            self.assertIn("Failed with result 'watchdog'", said)

    def test_the_watchdog_is_fed_over_the_double_fork(self):
        with self.unit_setting("WatchdogSec=1s"):
            cursor = self.machine.cursor()
            pid = self.machine.main_pid()
            self.events("heartbeat", after=cursor, count=2)  # 5 s at least, so five watchdog times
            self.assertEqual(self.machine.main_pid(), pid)
            self.assertEqual(self.machine.unit("NRestarts"), "0")

    def test_a_second_instance_is_refused_with_the_pid_of_the_first(self):
        pid = self.machine.main_pid()
        done = self.machine.execute("concd")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn(str(pid), done.stderr)

    def test_idle_it_wakes_for_heartbeat_and_watchdog_only_and_is_small(self):
        cursor = self.restart()
        self.concctl("status")
        pid = self.machine.main_pid()
        self.events("heartbeat", after=cursor, count=1)
        before = self.switches(pid)
        self.events("heartbeat", after=cursor, count=4)
        woken = self.switches(pid) - before
        # Three heartbeats and at most two watchdog pings, each waking the main thread and the journal's.
        self.assertLessEqual(woken, 16)
        resident = int(self.machine.run(f"grep VmRSS /proc/{pid}/status").split()[1])
        self.assertLess(resident, 20 * 1024)

    def switches(self, pid):
        text = self.machine.run(f"cat /proc/{pid}/task/*/status | grep ^voluntary_ctxt_switches")
        return sum(int(line.split()[1]) for line in text.splitlines())
