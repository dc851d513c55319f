#!/usr/bin/python3
"""Stands in for concd-worker and claims success, whatever it has done: the name of the URL's file says what that is.

It speaks what daemon/worker/messages.hpp defines, on the descriptor that daemon/worker/spawn.hpp names.
"""

import array
import json
import os
import pathlib
import socket

SOCKET, PARTIAL_FOLDER = 3, 4
CONTENT = b"the right file\n" * 5000
OTHER = b"the wrong file\n" * 5000


def hear(peer):
    """The task, and the descriptor of the file that it is to fill."""
    text, fds = b"", array.array("i")
    while not text.endswith(b"\0"):
        data, control, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(16))
        if not data:
            raise SystemExit
        text += data
        for _, _, passed in control:
            fds.frombytes(passed)
    task = json.loads(text[:-1])["task"]
    return task, fds[task["fresh"]]


def claim(peer, task, size=len(CONTENT), part=0):
    nothing = {"etag": "", "last_modified": ""}
    checkpoint = {"part": task["fresh_part"] + part, "url": "", "extents": [], "validators": nothing}
    outcome = {"kind": "delivered", "checkpoint": checkpoint, "validators": nothing, "size": size, "fetched": size,
               "mtime": 0, "contacted": True, "met_public": False, "restarted": False, "validated": True,
               "dropped": []}
    peer.sendall(json.dumps({"outcome": outcome}).encode() + b"\0")


def remove(file):
    """Takes the name of the file away, by the descriptor of its folder."""
    name = os.path.basename(os.readlink(f"/proc/self/fd/{file}"))
    os.unlink(name, dir_fd=PARTIAL_FOLDER)


def replace(file):
    """Puts another file under its name."""
    name = os.path.basename(os.readlink(f"/proc/self/fd/{file}"))
    os.unlink(name, dir_fd=PARTIAL_FOLDER)
    other = os.open(name, os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=PARTIAL_FOLDER)
    os.write(other, OTHER)


def after_the_claim(peer, task, file):
    os.pwrite(file, CONTENT, 0)
    claim(peer, task)
    while True:
        os.pwrite(file, OTHER, 0)


def main():
    peer = socket.socket(fileno=SOCKET)
    peer.setblocking(True)
    task, file = hear(peer)
    peer.sendall(b'{"started":{}}\0')
    manner = pathlib.PurePath(task["url"]).name
    if manner == "after_the_claim":
        after_the_claim(peer, task, file)
    bodies = {"wrong": OTHER, "short": CONTENT[:-1000], "short_and_told": CONTENT[:-1000], "long": CONTENT + OTHER,
              "missing": b"", "empty_and_told": b""}
    body = bodies.get(manner, CONTENT)
    os.pwrite(file, body, 0)
    if manner == "removed":
        remove(file)
    if manner == "replaced":
        replace(file)
    claim(peer, task, len(body) if manner.endswith("told") else len(CONTENT), 1 if manner == "another" else 0)


if __name__ == "__main__":
    main()
