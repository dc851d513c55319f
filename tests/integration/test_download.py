"""concctl download: what comes where, and what is said."""

import json
import os
import unittest

from tests.integration.case import FILE, OK, DaemonCase
from tests.support import origin_content
from tests.support.account import Account, is_root, other_account
from tests.support.origin_script import LAST_MODIFIED


class Names(DaemonCase):
    @classmethod
    def prepare(cls):
        cls.digested = cls.origin.url("/file/5000/x", seed="digested")
        cls.plain = cls.origin.url("/file/5000/x", seed="plain")
        cls.daemon.write_catalog(f"""
["digested"]
urls = ["{cls.digested}"]
digest = "sha256:{origin_content.digest(5000, "digested")}"
["plain"]
urls = ["{cls.plain}"]
["mirrored"]
urls = ["{cls.origin.url("/file/5000/x", seed="mirrored", status=404)}", "{cls.origin.url("/file/5000/x", seed="mirrored")}"]
""", "more.toml")

    def test_a_name_ends_in_the_library_and_stdout_says_where(self):
        finished = self.concctl("download", "digested")
        path = self.assert_delivered(finished, 5000, seed="digested")
        self.assertEqual(path, self.daemon.library / "digested")
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)

    def test_a_name_with_a_digest_that_is_present_is_not_fetched_again(self):
        self.assert_code(OK, self.concctl("download", "digested"))
        before = len(self.origin.requests(self.digested))
        self.assert_delivered(self.concctl("download", "digested"), 5000, seed="digested")
        self.assertEqual(len(self.origin.requests(self.digested)), before)

    def test_force_fetches_a_present_name_anew(self):
        self.assert_code(OK, self.concctl("download", "digested"))
        before = len(self.origin.requests(self.digested))
        self.assert_delivered(self.concctl("download", "--force", "digested"), 5000, seed="digested")
        self.assertEqual(len(self.origin.requests(self.digested)), before + 1)

    def test_a_name_without_a_digest_is_revalidated_and_replaced_when_it_changed(self):
        self.assert_delivered(self.concctl("download", "plain"), 5000, seed="plain")
        self.origin.change(self.plain)
        self.assert_delivered(self.concctl("download", "plain"), 5000, version=1, seed="plain")

    def test_an_unchanged_name_is_not_sent_again(self):
        self.assert_code(OK, self.concctl("download", "plain"))
        before = self.origin.bytes_sent(self.plain)
        self.assert_code(OK, self.concctl("download", "plain"))
        self.assertEqual(self.origin.bytes_sent(self.plain), before)
        self.assertEqual(self.origin.requests(self.plain)[-1].status, 304)

    def test_the_next_mirror_is_taken_where_the_first_has_no_such_file(self):
        self.assert_delivered(self.concctl("download", "mirrored"), 5000, seed="mirrored")

    def test_output_gives_the_caller_a_copy_of_a_name(self):
        finished = self.concctl("download", "digested", "-o", "copy")
        self.assertEqual(self.assert_delivered(finished, 5000, seed="digested"), self.home / "copy")


class Urls(DaemonCase):
    def test_a_url_ends_in_the_callers_folder_as_the_callers_file(self):
        path = self.assert_delivered(self.concctl("download", self.url()))
        self.assertEqual(path, self.home / "file.bin")
        self.assertEqual(path.stat().st_uid, self.daemon.account.uid)

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_the_file_belongs_to_whoever_asked(self):
        other = other_account()
        os.chown(self.home, other.uid, other.gid)
        path = self.assert_delivered(self.concctl("download", self.url(), account=other))
        self.assertEqual(path.stat().st_uid, other.uid)

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_root_may_copy_the_file_and_the_owner_gets_it_still(self):
        job = int(self.assert_code(OK, self.concctl("download", "--no-block", self.url())).stdout)
        path = self.assert_delivered(self.concctl("wait", job, "-o", "roots", account=Account(0, 0)))
        self.assertEqual(path, self.home / "roots")
        self.assertFalse(self.daemon.job(job)["released"])
        self.assertEqual(self.assert_delivered(self.concctl("wait", job)), self.home / "file.bin")

    def test_the_callers_umask_decides_the_mode(self):
        path = self.assert_delivered(self.concctl("download", self.url(), umask=0o027))
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)

    def test_the_servers_time_is_kept(self):
        path = self.assert_delivered(self.concctl("download", self.url()))
        self.assertEqual(int(path.stat().st_mtime), LAST_MODIFIED)

    def test_the_daemon_keeps_no_copy_once_it_is_delivered(self):
        self.assert_delivered(self.concctl("download", self.url()))
        job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]
        self.assert_nothing_left(job["id"])
        self.assertTrue(job["direct"])

    def test_what_was_fetched_for_nobody_is_dropped_once_it_is_delivered(self):
        job = int(self.assert_code(OK, self.concctl("download", "--no-block", self.url())).stdout)
        self.assert_delivered(self.concctl("wait", job))
        self.assert_nothing_left(job)
        self.assertTrue(self.daemon.job(job)["released"])

    def test_output_names_the_file(self):
        path = self.assert_delivered(self.concctl("download", self.url(), "-o", "other.bin"))
        self.assertEqual(path, self.home / "other.bin")

    def test_output_may_be_a_folder(self):
        (self.home / "sub").mkdir()
        self.daemon.account.own(self.home / "sub")
        path = self.assert_delivered(self.concctl("download", self.url(), "-o", "sub"))
        self.assertEqual(path, self.home / "sub/file.bin")

    def test_a_folder_whose_name_is_no_utf8_is_as_good_as_any(self):
        folder = os.path.join(os.fsencode(self.home), b"a\xffb")
        os.mkdir(folder)
        self.daemon.account.own(folder)
        self.assert_code(OK, self.concctl("download", "-q", "--json", self.url(), cwd=folder))
        job = int(self.assert_code(OK, self.concctl("download", "--no-block", self.url(), cwd=folder)).stdout)
        self.assert_code(OK, self.concctl("wait", "--json", job, cwd=folder))
        self.assertEqual(sorted(os.listdir(folder)), [b"file.bin", b"file.bin.1"])

    def test_a_folder_that_may_be_written_but_not_read_gets_its_file(self):
        self.home.chmod(0o333)
        self.addCleanup(self.home.chmod, 0o755)
        finished = self.concctl("download", self.url())
        self.home.chmod(0o755)
        self.assertEqual(self.assert_delivered(finished), self.home / "file.bin")
        self.assertEqual(os.listdir(self.home), ["file.bin"])

    def test_an_existing_file_is_kept_and_the_next_free_name_is_taken(self):
        (self.home / "file.bin").write_text("mine")
        self.assertEqual(self.assert_delivered(self.concctl("download", self.url())), self.home / "file.bin.1")
        self.assertEqual(self.assert_delivered(self.concctl("download", self.url())), self.home / "file.bin.2")
        self.assertEqual((self.home / "file.bin").read_text(), "mine")

    def test_wait_finds_the_file_again_under_the_name_that_it_got(self):
        (self.home / "file.bin").write_bytes(bytes(100_000))
        os.utime(self.home / "file.bin", (1, 1))
        for keys in {}, {"lm": "none", "chunked": 1}:
            path = self.assert_delivered(self.concctl("download", self.url(**keys)))
            job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]["id"]
            self.assertEqual(self.concctl("wait", job).stdout, f"{path}\n")
            path.unlink()
            finished = self.assert_code(FILE, self.concctl("wait", job))
            self.assertEqual(finished.stdout, "")
            self.assertIn(f"gone from {self.home / 'file.bin'}", finished.stderr)

    def test_force_replaces_an_existing_file(self):
        (self.home / "file.bin").write_text("mine")
        self.daemon.account.own(self.home / "file.bin")
        self.assertEqual(self.assert_delivered(self.concctl("download", "--force", self.url())), self.home / "file.bin")

    def test_nothing_but_the_file_is_left_in_the_folder(self):
        self.assert_delivered(self.concctl("download", self.url()))
        self.assertEqual(os.listdir(self.home), ["file.bin"])

    def test_many_arguments_are_fetched_at_once(self):
        urls = [self.url(name=f"{index}.bin", seed=f"many{index}", hold=10) for index in range(6)]
        process = self.popen("download", *urls)
        for url in urls:
            self.origin.wait_sent(url, 10)  # none is finished: each is held
        for url in urls:
            self.origin.release(url)
        finished = self.assert_code(OK, self.daemon.collect(process))
        self.assertEqual(sorted(finished.stdout.split()), [str(self.home / f"{index}.bin") for index in range(6)])

    def test_equal_requests_share_one_transfer(self):
        url = self.url(hold=10)
        first = self.popen("download", url)
        self.origin.wait_sent(url, 10)
        with self.daemon.events() as events:
            second = self.popen("download", url, "-o", "second.bin")
            events.wait_for("accepted")
            self.origin.release(url)
        self.assert_delivered(self.daemon.collect(first))
        self.assert_delivered(self.daemon.collect(second))
        self.assertEqual(len(self.origin.requests(url)), 1)

    def test_an_empty_file_is_a_file(self):
        self.assert_delivered(self.concctl("download", self.url(0)), 0)

    def test_a_size_need_not_be_known(self):
        self.assert_delivered(self.concctl("download", self.url(chunked=True)))
        self.assert_delivered(self.concctl("download", self.url(length="none")))

    def test_redirects_are_followed(self):
        url = self.origin.url("/redirect/3", to=self.url())
        path = self.assert_delivered(self.concctl("download", url, "-o", "redirected"))
        self.assertEqual(path, self.home / "redirected")

    def test_quiet_prints_only_the_path(self):
        finished = self.concctl("download", "-q", self.url())
        self.assert_delivered(finished)
        self.assertEqual(finished.stderr, "")

    def test_no_progress_is_drawn_where_there_is_no_terminal(self):
        finished = self.concctl("download", self.url())
        self.assertNotIn("\r", finished.stderr)
        self.assertNotIn("\x1b", finished.stderr)

    def test_json_prints_one_object_a_line(self):
        finished = self.assert_code(OK, self.concctl("download", "--json", self.url()))
        events = [json.loads(line) for line in finished.stdout.splitlines()]
        self.assertGreaterEqual(len(events), 2)

    def test_no_block_prints_only_the_id_and_wait_delivers_later(self):
        url = self.url(hold=10)
        finished = self.assert_code(OK, self.concctl("download", "--no-block", url))
        job = int(finished.stdout)
        self.origin.wait_sent(url, 10)
        self.origin.release(url)
        self.assert_delivered(self.concctl("wait", job))

    def test_a_right_digest_is_verified(self):
        self.assert_delivered(self.concctl("download", "--digest", f"sha256:{self.digest()}", self.url()))


class CatalogEdited(DaemonCase):
    config = {"queue": {"active": 1}}

    def declare(self, seed, more=""):
        self.daemon.write_catalog(f'["file"]\nurls = ["{self.origin.url("/file/5000/x", seed=seed)}"]\n{more}', "file.toml")
        self.assertEqual(self.daemon.reload().event, "reloaded")

    def test_what_another_url_brought_is_not_fresh(self):
        self.declare("one", 'fresh_for = "1h"\n')
        self.assert_delivered(self.concctl("download", "file"), 5000, seed="one")
        self.declare("two", 'fresh_for = "1h"\n')
        self.assert_delivered(self.concctl("download", "file"), 5000, seed="two")

    def test_who_forces_it_is_not_satisfied_by_anothers_revalidation(self):
        self.declare("forced")
        self.assert_delivered(self.concctl("download", "file"), 5000, seed="forced")
        held = self.url(hold=10)
        first = self.daemon.download(held)
        self.origin.wait_sent(held, 10)
        jobs = [self.daemon.download("file"), self.daemon.download("file", force=True)]
        url = self.origin.url("/file/5000/x", seed="forced")
        before = len(self.origin.requests(url))
        self.origin.release(held)
        self.assertEqual({job["state"] for job in self.daemon.wait(first, *jobs)}, {"done"})
        self.assertEqual([request.status for request in self.origin.requests(url)[before:]], [200])


if __name__ == "__main__":
    unittest.main()
