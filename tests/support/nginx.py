"""A real nginx on loopback that serves one folder."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")

_CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; {more} }}
}}
"""
_TRIES = 20  # the port that was free may be taken before nginx binds it


class Nginx:
    """Listens from construction to close(); put the files into `root`."""

    def __init__(self, more=""):
        """`more`: directives of its server."""
        self._more = more
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concd-nginx-"))
        self.folder.chmod(0o755)
        self.root = self.folder / "root"
        self.root.mkdir()
        for _ in range(_TRIES):
            if self._start():
                return
        self.close()
        raise RuntimeError("nginx does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = self.folder / "nginx.conf"
        config.write_text(_CONFIG.format(folder=self.folder, port=self.port, root=self.root, more=self._more))
        self.process = subprocess.Popen([PROGRAM, "-p", self.folder, "-e", "stderr", "-c", config], text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env={"PATH": os.environ["PATH"]})
        for line in self.process.stderr:
            if "event method" in line:  # said once it listens
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

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
