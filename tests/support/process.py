"""Processes that left home: orphans come back to us, as they would to the service manager."""

import ctypes
import os
import select

from tests.support.deadline import DEFAULT, Expired

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on this process is the parent of descendants whose own parents have ended, prctl(2)."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def stat(pid):
    """Fields of /proc/PID/stat, proc(5)."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return {"state": fields[0], "ppid": int(fields[1]), "pgrp": int(fields[2]), "session": int(fields[3]),
            "tty": int(fields[4])}


def uids(pid):
    """Real, effective, saved and file system user id."""
    with open(f"/proc/{pid}/status") as file:
        return [line.split()[1:] for line in file if line.startswith("Uid:")][0]


def wait_end(pid, timeout=DEFAULT):
    """The exit status of an adopted process; raises Expired."""
    fd = os.pidfd_open(pid)
    try:
        if not select.select([fd], [], [], timeout)[0]:
            raise Expired(f"process {pid} did not end")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(fd)
