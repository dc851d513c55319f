"""What is visible in folders while it is: a process that looks at each file the moment it appears.

As a program: visible.py FOLDER... writes a line of JSON for each change in the folders: folder, name, how it came
about, and what was found under the name, as content() tells it. It ends when its standard input does.
"""

import hashlib
import json
import os
import pathlib
import select
import subprocess
import sys
import threading

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.support import folder  # noqa: E402
from tests.support.deadline import DEFAULT, Watched  # noqa: E402

_WORDS = {folder.MODIFY: "written", folder.CREATE: "created", folder.DELETE: "deleted", folder.MOVED_FROM: "moved away",
          folder.MOVED_TO: "moved in", folder.OVERFLOW: "missed"}


def content(path):
    """The SHA-256 of a file, or "tree:" and that of a folder's names and files; "" when nothing is there."""
    try:
        if not os.path.isdir(path):
            with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        tree = hashlib.sha256()
        for root, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                file = os.path.join(root, name)
                tree.update(f"{os.path.relpath(file, path)}\\0{content(file)}\\0".encode())
        return "tree:" + tree.hexdigest()
    except FileNotFoundError:
        return ""


class Visible:
    """Watches the folders from construction to close()."""

    def __init__(self, *folders):
        self._process = subprocess.Popen([sys.executable, __file__, *map(str, folders)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        self._watched = Watched()
        self._records = []
        self._echoes = 0
        assert self._process.stdout.readline() == b"ready\n"
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self._process.stdout:
            with self._watched:
                if line == b"echo\n":
                    self._echoes += 1
                else:
                    self._records.append(json.loads(line))

    def take(self):
        """What has happened since the last call, up to now."""
        with self._watched:
            wanted = self._echoes + 1
        self._process.stdin.write(b"x")
        self._process.stdin.flush()
        self._watched.wait_for(lambda: self._echoes >= wanted, "the watcher's answer", 2 * DEFAULT)
        with self._watched:
            records, self._records = self._records, []
        return records

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()


def _report(path, watch):
    """All that has happened in one folder so far."""
    for mask, name in watch.changes(0):
        how = " ".join(word for bit, word in _WORDS.items() if mask & bit)
        yield {"folder": os.path.basename(path), "name": name, "how": how, "found": content(f"{path}/{name}")}


def main():
    mask = folder.MODIFY | folder.CREATE | folder.DELETE | folder.MOVED_FROM | folder.MOVED_TO
    watches = {folder.Watch(path, mask): path for path in sys.argv[1:]}
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([*watches, sys.stdin], [], [])
        for watch, path in watches.items():
            while watch in ready and (records := list(_report(path, watch))):
                print("".join(json.dumps(record) + "\n" for record in records), end="", flush=True)
        if sys.stdin in ready:
            # Asked how far it is: what had happened before the question is looked at first.
            if not os.read(0, 1):
                return
            for watch, path in watches.items():
                while records := list(_report(path, watch)):
                    print("".join(json.dumps(record) + "\n" for record in records), end="")
            print("echo", flush=True)


if __name__ == "__main__":
    main()
