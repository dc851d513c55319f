"""Everything that an origin may do to a download, and how it should come out.

RIGHT: an honest client can end with the right file, and concd does. FAILS: there is no right file to be had, or no way
to be sure of it; concd ends with a classified failure and leaves nothing.
"""

import hashlib
import os
import tempfile
import urllib.parse
from dataclasses import dataclass

from tests.support import origin_content
from tests.support.certificates import Certificates
from tests.support.origin import Origin

SIZE = 300_000
LARGE = 3_000_000  # of the cases in which the client is stopped in mid-download
HELD = 2_000_000  # where it is then
RIGHT, FAILS = "right", "fails"


@dataclass(frozen=True)
class Case:
    title: str
    keys: dict
    expect: str = RIGHT
    at: str = "plain"  # one of the origins of Servers
    path: str = "/file/{size}/file.bin"
    size: int = SIZE
    stop: str = ""  # "SIGTERM" or "SIGKILL": how the client is ended in mid-download, to be started again
    change: bool = False  # the file changes while the client is away
    group: str = ""

    def url(self, servers, who):
        """A URL that only the client `who` asks for."""
        path = self.path.format(size=self.size)
        # A redirect leads to a well-behaved file of the same seed.
        keys = {"seed": self.seed(who), **{key: self._value(value, servers, who) for key, value in self.keys.items()}}
        return servers.url(self.at, path, keys)

    def _value(self, value, servers, who):
        if not callable(value):
            return value
        return value(servers, self, who)

    def seed(self, who):
        # Letters and digits only: clients write anything else in their own ways, and the origin knows URLs by text.
        return hashlib.sha256(f"{self.group}/{self.title}/{who}".encode()).hexdigest()[:16]

    def right_digests(self, who):
        """Of the file in each of its versions."""
        if self.keys.get("gzip") == "bomb":
            return {hashlib.sha256(bytes(1000 * self.size)).hexdigest()}
        grow = int(self.keys.get("grow", 0))
        return {origin_content.digest(self.size + version * grow, self.seed(who), version) for version in (0, 1)}


def _honest_file(servers, case, who):
    return servers.url("plain", f"/file/{case.size}/file.bin", {"seed": case.seed(who)})


def _other_host(servers, case, who):
    return servers.url("elsewhere", f"/file/{case.size}/file.bin", {"seed": case.seed(who)})


def _once(**keys):
    return {**keys, "times": 1}


_CHANGED = {"cut": 100_000, "times": 1, "change": 1}
_LIE = {"cut": 100_000, "times": 2}

GROUPS = {
    "Cut, stalled, slow": [
        Case("cut once", _once(cut=100_000)),
        Case("reset once", _once(cut=100_000, reset=1)),
        Case("cut before the first byte, twice", {"cut": 0, "times": 2}),
        Case("cut before the last byte, twice", {"cut": SIZE - 1, "times": 2}),
        Case("reset before the last byte, twice", {"cut": SIZE - 1, "reset": 1, "times": 2}),
        Case("reset after the last byte", _once(cut=SIZE, reset=1)),
        Case("cut every 40 KB", {"cut": 40_000}),
        Case("cut every time, and no ranges", {"cut": 40_000, "range": "ignore"}, FAILS),
        Case("closed without an answer, once", _once(drop=1)),
        Case("closed without an answer, always", {"drop": 1}, FAILS),
        Case("stalled in mid-file, once", _once(stall=50_000)),
        Case("stalled before the first byte, once", _once(stall=0)),
        Case("stalled in mid-file, always, and no ranges", {"stall": 50_000, "range": "ignore"}, FAILS),
        Case("in pieces, slowly", {"trickle": 30_000, "every": 50}),
        Case("a byte every 100 ms, once", _once(trickle=1, every=100)),
        Case("a header field every 100 ms, for ever", {"headers": "slow"}, FAILS),
        Case("keep-alive closed under the second request", _once(close=1, to=_honest_file), path="/redirect"),
    ],
    "Length and framing": [
        Case("HTTP/1.0 without a length", {"http": "1.0"}),
        Case("chunked", {"chunked": 1}),
        Case("chunks that end early, once", _once(chunked=1, chunk_end="early")),
        Case("chunks that end early, always", {"chunked": 1, "chunk_end": "early", "range": "ignore"}, FAILS),
        Case("last chunk missing", {"chunked": 1, "chunk_end": "missing", "range": "ignore"}, FAILS),
        Case("a chunk size that is none, once", _once(chunked=1, chunk_end="bad", range="ignore")),
        Case("Content-Length too long, once", _once(lie_length=10, close=1)),
        Case("Content-Length too long, always", {"lie_length": 10, "close": 1, "range": "ignore"}, FAILS),
        Case("more bytes than Content-Length", {"extra": 100}),
        Case("Content-Length is not a number", {"framing": "bad_length"}, FAILS),
        Case("Content-Length is negative", {"framing": "negative_length"}, FAILS),
        Case("Content-Length has 31 digits", {"framing": "huge_length"}, FAILS),
        Case("two different Content-Lengths", {"framing": "two_lengths", "range": "ignore"}, FAILS),
        Case("Content-Length and chunked", {"framing": "both", "range": "ignore"}, FAILS),
        Case("Transfer-Encoding: gzip, not so", {"framing": "te_gzip", "range": "ignore"}, FAILS),
        Case("no HTTP at all", {"framing": "garbage"}, FAILS),
        Case("half a head, once", _once(framing="bare_status")),
        Case("16 KiB of header fields", {"headers": 16}),
        Case("64 MiB of header fields", {"headers": "endless"}, FAILS),
        Case("three interim answers", {"interim": 3}),
        Case("64 MiB of interim answers", {"interim": "endless"}, FAILS),
        Case("gzip that nobody asked for", {"gzip": 1}),
        Case("a gzip bomb, 100 KB for 100 MB", {"gzip": "bomb"}, FAILS, size=100_000),
    ],
    "Status and redirects": [
        Case("503, twice", {"status": 503, "times": 2}),
        Case("500, always", {"status": 500}, FAILS),
        Case("503 with Retry-After: 1", _once(status=503, retry_after=1)),
        Case("429 with a date", _once(status=429, retry_after="date")),
        Case("404", {"status": 404}, FAILS),
        Case("204 with a body", {"status": 204}, FAILS),
        Case("304 that nobody asked for", {"status": 304}, FAILS),
        Case("302 to nowhere", {"status": 302}, FAILS),
        Case("three redirects", {"to": _honest_file}, path="/redirect/3"),
        Case("redirects for ever", {}, FAILS, path="/redirect/loop"),
        Case("a redirect to another host", {"to": _other_host}, path="/redirect"),
        Case("a redirect to file:", {"to": "file:///etc/hostname"}, FAILS, path="/redirect"),
        Case("a redirect to gopher:", {"to": "gopher://127.0.0.1:1/1"}, FAILS, path="/redirect"),
    ],
    "Ranges": [
        Case("206 of the second half to who wants all", {"range": "unasked"}, FAILS),
        Case("206 with other bytes than asked for", {**_LIE, "range": "wrong_start"}),
        Case("206 that says another start", {**_LIE, "range": "lie_start"}),
        Case("206 that says another end", {**_LIE, "range": "lie_end"}),
        Case("206 that says another total", {**_LIE, "range": "lie_total"}),
        Case("206 of an unknown total", {**_LIE, "range": "unknown_total"}),
        Case("206 without Content-Range", {**_LIE, "range": "no_header"}),
        Case("206 in several parts", {**_LIE, "range": "multipart"}),
        Case("206 of less than asked for", {**_LIE, "range": "short"}),
        Case("416 to a good range", {**_LIE, "range": "416"}),
        Case("200 to a range", {**_LIE, "range": "ignore"}),
        Case("Accept-Ranges: none", _once(cut=100_000, range="none")),
        Case("200 to every If-Range", _once(cut=100_000, if_range=200)),
    ],
    "The file changes after a cut": [
        Case("same size, new ETag", _CHANGED),
        Case("… and If-Range is ignored", {**_CHANGED, "range": "blind"}),
        Case("… no ETag", {**_CHANGED, "etag": "none"}),
        Case("… no validator", {**_CHANGED, "etag": "none", "lm": "none"}),
        Case("… a weak ETag", {**_CHANGED, "etag": "weak", "lm": "none"}),
        Case("longer than before", {**_CHANGED, "grow": 50_000}),
        Case("shorter than before", {**_CHANGED, "grow": -50_000}),
        Case("shorter than the part", {**_CHANGED, "grow": -250_000}),
        Case("another ETag each time, same bytes", _once(cut=100_000, etag="changing")),
    ],
    "The client is stopped in mid-download and started again": [
        Case("the same file (SIGTERM)", {"hold": HELD}, size=LARGE, stop="SIGTERM"),
        Case("same size, new ETag (SIGTERM)", {"hold": HELD}, size=LARGE, stop="SIGTERM", change=True),
        Case("… and If-Range is ignored (SIGTERM)", {"hold": HELD, "range": "blind"}, size=LARGE, stop="SIGTERM",
             change=True),
        Case("… no validator (SIGTERM)", {"hold": HELD, "etag": "none", "lm": "none"}, size=LARGE, stop="SIGTERM",
             change=True),
        Case("shorter than before (SIGTERM)", {"hold": HELD, "grow": -500_000}, size=LARGE, stop="SIGTERM",
             change=True),
        Case("the same file (kill -9)", {"hold": HELD}, size=LARGE, stop="SIGKILL"),
        Case("same size, new ETag (kill -9)", {"hold": HELD}, size=LARGE, stop="SIGKILL", change=True),
    ],
    "TLS": [
        Case("expired certificate", {}, FAILS, at="expired"),
        Case("certificate of another host", {}, FAILS, at="wrong_host"),
        Case("self-signed certificate", {}, FAILS, at="self_signed"),
        Case("a handshake that never ends", {}, FAILS, at="mute"),
        Case("no TLS on the https port", {}, FAILS, at="not_tls"),
        Case("no length, ended by close_notify", {"length": "none"}, at="tls"),
        Case("no length, cut without close_notify, once", _once(length="none", cut=100_000), at="tls"),
        Case("no length, cut without close_notify, always", {"length": "none", "cut": 100_000, "range": "ignore"},
             FAILS, at="tls"),
    ],
    "HTTP/2": [
        Case("well", {}, at="http2"),
        Case("RST_STREAM in mid-file", _once(rst=100_000), at="http2"),
        Case("RST_STREAM before the first byte", _once(rst=0), at="http2"),
        Case("REFUSED_STREAM", _once(refuse=1), at="http2"),
        Case("GOAWAY in mid-file", _once(goaway=100_000), at="http2"),
        Case("connection cut in mid-file", _once(cut=100_000), at="http2"),
        Case("END_STREAM before the end, once", _once(short=100_000), at="http2"),
        Case("END_STREAM before the end, always", {"short": 100_000, "range": "ignore"}, FAILS, at="http2"),
        Case("same size, new ETag after RST_STREAM", _once(rst=100_000, change=1), at="http2"),
        Case("503, once", _once(status=503), at="http2"),
    ],
}


def all_cases():
    return [Case(**{**vars(case), "group": group}) for group, cases in GROUPS.items() for case in cases]


class Servers:
    """The origins that the cases need, from construction to close()."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="concd-certificates-")
        os.chmod(self._folder.name, 0o755)  # the tools are other users
        certificates = Certificates(self._folder.name)
        self.ca = certificates.ca
        self.all = {
            "plain": Origin(), "elsewhere": Origin(host="127.0.0.2"),
            "tls": Origin(certificate=certificates.path("good")),
            "http2": Origin(certificate=certificates.path("good"), http2=True),
            "mute": Origin(handshake=False),
            **{name: Origin(certificate=certificates.path(name)) for name in ("expired", "wrong_host", "self_signed")},
        }
        self.all["not_tls"] = self.all["plain"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for origin in self.all.values():
            origin.close()
        self._folder.cleanup()

    def url(self, at, path, keys):
        origin = self.all[at]
        scheme = "http" if at in ("plain", "elsewhere") else "https"
        query = urllib.parse.urlencode(keys)
        return f"{scheme}://{origin.host}:{origin.port}{path}?{query}"

    def origin(self, case):
        return self.all[case.at]
