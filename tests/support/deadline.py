"""Bounded waits: no test waits for ever, and none sleeps where it can wait for an event."""

import threading
import time

DEFAULT = 30.0  # seconds; far more than any wait needs, so that a slow machine fails nothing


class Expired(AssertionError):
    """What was waited for did not happen."""


class Watched:
    """A condition whose waiters are woken by every change of what it guards."""

    def __init__(self):
        self._condition = threading.Condition()

    def __enter__(self):
        self._condition.acquire()
        return self

    def __exit__(self, *_):
        self._condition.notify_all()
        self._condition.release()

    def wait_for(self, predicate, what, timeout=DEFAULT):
        """The first true value of `predicate`, which runs under the lock; raises Expired after `timeout`."""
        until = time.monotonic() + timeout
        with self._condition:
            while not (value := predicate()):
                left = until - time.monotonic()
                if left <= 0:
                    raise Expired(f"waited {timeout:.0f} s in vain for {what() if callable(what) else what}")
                self._condition.wait(left)
            return value
