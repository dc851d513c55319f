"""Who may include whom: the #includes and this table are the same."""

import re
import unittest

from tests.lint import sources

# What a room of daemon/ may include, besides its own files and util. A room that is not here may include
# util only.
ALLOWED = {
    "client": {"protocol", "job"},
    "daemon": None,  # main and the instance: all
    # The instance's hands: what it decides about jobs, apart from how it is wired.
    "daemon/dispatch": {"catalog", "config", "control/backend", "event", "job", "lib/curl", "scheduler",
                        "sd/message_id", "store"},
    "daemon/event": set(),
    "daemon/lib/curl": set(),
    "daemon/lib/sqlite": set(),
    "daemon/lib/toml": set(),
    "daemon/job": set(),
    "daemon/protocol": {"job"},
    "daemon/config": {"job", "lib/toml"},
    "daemon/catalog": {"job", "lib/toml"},
    "daemon/store": {"job", "lib/sqlite"},
    "daemon/scheduler": {"job"},
    "daemon/transfer": {"job", "lib/curl", "event/mailbox"},
    "daemon/worker": {"job", "protocol/frame", "event"},
    "daemon/worker/process": {"job", "protocol/frame", "event", "worker", "transfer"},
    "daemon/control": {"protocol", "job", "event"},
    "daemon/sd": {"event"},
    "daemon/lifecycle": {"event"},
    "daemon/util": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def room_of(path):
    """The longest room of the table that a path, relative to the top, lies in."""
    return max((room for room in ALLOWED if path.startswith(room + "/")), key=len)


def may_include(room, included):
    """Whether a file of the room may include "FOLDER/…/FILE.hpp"; `included` has no suffix."""
    allowed = ALLOWED[room]
    if allowed is None:
        return True
    own = room.removeprefix("daemon/")
    if room_of(f"daemon/{included}").startswith(room + "/"):
        return False  # a room inside of this one
    return any(included.startswith(folder + "/") or included == folder for folder in allowed | {own, "util"})


class Includes(unittest.TestCase):
    def test_no_room_includes_what_the_table_does_not_give_it(self):
        wrong = []
        for file in sources.cpp_files("daemon/", "client/"):
            path = str(file.relative_to(sources.ROOT))
            for included in INCLUDE.findall(file.read_text()):
                if not may_include(room_of(path), included.rpartition(".")[0]):
                    wrong.append(f"{path} includes {included}")
        self.assertEqual(wrong, [])

    def test_every_room_is_in_the_table(self):
        rooms = {str(file.parent.relative_to(sources.ROOT)) for file in sources.cpp_files("daemon/")}
        unknown = {room for room in rooms if room_of(room + "/x") == "daemon" and room != "daemon"}
        self.assertEqual(unknown, set())

    def test_includes_name_their_room(self):
        bare = [f"{file.relative_to(sources.ROOT)} includes {included}"
                for file in sources.cpp_files("daemon/", "client/")
                for included in INCLUDE.findall(file.read_text())
                if "/" not in included and not (sources.ROOT / "daemon" / included).exists()]
        self.assertEqual(bare, [])
