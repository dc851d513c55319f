"""The MESSAGE_ID of each kind of journal entry, read from the one place that has them."""

import pathlib
import re

_HEADER = pathlib.Path(__file__).resolve().parents[2] / "daemon/sd/message_id.hpp"
ALL = dict(re.findall(r'string_view (\w+) =\s*"([0-9a-f]{32})"', _HEADER.read_text()))


def of(name):
    return ALL[name]
