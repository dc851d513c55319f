"""A real Apache on loopback that serves one folder."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

from tests.support.deadline import DEFAULT

PROGRAM = shutil.which("apache2", path="/usr/sbin:/usr/bin:/sbin:/bin")
MODULES = pathlib.Path("/usr/lib/apache2/modules")

_CONFIG = """
ServerRoot {folder}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Listen 127.0.0.1:{port}
ServerName 127.0.0.1
{modules}
{account}
ErrorLog /dev/stderr
LogLevel notice
LogFormat "%m %U %>s %{{Range}}i" request
CustomLog {folder}/requests request
TypesConfig /dev/null
DocumentRoot {root}
{more}
"""
_NAMES = ("mpm_event", "authz_core", "alias", "mime", "deflate", "filter", "headers", "ratelimit", "env")
_TRIES = 20  # the port that was free may be taken before Apache binds it


class Apache:
    """Listens from construction to close(); put the files into `root`."""

    def __init__(self, more=""):
        """`more`: directives of its server."""
        self._more = more
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concd-apache-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.root.mkdir()
        for _ in range(_TRIES):
            if self._start():
                return
        self.close()
        raise RuntimeError("Apache does not start")

    def _start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = self.folder / "apache2.conf"
        config.write_text(_CONFIG.format(
            folder=self.folder, port=self.port, root=self.root, more=self._more,
            # Started by root it serves as somebody else.
            account="User nobody\nGroup nogroup" if os.geteuid() == 0 else "",
            modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _NAMES)))
        self.process = subprocess.Popen([PROGRAM, "-D", "FOREGROUND", "-f", config], text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env={"PATH": os.environ["PATH"]})
        for line in self.process.stderr:
            if "resuming normal operations" in line:  # said once it listens
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

    def requests(self):
        """Method, path, status and Range of each request that has ended; all of them after close()."""
        return [tuple(line.split(" ")) for line in (self.folder / "requests").read_text().splitlines()]

    def stop(self):
        """What it has written is still there."""
        self.process.terminate()
        self.process.wait(DEFAULT)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
