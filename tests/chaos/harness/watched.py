"""A daemon whose calls on its state folder are written down by tests/chaos/preload/layer, and fail on demand."""

import errno
import os
import pathlib
import select
import shutil
import signal
import struct

from tests.chaos.harness.replay import log, tree
from tests.chaos.harness.replay.disk import Disk
from tests.support import process
from tests.support.daemon import Daemon
from tests.support.deadline import DEFAULT, Expired

SHORT = -1  # in place of an errno: half of what was to be written


class WatchedDaemon(Daemon):
    """The state folder is `root`/state and is not there at first; everything below `root` is watched."""

    def __init__(self, config=None, catalog=""):
        super().__init__(config, catalog)
        process.adopt_orphans()
        self.root = self._make("root")
        self.state = self.root / "state"
        self.library = self.state / "library"
        self.configure({"daemon": {"state_directory": self.state}})
        self.log_file = self.folder / "calls"
        self._writer = log.Writer(self.log_file)
        self._counts = pathlib.Path(f"{self.log_file}.counts")
        self._counts.write_bytes(bytes(8 * len(log.CALLS)))
        self._counts.chmod(0o666)
        self._layer = self.folder / "chaos_layer.so"
        built = pathlib.Path(os.environ["CONCD_BIN_DIR"]) / "tests/chaos/preload/layer/chaos_layer.so"
        shutil.copy(built, self._layer)  # to where the daemon's account may read it
        self._layer.chmod(0o755)

    def close(self):
        super().close()
        self._writer.close()

    def start(self, fault=None):
        """`fault`: (call, n, errno or SHORT): its n-th time from the first start on fails. For all starts the same."""
        self.start_arguments = [fault]
        environment = {"LD_PRELOAD": str(self._layer), "CONCD_CHAOS_FOLDER": str(self.root),
                       "CONCD_CHAOS_LOG": str(self.log_file)}
        if fault:
            call, turn, error = fault
            environment["CONCD_CHAOS_FAULT"] = f"{log.CALLS.index(call)}:{turn}:{error}"
        return super().start(environment)

    def stop(self, signum=signal.SIGTERM):
        if signum == signal.SIGKILL and self.process is not None:
            # Not between a call and its entry in the log, nor in the middle of that.
            with self._writer.locked():
                self.process.kill()
                self._watcher.join(DEFAULT)
        code = super().stop(signum)
        self._wait_for_orphans()
        return code

    def _wait_for_orphans(self):
        """A worker whose daemon was killed still syncs what it has."""
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and _is_worker_of_ours(int(entry.name)):
                _reap(int(entry.name))

    def mark(self, **fields):
        self._writer.mark(**fields)

    def counts(self):
        """How often each call has been made on the folder, over all lives."""
        return dict(zip(log.CALLS, struct.unpack(f"={len(log.CALLS)}Q", self._counts.read_bytes())))

    def entries(self):
        return log.read(self.log_file)

    def disk(self):
        return Disk(self.root.stat().st_ino)

    def check_log(self):
        """Raises when the log, replayed, is not what the folder holds: then something happened unseen."""
        disk = self.disk()
        for entry in self.entries():
            disk.replay(entry)
        found = tree.read(self.root, lambda path: path.endswith("-shm"))
        differences = disk.now().differences(found)
        if differences:
            raise AssertionError("the log misses something; log and folder:\n" + "\n".join(differences))


def _is_worker_of_ours(pid):
    try:
        return process.stat(pid)["ppid"] == os.getpid() and \
            pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "concd-worker"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _reap(pid):
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], DEFAULT)[0]:
            raise Expired(f"the worker {pid} lives on without its daemon")
        os.waitpid(pid, 0)
    finally:
        os.close(fd)


def error_name(error):
    return "SHORT" if error == SHORT else errno.errorcode[error]
