"""The lines of a process as they come."""

import threading

from tests.support.deadline import DEFAULT, Watched


class Lines:
    """Reads a text stream to its end on a thread of its own."""

    def __init__(self, stream):
        self._watched = Watched()
        self._lines = []
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        with stream:
            for line in stream:
                with self._watched:
                    self._lines.append(line.rstrip("\n"))

    def first(self, predicate, timeout=DEFAULT):
        """The first line for which `predicate` holds; raises Expired."""
        return self._watched.wait_for(lambda: next(filter(predicate, self._lines), None),
                                      lambda: "a line that is not among these:\n" + "\n".join(self._lines), timeout)

    def all(self):
        """Those that have come."""
        with self._watched:
            return list(self._lines)

    def wait(self, predicate, timeout=DEFAULT):
        """Until it holds of the list of lines; raises Expired."""
        self._watched.wait_for(lambda: predicate(self._lines), lambda: "more than\n" + "\n".join(self._lines), timeout)
