"""Who may include whom: the #includes and this table are the same."""

import re
import unittest

from tests.lint import sources

# What a folder of daemon/ may include, besides its own files and util. A folder that is not here may include
# util only.
ALLOWED = {
    "client": {"protocol", "job"},
    "daemon": None,  # main and the instance: all
    "daemon/library": {"job"},
    "daemon/publish": {"job", "library", "lib/openssl", "event/mailbox"},
    # engine/settings: what a source must be like to be fetched is checked before it is accepted.
    "daemon/queue": {"catalog", "config", "control/backend", "engine/settings", "job", "lib/curl", "library",
                     "publish", "scheduler", "sd/message_id", "store"},
    "daemon/event": set(),
    "daemon/lib/curl": set(),
    "daemon/lib/openssl": set(),
    "daemon/lib/sqlite": set(),
    "daemon/lib/toml": set(),
    "daemon/lib/zlib": set(),
    "daemon/job": set(),
    "daemon/protocol": {"job"},
    # The values of the keys are the structs of those who use them.
    "daemon/config": {"control/caller_limits", "job", "lib/toml", "engine/settings", "queue/retention_policy", "scheduler/limits",
                      "scheduler/retry", "worker/limits"},
    "daemon/catalog": {"job", "lib/toml"},
    "daemon/store": {"job", "lib/sqlite"},
    "daemon/scheduler": {"job"},
    "daemon/engine": {"job", "lib/curl", "lib/openssl", "lib/zlib", "event/mailbox"},
    "daemon/worker": {"job", "protocol/frame", "event"},
    "daemon/worker/process": {"job", "protocol/frame", "event", "worker", "engine"},
    "daemon/control": {"protocol", "job", "event"},
    "daemon/sd": {"event"},
    "daemon/lifecycle": set(),
    "daemon/util": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The longest folder of the table that a path, relative to the top, lies in."""
    return max((folder for folder in ALLOWED if path.startswith(folder + "/")), key=len)


def may_include(folder, included):
    """Whether a file of the folder may include "FOLDER/…/FILE.hpp"; `included` has no suffix."""
    allowed = ALLOWED[folder]
    if allowed is None:
        return True
    own = folder.removeprefix("daemon/")
    if folder_of(f"daemon/{included}").startswith(folder + "/"):
        return False  # a folder inside of this one
    return any(included.startswith(other + "/") or included == other for other in allowed | {own, "util"})


class Includes(unittest.TestCase):
    def test_no_folder_includes_what_the_table_does_not_give_it(self):
        wrong = []
        for file in sources.cpp_files("daemon/", "client/"):
            path = str(file.relative_to(sources.ROOT))
            for included in INCLUDE.findall(file.read_text()):
                if not may_include(folder_of(path), included.rpartition(".")[0]):
                    wrong.append(f"{path} includes {included}")
        self.assertEqual(wrong, [])

    def test_every_folder_is_in_the_table(self):
        folders = {str(file.parent.relative_to(sources.ROOT)) for file in sources.cpp_files("daemon/")}
        unknown = {folder for folder in folders if folder_of(folder + "/x") == "daemon" and folder != "daemon"}
        self.assertEqual(unknown, set())

    def test_includes_name_their_folder(self):
        bare = [f"{file.relative_to(sources.ROOT)} includes {included}"
                for file in sources.cpp_files("daemon/", "client/")
                for included in INCLUDE.findall(file.read_text())
                if "/" not in included and not (sources.ROOT / "daemon" / included).exists()]
        self.assertEqual(bare, [])
