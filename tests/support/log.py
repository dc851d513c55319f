"""What a daemon writes to stderr: "DATE TIME LEVEL text NAME=value NAME=value"."""

import re
import threading
from dataclasses import dataclass

from tests.support.deadline import DEFAULT, Watched

_FIELD = re.compile(r" (MESSAGE_ID|CONCD_[A-Z0-9_]+)=")


@dataclass
class Entry:
    line: str
    level: str
    message: str
    fields: dict

    @property
    def event(self):
        return self.fields.get("CONCD_EVENT")

    @property
    def job(self):
        return int(self.fields["CONCD_JOB_ID"]) if "CONCD_JOB_ID" in self.fields else None


def parse(line):
    """An entry of one line; a line that is none has the level ""."""
    words = line.split(" ", 3)
    if len(words) < 4 or not re.fullmatch(r"\d{4}-\d\d-\d\d", words[0]):
        return Entry(line, "", line, {})
    message, *rest = _FIELD.split(words[3])
    return Entry(line, words[2], message, dict(zip(rest[::2], rest[1::2])))


class Log:
    """Reads a stream to its end on a thread of its own."""

    def __init__(self, stream):
        self._watched = Watched()
        self._entries = []
        self._ended = False
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        with stream:
            for line in stream:
                with self._watched:
                    self._entries.append(parse(line.decode(errors="replace").rstrip("\n")))
        with self._watched:
            self._ended = True

    def entries(self, event=None, job=None, **fields):
        with self._watched:
            return self._matching(event, job, fields)

    def text(self):
        return "\n".join(entry.line for entry in self.entries())

    def forget(self):
        """Drops what has been read so far, where a long run would fill the memory."""
        with self._watched:
            self._entries.clear()

    def wait_for(self, event=None, job=None, count=1, timeout=DEFAULT, **fields):
        """The entries of an event, or of several, (and job, and fields) once there are `count`."""
        return self._watched.wait_for(lambda: len(found := self._matching(event, job, fields)) >= count and found,
                                      lambda: f"{count} log entries {event} of job {job} {fields} in\n" +
                                      "\n".join(entry.line for entry in self._entries[-50:]), timeout)

    def wait_end(self, timeout=DEFAULT):
        self._watched.wait_for(lambda: self._ended, "the end of the log", timeout)

    def _matching(self, event, job, fields):
        events = (event,) if isinstance(event, str) else event
        return [entry for entry in self._entries
                if (events is None or entry.event in events) and (job is None or entry.job == job)
                and all(entry.fields.get(name) == value for name, value in fields.items())]
