"""A real web server on loopback that serves one folder."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

from tests.support.deadline import DEFAULT

_TRIES = 20  # the port that was free may be taken before the server binds it


def find_program(name):
    """None where it is not installed."""
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")


class WebServer:
    """Listens from construction to close(); put the files into `root`."""

    name = None  # of its configuration file and folder
    ready = None  # what it says on standard error once it listens

    def __init__(self, more=""):
        """`more`: directives of its server."""
        self._more = more
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"concd-{self.name}-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.root.mkdir()
        for _ in range(_TRIES):
            if self._start():
                return
        self.close()
        raise RuntimeError(f"{self.name} does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def configuration(self):
        """For self.port, self.folder and self.root."""
        raise NotImplementedError

    def command(self, config):
        """The program, which stays in the foreground, and its arguments."""
        raise NotImplementedError

    def _start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = self.folder / f"{self.name}.conf"
        config.write_text(self.configuration())
        self.process = subprocess.Popen(self.command(config), text=True, stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"]})
        for line in self.process.stderr:
            if self.ready in line:
                threading.Thread(target=self._drain, args=(self.process.stderr,), daemon=True).start()
                return True
        self.process.stderr.close()
        self.process.wait()
        return False

    @staticmethod
    def _drain(stream):
        with stream:
            for _ in stream:
                pass

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def stop(self):
        """What it has written is still there."""
        self.process.terminate()
        self.process.wait(DEFAULT)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
