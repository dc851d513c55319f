"""Who runs the daemon and the clients: concd must not be root, so root's tests take other accounts."""

import atexit
import grp
import os
import pathlib
import pwd
import shutil
import tempfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @property
    def user(self):
        return pwd.getpwuid(self.uid).pw_name

    @property
    def group(self):
        return grp.getgrgid(self.gid).gr_name

    def options(self):
        """For subprocess: how to become this account; nothing where that needs no change."""
        if os.geteuid() != 0 or self.uid == 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path):
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        return path


def is_root():
    return os.geteuid() == 0


def daemon_account():
    """Whose daemon it is in these tests: nobody where they run as root, else the caller."""
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid) if is_root() else Account(os.getuid(), os.getgid())


def other_account():
    """Another user (only root has one) who is in the daemon's group."""
    return Account(pwd.getpwnam("games").pw_uid, daemon_account().gid)


_PROGRAMS = ("daemon/concd", "daemon/worker/process/concd-worker", "client/concctl")
_reachable = None


def programs():
    """The build folder that CONCD_BIN_DIR names, or a copy of its programs where the account cannot get there."""
    global _reachable
    if _reachable is None:
        built = pathlib.Path(os.environ["CONCD_BIN_DIR"]).resolve()
        _reachable = built if _open_to_all(built) else _copied(built)
    return _reachable


def _open_to_all(folder):
    return not is_root() or all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def _copied(built):
    copy = pathlib.Path(tempfile.mkdtemp(prefix="concd-programs-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    for program in _PROGRAMS:
        (copy / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(built / program, copy / program)
    shutil.copytree(built / "client/locale", copy / "client/locale")
    return copy
