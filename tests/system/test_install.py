"""apt installs the package, which makes its user and its folders and starts the service."""

import shutil
import xml.etree.ElementTree

from tests.system.case import MEMBER, STRANGER, SystemTest

PACKAGE = "/var/cache/concd.deb"


def install(machine, package):
    """Puts the package on the machine, and two people who are to use it."""
    shutil.copy(package, machine.root / PACKAGE.lstrip("/"))
    machine.run(f"apt-get install -y -qq --no-install-recommends {PACKAGE}", timeout=300)
    machine.run(f"useradd -m -G concd {MEMBER} && useradd -m {STRANGER}")


class Install(SystemTest):
    def test_installation_starts_and_enables_service_and_socket(self):
        for unit in ("concd.service", "concd.socket"):
            self.assertEqual(self.machine.run(["systemctl", "is-enabled", unit]).strip(), "enabled")
            self.assertEqual(self.machine.run(["systemctl", "is-active", unit]).strip(), "active")

    def test_the_folders_belong_to_a_user_without_a_shell(self):
        self.assertEqual(self.machine.run("stat -c '%U:%G %a' /var/lib/concd /run/concd").splitlines(),
                         ["concd:concd 750", "concd:concd 755"])
        self.assertEqual(self.machine.run("stat -c '%U:%G %a' /run/concd/concd.sock").strip(), "concd:concd 660")
        self.assertIn("nologin", self.machine.run("getent passwd concd"))
        self.machine.run("getent group concd-admin")

    def test_polkit_is_told_what_it_may_grant(self):
        policy = self.machine.run("cat /usr/share/polkit-1/actions/io.concd.policy")
        tree = xml.etree.ElementTree.fromstring(policy.encode())
        actions = {action.get("id"): action for action in tree.iter("action")}
        self.assertEqual(set(actions), {"io.concd.download", "io.concd.manage-others", "io.concd.see-others"})
        for action in actions.values():
            # Without it the daemon, which is not root, may not ask about the processes of others.
            self.assertEqual(action.findtext("annotate[@key='org.freedesktop.policykit.owner']"), "unix-user:concd")

    def test_units_are_as_systemd_wants_them(self):
        self.assertEqual(self.machine.run("systemd-analyze verify --man=no concd.service concd.socket 2>&1"), "")

    def test_exposure_is_at_most_1_2(self):
        line = self.machine.run("systemd-analyze security --no-pager concd.service").splitlines()[-1]
        self.assertLessEqual(float(line.split(":")[1].split()[0]), 1.2, line)

    def test_the_configuration_of_the_package_is_good(self):
        self.machine.run("concd --check-config")

    def test_it_is_no_test_build(self):
        self.machine.run("! grep -q CONCD_CRASH_POINT /usr/sbin/concd /usr/lib/concd/concd-worker")

    def test_reinstallation_restarts_the_service_and_keeps_the_queue(self):
        before, open_since = self.machine.main_pid(), self.socket_open_since()
        job = self.concctl("download --no-block --force Archivo1.txt").strip()
        self.machine.run(f"apt-get install -y -qq --reinstall {PACKAGE}", timeout=300)
        self.assertNotEqual(self.machine.main_pid(), before)
        self.assertEqual(self.socket_open_since(), open_since)
        self.concctl(f"wait {job}")

    def socket_open_since(self):
        return self.machine.run("systemctl show -P ActiveEnterTimestampMonotonic concd.socket").strip()
