"""The package goes away without a trace."""

from tests.system.case import MEMBER, SystemTest


class Purge(SystemTest):
    def test_removal_stops_the_service_and_purge_leaves_nothing(self):
        pid = self.machine.main_pid()
        self.machine.run("apt-get remove -y -qq concd", timeout=300)
        self.machine.run(["test", "!", "-e", f"/proc/{pid}"])
        self.machine.run("test -e /etc/concd/concd.toml -a -e /var/lib/concd/queue.db")
        self.machine.run("apt-get purge -y -qq concd", timeout=300)
        left = self.machine.run(
            "find / -xdev \\( -path /proc -o -path /sys -o -path /var/log -o -path /var/cache \\) -prune"
            # What users have made is theirs: their files, and concctl's record of where these belong.
            f" -o -name '*concd*' -not -path '/home/{MEMBER}/*' -not -path '*/.local/state/*' -print"
            " && ls -d /run/concd* 2>/dev/null || true")
        self.assertEqual(left, "")
        self.machine.run("getent passwd concd", status=2)
        self.machine.run("getent group concd", status=2)
        self.machine.run("getent group concd-admin", status=2)
        self.assertEqual(self.machine.unit("LoadState"), "not-found")
