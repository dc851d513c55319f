"""Mounts of our own that nobody else on the machine sees."""

import contextlib
import ctypes
import errno
import os
import subprocess

BLOCK = 4096
_CLONE_NEWNS = 0x20000


class NotPermitted(Exception):
    """This process may not make mounts."""


def become_private():
    """From now on this process, and what it starts, has a mount namespace of its own. Before any thread is started."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        raise NotPermitted(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    if (done := _mount("--make-rprivate", "/")).returncode != 0:
        raise NotPermitted(f"no private mounts: {done.stderr.strip()}")


_private = False


def become_private_if_permitted():
    """The same for a setUpModule(); are_private() tells how it went."""
    global _private
    with contextlib.suppress(NotPermitted):
        become_private()
        _private = True


def are_private():
    return _private


def _mount(*words):
    return subprocess.run(["mount", *map(str, words)], capture_output=True, text=True)


def mount(*words):
    done = _mount(*words)
    if done.returncode != 0:
        raise OSError(f"mount {' '.join(map(str, words))}: {done.stderr.strip()}")


def unmount(path):
    """Also what is still in use; the last one who uses it lets it go."""
    subprocess.run(["umount", "--lazy", path], check=False, capture_output=True)


class SmallDisk:
    """A tmpfs of `size` bytes on a folder, with a weight in it that takes away as much of it as is asked for."""

    def __init__(self, folder, size, account):
        self.folder, self.size = folder, size
        mount("-t", "tmpfs", "-o", f"size={size},mode=755,uid={account.uid},gid={account.gid}", "concd-test", folder)
        self._weight = folder / "weight"
        self._weight.touch()

    def close(self):
        unmount(self.folder)

    def free(self):
        status = os.statvfs(self.folder)
        return status.f_bavail * status.f_frsize

    def leave(self, free):
        """The weight becomes such that `free` bytes are left, or as many as others leave."""
        now = os.stat(self._weight).st_blocks * 512
        wanted = max(0, now + self.free() - free)
        with open(self._weight, "r+b") as file:
            if wanted < now:
                file.truncate(wanted)
            while wanted > now:
                try:
                    os.posix_fallocate(file.fileno(), 0, wanted)
                    return
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    wanted = (wanted + now) // 2 // BLOCK * BLOCK  # somebody else was faster
