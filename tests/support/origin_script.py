"""How a URL of the hostile origin tells it to misbehave.

/file/SIZE[/NAME]?KEY=VALUE&... serves SIZE bytes. The keys:

  seed=TEXT            another content                   version=N         the version to start from
  change=K             from request K on it is the next version: other bytes, other ETag, other Last-Modified
  grow=N               each version is N bytes longer (or, negative, shorter) than the one before
  etag=strong|weak|none|changing    changing: another one each time, though the bytes stay
  lm=N|none|now        Last-Modified, seconds since the epoch, +1 a version (default 1600000000)
  times=K              what follows applies to the first K requests of this URL only
  after=K              what follows applies from request K on (the first is 0)
  status=CODE          that status with a short body     retry_after=N|date  its Retry-After, in seconds from now
  cut=N reset=1        close after N body bytes; reset: by RST
  stall=N              N body bytes, then silence for ever        hold=N   the same, until release()
  trickle=N every=MS   N bytes at a time, so many milliseconds apart
  drop=1               close without an answer           close=1    close after the answer without saying so
  lie_length=N         Content-Length is N bytes too long (or, negative, too short)
  extra=N              N bytes more than Content-Length says are sent
  leave=N              N bytes more come before the next answer on the connection
  length=none          no Content-Length, ends by closing         http=1.0   the same as HTTP/1.0
  chunked=1            chunked                           chunk_end=early|bad|missing
  range=ignore|none|wrong_start|lie_start|lie_end|lie_total|huge_total|unknown_total|no_header|short|416|blind|
        multipart|unasked
                       blind: If-Range is ignored; unasked: a 206 of the second half to who asked for the whole;
                       the others see reply() below
  if_range=200         every If-Range is answered by 200
  framing=both|two_lengths|bad_length|negative_length|huge_length|max_length|too_long|te_gzip|garbage|bare_status
  headers=N|endless|slow    N KiB of header fields; slow: a short one every 100 ms, for ever
  interim=N|endless    that many 103s before the answer
  gzip=1|bomb          Content-Encoding: gzip that nobody asked for; bomb: of SIZE times 1000 zeros
  auth=USER:PASSWORD   Basic
  disposition=TEXT     Content-Disposition
  goaway=N rst=N short=N  HTTP/2: GOAWAY and close, RST_STREAM, or the stream's end after N body bytes
  refuse=1             HTTP/2: REFUSED_STREAM

/redirect[/HOPS]?to=URL[&status=302] redirects HOPS times to itself, then to URL; /redirect/loop for ever.
"""

import base64
import email.utils
import functools
import gzip
import hashlib
import time
import urllib.parse
import zlib
from dataclasses import dataclass, field

from tests.support import origin_content

PLAIN = {"seed", "version", "change", "grow", "etag", "lm", "auth", "disposition", "times", "after", "to"}
LAST_MODIFIED = 1600000000


def etag(seed, version=0):
    """The strong ETag of that file; a seed may have characters that an ETag may not."""
    return f'"{hashlib.sha256(seed.encode()).hexdigest()[:16]}-{version}"'


@dataclass
class Reply:
    """An answer before the transport spoils it: the body is the bytes [start, end) of the file, or `text`."""

    status: int
    headers: list = field(default_factory=list)
    start: int = 0
    end: int = 0
    text: bytes | None = None
    coded: bytes | None = None  # the whole file in another coding, of which [start, end) is then a part

    @property
    def length(self):
        return self.end - self.start if self.text is None else len(self.text)


class Script:
    """One request's orders: the URL's keys, with those that do not apply this time taken out."""

    def __init__(self, target, turn, bumped=0):
        """`turn` counts the earlier requests of this URL; `bumped` the calls of Origin.change() on it."""
        parts = urllib.parse.urlsplit(target)
        self.path = urllib.parse.unquote(parts.path)
        self.turn = turn
        keys = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        if turn >= int(keys.get("times", turn + 1)) or turn < int(keys.get("after", 0)):
            keys = {key: value for key, value in keys.items() if key in PLAIN}
        self.keys = keys
        self.seed = keys.get("seed", "0")
        self.version = int(keys.get("version", 0)) + bumped + (turn >= int(keys.get("change", turn + 1)))

    def get(self, key, default=None):
        return self.keys.get(key, default)

    def number(self, key):
        value = self.keys.get(key)
        return None if value is None else int(value)

    @property
    def size(self):
        grown = (self.version - int(self.get("version", 0))) * int(self.get("grow", 0))
        return int(self.path.split("/")[2]) + grown

    @property
    def etag(self):
        kind = self.get("etag", "strong")
        if kind == "none":
            return None
        if kind == "changing":
            return etag(self.seed, f"{self.version}-{self.turn}")
        return ("W/" if kind == "weak" else "") + etag(self.seed, self.version)

    @property
    def last_modified(self):
        kind = self.get("lm", str(LAST_MODIFIED))
        if kind == "none":
            return None
        seconds = time.time() if kind == "now" else int(kind) + self.version
        return email.utils.formatdate(seconds, usegmt=True)

    def body(self, reply, limit=None):
        """The pieces of the reply's body, at most `limit` bytes."""
        if reply.text is not None:
            yield reply.text[:limit]
            return
        end = reply.end if limit is None else min(reply.end, reply.start + limit)
        if reply.coded is not None:
            yield reply.coded[reply.start : end]
            return
        yield from origin_content.pieces(self.seed, self.version, reply.start, end)


def reply(script, headers):
    """What an honest origin would answer, but for the lies about status, ranges and redirects."""
    if script.path.startswith("/redirect"):
        return _redirect(script)
    if not script.path.startswith("/file/"):
        return Reply(404, text=b"no such thing\n")
    if "auth" in script.keys:
        wanted = "Basic " + base64.b64encode(script.get("auth").encode()).decode()
        if headers.get("authorization") != wanted:
            return Reply(401, [("WWW-Authenticate", 'Basic realm="origin"')], text=b"who are you?\n")
    if "status" in script.keys:
        return _status(script)
    return _file(script, headers)


def _redirect(script):
    hops = (script.path.split("/") + ["", ""])[2]
    query = urllib.parse.urlencode(script.keys)
    if hops == "loop":
        to = f"/redirect/loop?{query}"
    elif hops not in ("", "0"):
        to = f"/redirect/{int(hops) - 1}?{query}"
    else:
        to = script.get("to")
    return Reply(int(script.get("status", 302)), [("Location", to)], text=b"elsewhere\n")


def _status(script):
    extra = []
    asked = script.get("retry_after")
    if asked == "date":
        extra.append(("Retry-After", email.utils.formatdate(time.time() + 1, usegmt=True)))
    elif asked is not None:
        extra.append(("Retry-After", asked))
    return Reply(int(script.get("status")), extra, text=b"told to say so\n")


def _file(script, headers):
    size = script.size
    shared = [("Accept-Ranges", "none" if script.get("range") == "none" else "bytes")]
    if script.etag:
        shared.append(("ETag", script.etag))
    if script.last_modified:
        shared.append(("Last-Modified", script.last_modified))
    if "disposition" in script.keys:
        shared.append(("Content-Disposition", script.get("disposition")))
    if _not_modified(script, headers):
        return Reply(304, shared)
    if "gzip" in script.keys:
        coded = _gzip(script)
        return Reply(200, shared, 0, len(coded), coded=coded)
    wanted = _range(script, headers, size)
    if wanted is None and script.get("range") == "unasked":
        return Reply(206, shared + [("Content-Range", f"bytes {size // 2}-{size - 1}/{size}")], size // 2, size)
    if wanted is None:
        return Reply(200, shared, 0, size)
    if wanted[0] >= size or script.get("range") == "416":
        return Reply(416, [("Content-Range", f"bytes */{size}")], text=b"no such range\n")
    return _partial(script, shared, *wanted, size)


@functools.lru_cache(maxsize=16)
def _zeros(amount):
    compressor = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    pieces = [compressor.compress(block[: min(len(block), amount - start)]) for start in range(0, amount, len(block))]
    return b"".join([*pieces, compressor.flush()])


def _gzip(script):
    if script.get("gzip") == "bomb":
        return _zeros(1000 * script.size)
    return gzip.compress(origin_content.content(script.size, script.seed, script.version), mtime=0)


def _not_modified(script, headers):
    if "if-none-match" in headers:
        return script.etag in [tag.strip() for tag in headers["if-none-match"].split(",")]
    return "if-modified-since" in headers and headers["if-modified-since"] == script.last_modified


def _range(script, headers, size):
    """The asked for (start, end) if it is to be honoured, RFC 9110 §14.2 and §13.1.5."""
    value = headers.get("range", "")
    if not value.startswith("bytes=") or script.get("range") in ("ignore", "none"):
        return None
    condition = headers.get("if-range")
    if condition is not None and script.get("range") != "blind":
        strong = script.etag if script.etag and not script.etag.startswith("W/") else None
        if script.get("if_range") == "200" or condition not in (strong, script.last_modified):
            return None
    first, _, last = value[len("bytes=") :].partition("-")
    return int(first), min(int(last) + 1, size) if last else size


def _partial(script, shared, start, end, size):
    mode = script.get("range")
    if mode == "short":
        end = start + max(1, (end - start) // 2)
    if mode == "wrong_start":
        start = min(start + 100, size - 1)
    told_start = 0 if mode == "lie_start" else start
    told_end = end + 10 if mode == "lie_end" else end
    total = {"lie_total": size + 1, "unknown_total": "*", "huge_total": 2**64 - 1}.get(mode, size)
    fields = [] if mode == "no_header" else [("Content-Range", f"bytes {told_start}-{told_end - 1}/{total}")]
    if mode == "multipart":
        fields = [("Content-Type", "multipart/byteranges; boundary=x")]
    return Reply(206, shared + fields, start, end)
