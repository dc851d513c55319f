"""Socket activation: the first caller starts the service, and none is lost while it restarts."""

from tests.system.case import SystemTest


class Socket(SystemTest):
    def setUp(self):
        self.restart()
        self.addCleanup(self.restart)

    def test_the_first_connection_starts_the_service(self):
        self.machine.run("systemctl stop concd.service && systemctl start concd.socket")
        self.assertEqual(self.machine.unit("ActiveState"), "inactive")
        self.concctl("status")
        self.assertEqual(self.machine.unit("ActiveState"), "active")

    def test_the_service_listens_on_the_socket_of_systemd(self):
        def sockets(pid):
            # Of listening sockets only: connections come and go.
            listening = self.machine.run("awk '$8 == \"/run/concd/concd.sock\" && $6 == \"01\" {print $7}' /proc/net/unix")
            held = self.machine.run(f"readlink /proc/{pid}/fd/* || true")
            return {inode for inode in listening.split() if f"socket:[{inode}]" in held}
        self.restart()
        self.assertEqual(len(sockets(1)), 1)
        self.assertEqual(sockets(self.machine.main_pid()), sockets(1))

    def test_no_connection_is_lost_over_restarts(self):
        self.machine.write("/root/calls", """
            calls=0
            until [ -e /root/enough ]; do
              concctl status >/dev/null || exit 1
              calls=$((calls + 1))
              echo $calls
            done
        """)
        caller = self.machine.start("sh /root/calls")
        caller.stdout.readline()
        for _ in range(5):
            self.restart()
            caller.stdout.readline()
        self.machine.write("/root/enough", "")
        output, errors = caller.communicate(timeout=60)
        self.machine.run("rm /root/enough /root/calls")
        self.assertEqual(caller.returncode, 0, errors)
        self.assertGreater(int(output.split()[-1]), 5)

    def test_without_the_socket_unit_the_service_binds_it_itself(self):
        self.machine.run("systemctl stop concd.service concd.socket && systemctl mask --runtime concd.socket")
        try:
            self.machine.run("systemctl start concd.service")
            self.concctl("status")
        finally:
            self.machine.run("systemctl stop concd.service && systemctl unmask --runtime concd.socket &&"
                             " systemctl start concd.socket concd.service")

    def test_without_a_daemon_the_client_says_how_to_start_it(self):
        self.machine.run("systemctl stop concd.service concd.socket")
        done = self.machine.execute("concctl download Archivo1.txt")
        self.assertEqual(done.returncode, 11, done.stderr)
        self.assertIn("systemctl start concd", done.stderr)
        self.machine.run("systemctl start concd.socket")
