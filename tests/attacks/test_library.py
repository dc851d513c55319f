"""The library and the other state folders: who touches what was published, and links in the places of files and folders."""

import ctypes
import itertools
import os
import pathlib
import select
import threading

from tests.integration.case import OK, DaemonCase
from tests.support import folder, varlink
from tests.support.deadline import DEFAULT

_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def exchange(one, other):
    """Two paths lead to what the other one led to, in one step."""
    if _LIBC.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def overwrite(path):
    """Writes other bytes, as many, into the file, and sets its time of change back."""
    before = path.stat()
    with open(path, "r+b") as file:
        file.write(b"\0" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_copy(path):
    """As a backup that is restored: the same bytes and time in another file."""
    status, copy = path.stat(), path.with_name(path.name + ".restored")
    copy.write_bytes(path.read_bytes())
    os.chown(copy, status.st_uid, status.st_gid)
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    copy.rename(path)


class LibraryCase(DaemonCase):
    catalog = ""

    def entry(self, url, *lines):
        """A NAME of its own for each test."""
        name = self._testMethodName
        self.daemon.write_catalog("\n".join([f'["{name}"]', f'urls = ["{url}"]', *lines]), name + ".toml")
        self.daemon.reload()
        return name

    def open_result(self, job):
        """The bytes that the daemon hands out; None where it refuses."""
        with self.daemon.client() as client:
            try:
                client.call("OpenResult", id=job)
            except varlink.Error as error:
                self.assertEqual(error.name, "NoResult")
                return None
            with os.fdopen(client.fds.pop(), "rb") as file:
                return file.read()


class Touched(LibraryCase):
    def assert_fetched(self, name, url, times):
        """The library has the right file, after so many transfers of it."""
        path = self.assert_delivered(self.concctl("download", name))
        self.assertEqual(path, self.daemon.library / name)
        self.assertEqual(len(self.origin.requests(url)), times)

    def test_a_file_that_was_overwritten_is_fetched_again(self):
        url = self.url()
        name = self.entry(url, 'fresh_for = "1h"')
        self.assert_fetched(name, url, 1)
        self.assert_fetched(name, url, 1)
        overwrite(self.daemon.library / name)
        self.assert_fetched(name, url, 2)
        self.assert_fetched(name, url, 2)

    def test_a_file_that_was_overwritten_and_has_a_digest_is_fetched_again(self):
        url = self.url()
        name = self.entry(url, f'digest = "sha256:{self.digest()}"')
        self.assert_fetched(name, url, 1)
        overwrite(self.daemon.library / name)
        self.assert_fetched(name, url, 2)

    def test_a_file_that_was_overwritten_while_no_daemon_ran_is_fetched_again(self):
        url = self.url()
        name = self.entry(url, f'digest = "sha256:{self.digest()}"')
        self.assert_fetched(name, url, 1)
        self.daemon.stop()
        overwrite(self.daemon.library / name)
        self.daemon.start()
        self.assert_fetched(name, url, 2)

    def test_a_file_that_was_restored_from_a_backup_is_read_anew_and_kept(self):
        url = self.url()
        name = self.entry(url, f'digest = "sha256:{self.digest()}"')
        self.assert_fetched(name, url, 1)
        replace_by_copy(self.daemon.library / name)
        self.assert_fetched(name, url, 1)
        self.daemon.restart()
        self.assert_fetched(name, url, 1)

    def test_a_file_without_a_digest_that_was_restored_from_a_backup_is_fetched_again(self):
        url = self.url()
        name = self.entry(url, 'fresh_for = "1h"')
        self.assert_fetched(name, url, 1)
        replace_by_copy(self.daemon.library / name)
        self.assert_fetched(name, url, 2)

    def test_a_file_that_was_overwritten_is_not_handed_out(self):
        name = self.entry(self.url(), 'fresh_for = "1h"')
        job = self.daemon.download(name)
        self.daemon.wait(job)
        self.assertEqual(len(self.open_result(job)), 100_000)
        overwrite(self.daemon.library / name)
        self.assertIsNone(self.open_result(job))


class Links(LibraryCase):
    def setUp(self):
        super().setUp()
        self.secret = self.home / "secret"
        self.secret.write_bytes(b"secret")

    def done(self, source):
        job = self.daemon.download(source)
        self.assertEqual(self.daemon.wait(job)[0]["state"], "done")
        return job

    def test_a_link_in_the_place_of_a_file_is_not_followed(self):
        job, name = self.done(self.url()), self.entry(self.url(), 'fresh_for = "1h"')
        named = self.done(name)
        for path in (self.result(job), self.daemon.library / name):
            path.unlink()
            path.symlink_to(self.secret)
        self.assertIsNone(self.open_result(job))
        self.assertIsNone(self.open_result(named))
        self.assert_delivered(self.concctl("download", name))
        self.assertFalse((self.daemon.library / name).is_symlink())
        self.assertEqual(self.secret.read_bytes(), b"secret")

    def test_folders_that_change_places_with_another_all_the_time_hand_out_nothing_of_it(self):
        job, name = self.done(self.url()), self.entry(self.url(), 'fresh_for = "1h"')
        named = self.done(name)
        for asked, path in ((job, self.result(job)), (named, self.daemon.library / name)):
            self.assertIsNotNone(self.open_result(asked))
            decoy = self.daemon.account.own(self._decoy(path))
            over = threading.Event()
            thread = threading.Thread(target=self._change_places, args=(path.parent, decoy, over))
            thread.start()
            try:
                for _ in range(100):
                    self.assertNotEqual(self.open_result(asked), b"secret")
            finally:
                over.set()
                thread.join()

    def _decoy(self, path):
        decoy = self.daemon.state / f"{path.parent.name}.decoy"
        decoy.mkdir()
        (decoy / path.name).write_bytes(b"secret")
        (decoy / path.name).chmod(0o644)
        return decoy

    @staticmethod
    def _change_places(one, other, over):
        """Until it is over; then each is where it was."""
        for turn in itertools.count():
            if turn % 2 == 0 and over.is_set():
                return
            exchange(one, other)


class Removal(DaemonCase):
    """A folder of many files is removed by a thread while the daemon answers."""

    def test_the_daemon_starts_and_answers_while_what_an_earlier_life_left_is_removed(self):
        self.daemon.stop()
        self.addCleanup(lambda: self.daemon.process or self.daemon.start())
        place = self.daemon.folder / "left"
        for name in ("998.1.part.unpack", "999.1.part.unpack"):
            (place / name / "inner").mkdir(parents=True)
            (place / name / "inner/file").write_bytes(b"x")
        for path in (*place.rglob("*"), place):
            self.daemon.account.own(path)
        for path in list(place.iterdir()):
            path.rename(self.daemon.state / "partial" / path.name)
        hold = self.daemon.folder / "hold"
        fifos = {}
        for end in ("here", "go"):
            os.mkfifo(f"{hold}.{end}")
            self.daemon.account.own(pathlib.Path(f"{hold}.{end}"))
            fifos[end] = os.open(f"{hold}.{end}", os.O_RDWR)
            self.addCleanup(os.close, fifos[end])
        self.daemon.start({"CONCD_HOLD_POINT": "trash.removed", "CONCD_HOLD_FIFO": str(hold)})
        self.assertTrue(select.select([fifos["here"]], [], [], DEFAULT)[0], "none of them is removed")
        self.assertEqual(list((self.daemon.state / "partial").iterdir()), [])
        self.assertEqual(len(list((self.daemon.state / "trash").iterdir())), 1)
        self.assert_code(OK, self.concctl("download", self.url()))
        os.write(fifos["go"], b"x")
        folder.wait_until(self.daemon.state / "trash", lambda names: not names, "the trash is not empty")
