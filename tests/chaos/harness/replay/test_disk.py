"""The imagined disk forgets what a real one may forget, and nothing that was synced."""

import unittest

from tests.chaos.harness.replay.disk import Disk
from tests.chaos.harness.replay.log import EXCHANGE, Entry, Kind, Sync
from tests.chaos.harness.replay.states import crash_states

ROOT, FOLDER, FILE, OTHER = 1, 2, 3, 4


def entry(kind, **fields):
    given = dict(pid=1, error=0, inode=0, folder=0, other_folder=0, offset=0, flags=0, name="", other_name="", data=b"")
    return Entry(kind, **{**given, **fields})


class DiskTest(unittest.TestCase):
    def setUp(self):
        self.disk = Disk(ROOT)
        self.syncs = 0
        self.play(Kind.MAKE_FOLDER, folder=ROOT, name="folder", inode=FOLDER, flags=0o755)
        self.sync(ROOT)

    def play(self, kind, **fields):
        self.disk.replay(entry(kind, **fields))

    def sync(self, inode, error=0, what=Sync.ALL):
        self.syncs += 1
        self.play(Kind.SYNC_BEGIN, inode=inode, offset=self.syncs, flags=what)
        self.play(Kind.SYNC_END, inode=inode, offset=self.syncs, flags=what, error=error)

    def make(self, name, inode=FILE, folder=FOLDER, data=b"old"):
        self.play(Kind.CREATE, folder=folder, name=name, inode=inode, flags=0o600)
        self.play(Kind.WRITE, inode=inode, data=data)

    def move(self, name, other, flags=0):
        self.play(Kind.RENAME, folder=FOLDER, name=name, other_folder=ROOT, other_name=other, flags=flags)

    def state(self, which):
        tree = dict(crash_states(self.disk, 0))[which]
        return {path: node.content.data for path, node in tree.nodes.items() if node.content}

    def test_what_nobody_synced_may_be_there_in_whole_or_in_part(self):
        self.make("a")
        self.assertEqual(self.state("killed"), {"folder/a": b"old"})
        self.assertEqual(self.state("names"), {"folder/a": b""})
        self.assertEqual(self.state("zeros"), {"folder/a": bytes(3)})
        self.assertEqual(self.state("strict"), {})

    def test_a_name_needs_the_sync_of_its_folder(self):
        self.make("a")
        self.sync(FILE)
        self.assertEqual(self.state("strict"), {})
        self.sync(FOLDER)
        self.assertEqual(self.state("strict"), {"folder/a": b"old"})

    def test_a_sync_counts_for_what_was_before_its_beginning(self):
        self.make("a")
        self.sync(FOLDER)
        self.play(Kind.SYNC_BEGIN, inode=FILE, offset=99, flags=Sync.ALL)
        self.play(Kind.WRITE, inode=FILE, offset=3, data=b"new")
        self.assertEqual(self.state("strict"), {"folder/a": b""})
        self.play(Kind.SYNC_END, inode=FILE, offset=99, flags=Sync.ALL)
        self.assertEqual(self.state("strict"), {"folder/a": b"old"})

    def test_a_rename_lasts_with_the_folder_of_the_new_name(self):
        self.make("a")
        self.sync(FILE)
        self.sync(FOLDER)
        self.move("a", "b")
        self.sync(FOLDER)
        self.assertEqual(self.state("strict"), {"folder/a": b"old"})
        self.sync(ROOT)
        self.assertEqual(self.state("strict"), {"b": b"old"})

    def test_an_exchange_happens_to_both_or_to_none(self):
        self.make("a")
        self.make("b", OTHER, ROOT, b"other")
        for inode in (FILE, OTHER, FOLDER, ROOT):
            self.sync(inode)
        self.move("a", "b", EXCHANGE)
        self.assertEqual(self.state("strict"), {"folder/a": b"old", "b": b"other"})
        self.sync(ROOT)
        self.assertEqual(self.state("strict"), {"folder/a": b"other", "b": b"old"})

    def test_what_a_failed_sync_lost_no_later_one_brings_back(self):
        self.make("a")
        self.sync(FOLDER)
        self.sync(FILE, error=5)
        self.sync(FILE)
        self.assertEqual(self.state("strict"), {"folder/a": b""})
        self.play(Kind.WRITE, inode=FILE, data=b"new")
        self.sync(FILE)
        self.assertEqual(self.state("strict"), {"folder/a": b"new"})

    def test_an_inode_number_that_comes_again_is_another_file(self):
        self.make("a")
        self.sync(FILE)
        self.sync(FOLDER)
        self.play(Kind.UNLINK, folder=FOLDER, name="a")
        self.make("b", data=b"new")
        self.sync(FILE)
        self.assertEqual(self.state("strict"), {"folder/a": b"old"})
        self.sync(FOLDER)
        self.assertEqual(self.state("strict"), {"folder/b": b"new"})

    def test_a_sync_of_the_file_system_is_one_of_everything(self):
        self.make("a")
        self.sync(ROOT, what=Sync.FILE_SYSTEM)
        self.assertEqual(self.state("strict"), {"folder/a": b"old"})

    def test_mixtures_keep_what_was_synced(self):
        self.make("a")
        self.sync(FILE)
        self.sync(FOLDER)
        self.play(Kind.WRITE, inode=FILE, offset=3, data=b"new" * 1000)
        for seed in range(50):
            for name, tree in crash_states(self.disk, seed):
                self.assertTrue(tree.nodes["folder/a"].content.data.startswith(b"old"), name)


if __name__ == "__main__":
    unittest.main()
