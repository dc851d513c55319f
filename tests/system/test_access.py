"""Who may use the service: root and the group's members, and nobody else."""

from tests.support.origin import Origin
from tests.system.case import MEMBER, STRANGER, SystemTest


class Access(SystemTest):
    def test_root_may(self):
        self.concctl("status")

    def test_a_member_of_the_group_may(self):
        self.concctl("status", user=MEMBER)

    def test_a_stranger_is_refused_clearly(self):
        done = self.machine.execute("concctl status", user=STRANGER)
        self.assertEqual(done.returncode, 13, done.stderr)
        self.assertIn("concd", done.stderr)
        self.assertIn("group", done.stderr)

    def test_the_library_is_read_by_members_and_by_nobody_else(self):
        path = self.concctl("download Archivo1.txt", user=MEMBER).strip()
        self.machine.run(f"cat {path}", user=MEMBER)
        self.machine.run(f"cat {path}", status=1, user=STRANGER)

    def test_a_file_belongs_to_the_caller_and_lies_in_its_folder(self):
        with Origin() as origin:
            self.concctl(f"download '{origin.url('/file/70000/casa.bin')}'", user=MEMBER)
        status = self.machine.run(f"stat -c '%U %G %s' /home/{MEMBER}/casa.bin").split()
        self.assertEqual(status, [MEMBER, MEMBER, "70000"])

    def test_the_job_remembers_who_asked(self):
        cursor = self.machine.cursor()
        self.concctl("download --no-block --force Archivo2.txt", user=MEMBER)
        accepted = self.events("job_accepted", after=cursor, count=1)[0]
        self.assertEqual(accepted["CONCD_UID"], self.machine.run(["id", "-u", MEMBER]).strip())
