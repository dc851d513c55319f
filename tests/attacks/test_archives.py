"""What an archive of a stranger can make: files of 0644 or 0755, folders of 0755, links that stay inside, or nothing."""

import gzip
import io
import os
import stat
import tarfile
import unittest
import zipfile

from tests.integration.case import OK, VERIFICATION, DaemonCase


def entry(name, kind=tarfile.REGTYPE, mode=0o644, link="", **keys):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, link
    for key, value in keys.items():
        setattr(info, key, value)
    return info


def header(info, data=b"", form=tarfile.PAX_FORMAT):
    """One entry, whatever its type says about data."""
    info.size = len(data)
    return info.tobuf(form) + data + b"\0" * (-len(data) % 512)


def tar(*entries):
    return b"".join(entries) + b"\0" * 1024


def zipped(name, data=b"x", mode=0o100644):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, mode << 16
        file.writestr(info, data)
    return packed.getvalue()


class Archives(DaemonCase):
    @classmethod
    def prepare(cls):
        cls.archives = cls.daemon._make("archives")
        cls.daemon.configure({"transfer": {"file_roots": [cls.archives]}})

    def unpack(self, data):
        """How concctl ended, and the folder that may have been published."""
        name = self._testMethodName + "-" + str(len(os.listdir(self.archives)))
        archive = self.archives / name
        archive.write_bytes(data)
        self.daemon.account.own(archive)
        self.daemon.write_catalog(f'["{name}"]\nurls = ["file://{archive}"]\nunpack = true\n')
        self.assertEqual(self.daemon.reload().event, "reloaded")
        return self.concctl("download", name), self.daemon.library / name

    def assert_refused(self, data, why):
        finished, folder = self.unpack(data)
        self.assert_code(VERIFICATION, finished)
        self.assertIn(why, finished.stderr)
        self.assertFalse(folder.exists())

    def assert_harmless(self, data):
        finished, folder = self.unpack(data)
        self.assert_code(OK, finished)
        for path in (folder, *folder.rglob("*")):
            status = path.lstat()
            if not stat.S_ISLNK(status.st_mode):
                self.assertIn(status.st_mode, (stat.S_IFDIR | 0o755, stat.S_IFREG | 0o644, stat.S_IFREG | 0o755), path)
        return folder

    def test_no_archive_has_a_say_in_more_than_that_a_file_can_be_run(self):
        self.assert_harmless(tar(*(header(entry(f"file-{mode:o}", mode=mode), b"x")
                                   for mode in (0o4755, 0o2755, 0o1777, 0o666, 0o777, 0o000, 0o6777)),
                                 header(entry("folder", tarfile.DIRTYPE, 0o7777))))
        self.assert_harmless(zipped("file", mode=stat.S_IFREG | 0o6777))

    def test_a_hard_link_that_carries_data_has_no_say_in_the_mode_of_its_file(self):
        link = entry("link", tarfile.LNKTYPE, 0o6777, "file", pax_headers={"atime": "1000000000.5"})
        folder = self.assert_harmless(tar(header(entry("file"), b"first"), header(link, b"again")))
        self.assertEqual((folder / "file").stat().st_ino, (folder / "link").stat().st_ino)

    def test_a_hard_link_leads_to_a_file_of_this_archive_or_nowhere(self):
        secret = self.daemon.account.own(self.home / "secret") if (self.home / "secret").write_text("x") else None
        for target in (str(secret), "../" * 9 + str(secret)[1:], "/etc/passwd", "missing"):
            with self.subTest(target):
                self.assert_refused(tar(header(entry("link", tarfile.LNKTYPE, link=target))), "link")
        self.assert_refused(tar(header(entry("s", tarfile.SYMTYPE, link="f")),
                                header(entry("link", tarfile.LNKTYPE, link="s"))), "link")
        self.assertEqual(secret.stat().st_nlink, 1)

    def test_no_path_leads_out_of_the_folder(self):
        for name in ("../out", "a/../../out", "/tmp/out", "a/../b"):
            with self.subTest(name):
                self.assert_refused(tar(header(entry(name), b"x")), "an entry leads out of the folder")
                self.assert_refused(zipped(name), "an entry leads out of the folder")
        self.assertEqual([path for path in self.daemon.state.rglob("out")], [])

    def test_nothing_is_written_through_a_link(self):
        for target in ("..", "/tmp", str(self.home), "a/../../.."):
            with self.subTest(target):
                self.assert_refused(tar(header(entry("link", tarfile.SYMTYPE, link=target)),
                                        header(entry("link/planted"), b"x")), "a link leads out of the folder")
        finished, folder = self.unpack(tar(header(entry("inside", tarfile.DIRTYPE, 0o755)),
                                           header(entry("link", tarfile.SYMTYPE, link="inside")),
                                           header(entry("link/planted"), b"x")))
        self.assertFalse((folder / "inside/planted").exists(), finished)
        self.assertEqual(os.listdir(self.home), [])

    def test_neither_devices_nor_pipes_are_made(self):
        for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            with self.subTest(kind):
                self.assert_refused(tar(header(entry("special", kind, devmajor=1, devminor=3))),
                                    "an entry is neither file, folder nor link")

    def test_a_sparse_file_counts_with_its_holes(self):
        form = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "huge",
                "GNU.sparse.realsize": str(1 << 50)}
        data = f"1\n{(1 << 50) - 1}\n1\n".encode().ljust(512, b"\0") + b"x"
        self.assert_refused(tar(header(entry("huge", pax_headers=form), data)), "it holds more than")

    def test_gzip_in_gzip_is_limited_by_what_comes_out(self):
        info = entry("zeros")
        info.size = 1 << 40
        bomb = info.tobuf(tarfile.GNU_FORMAT) + b"\0" * (16 << 20)
        for _ in range(3):
            bomb = gzip.compress(bomb)
        self.assertLess(len(bomb), 10_000)
        self.assert_refused(bomb, "it holds more than")

    def test_what_is_packed_inside_is_left_packed(self):
        inner = zipped("zeros", b"\0" * (1 << 20))
        folder = self.assert_harmless(zipped("inner.zip", inner))
        self.assertEqual((folder / "inner.zip").read_bytes(), inner)


if __name__ == "__main__":
    unittest.main()
