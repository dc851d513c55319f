"""How the cases have files fetched: by a loop of reads and writes, by concctl, and by the tools that people use."""

import contextlib
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import time
import urllib.parse
from dataclasses import dataclass

from tests.bench.stage import cpu_seconds

_BUFFER = 1 << 20
_LONGEST = 600  # seconds of a tool


@dataclass
class Spent:
    seconds: float
    cpu: float  # seconds of the processor


def _children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _sync(folder):
    """As a person would who wants to be sure: each file, and their names."""
    for path in pathlib.Path(folder).iterdir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)


def _sha256(folder):
    subprocess.run(["sha256sum", "--", *sorted(pathlib.Path(folder).iterdir())], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def _measured(spent, daemon=None):
    cpu = cpu_seconds(daemon.pid) if daemon else 0
    before, start = _children_cpu() + time.process_time(), time.monotonic()
    yield
    spent.seconds = time.monotonic() - start
    spent.cpu = _children_cpu() + time.process_time() - before + (cpu_seconds(daemon.pid) - cpu if daemon else 0)


def loop(urls, folder, digest=None):
    """What a program does that does nothing else: one connection, buffers of 1 MiB, and an fsync."""
    spent = Spent(0, 0)
    with _measured(spent):
        for url in urls:
            _copy(url, pathlib.Path(folder) / url.rpartition("/")[2])
    return spent


def _copy(url, path):
    at = urllib.parse.urlsplit(url)
    buffer = bytearray(_BUFFER)
    with socket.create_connection((at.hostname, at.port)) as connection, open(path, "wb", buffering=0) as file:
        connection.sendall(f"GET {at.path} HTTP/1.0\r\nHost: {at.netloc}\r\n\r\n".encode())
        received = connection.recv_into(buffer)
        body = bytes(buffer[:received]).partition(b"\r\n\r\n")[2]
        file.write(body)
        while received := connection.recv_into(buffer):
            file.write(memoryview(buffer)[:received])
        os.fsync(file.fileno())


def concd(daemon, urls, folder, digest=None):
    spent = Spent(0, 0)
    with _measured(spent, daemon):
        finished = daemon.concctl("download", *(["--digest", f"sha256:{digest}"] if digest else []), *urls, cwd=folder,
                                  timeout=600)
    if finished.code != 0:
        raise RuntimeError(finished)
    return spent


def _tool(command, folder, digest, text=""):
    """Runs a tool, which reads the text, and syncs what it has fetched; `digest`: and reads it anew."""
    spent = Spent(0, 0)
    with _measured(spent):
        subprocess.run(command, cwd=folder, input=text, text=True, check=True, timeout=_LONGEST,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _sync(folder)
        if digest:
            _sha256(folder)
    return spent


def curl(urls, folder, digest=None):
    many = ["-Z", "--remote-name-all"] if len(urls) > 1 else ["-O"]
    config = "".join(f'url = "{url}"\n' for url in urls)
    return _tool(["curl", "--no-progress-meter", *many, "-K", "-"], folder, digest, config)


def aria2(urls, folder, digest=None, connections=None):
    check = [f"--checksum=sha-256={digest}"] if digest else []
    split = [f"-x{connections}", f"-s{connections}", "-k1M"] if connections else []
    return _tool(["aria2c", "-q", "-i", "-", *check, *split], folder, None, "\n".join(urls) + "\n")


def wget2(urls, folder, digest=None):
    # It never ends where its list of URLs comes by a pipe.
    return _tool(["wget2", "-q", *urls], folder, digest)


def axel(urls, folder, digest=None):
    return _tool(["axel", "-q", "-n", "16", *urls], folder, digest)


def installed():
    """Those of the tools that are here, by their names."""
    programs = {"curl": "curl", "aria2": "aria2c", "wget2": "wget2", "axel": "axel"}
    return {name: globals()[name] for name, program in programs.items() if shutil.which(program)}
