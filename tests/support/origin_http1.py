"""HTTP/1 of the hostile origin, on the raw socket, so that every byte of it can be wrong."""

import select
import socket
import ssl
import struct

from tests.support.origin_script import Reply, reply

PIECE_CEILING = 1 << 26  # bytes of an endless thing, after which even the origin gives up

LENGTHS_THAT_ARE_NONE = {"bad_length": "12abc", "negative_length": "-1", "huge_length": "1" + 30 * "0",
                         "max_length": str(2**64 - 1), "too_long": str(2**63)}


class Gone(Exception):
    """The peer closed, or this side has to."""


def _readable(files, seconds=None):
    """Those that can be read without waiting; poll(2), for a busy origin has more than the 1024 files of select(2)."""
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    ready = {fd for fd, _ in poll.poll(None if seconds is None else seconds * 1000)}
    return [file for file in files if (file if isinstance(file, int) else file.fileno()) in ready]


class Connection:
    """Serves one accepted socket until it ends; runs on a thread of its own."""

    def __init__(self, origin, sock, peer):
        self.origin = origin
        self.sock = sock
        self.peer = peer
        self.buffer = b""
        self.left = 0  # bytes that the answer before left behind

    def serve(self):
        try:
            while self._serve_one():
                pass
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.unwrap()  # a cut does without the close_notify
        except (Gone, OSError):
            pass
        finally:
            self.sock.close()

    def _read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data or len(self.buffer) > 1 << 20:
                raise Gone
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return method, target, headers

    def _serve_one(self):
        method, target, headers = self._read_head()
        if target.startswith("/_control/"):
            self._control(target)
            return True
        seen, script = self.origin.note(method, target, headers, self.peer)
        if "drop" in script.keys:
            raise Gone
        self.sock.sendall(b"!" * self.left)
        self.left = script.number("leave") or 0
        answer = reply(script, headers)
        self._answer(seen, script, answer, head_only=method == "HEAD" or answer.status == 304)
        return not (script.get("http") == "1.0" or script.get("length") == "none" or "close" in script.keys)

    def _control(self, target):
        text = self.origin.control(target).encode()
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

    # The head

    def _answer(self, seen, script, answer: Reply, head_only):
        if script.get("framing") == "garbage":
            self.sock.sendall(b"\x00\x01SSH-2.0 this is not HTTP\r\n\r\n")
            raise Gone
        if script.get("framing") == "bare_status":
            self.sock.sendall(b"HTTP/1.1 200 OK\r\n")
            raise Gone
        version = "1.0" if script.get("http") == "1.0" else "1.1"
        self._interim(script)
        self.sock.sendall(f"HTTP/{version} {answer.status} Status\r\n".encode())
        self._flood(script)
        fields = answer.headers + self._framing(script, answer) + [("Server", "hostile")]
        self.sock.sendall("".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1") + b"\r\n")
        self.origin.answering(seen, answer.status)
        if not head_only:
            self._body(seen, script, answer)

    def _interim(self, script):
        """Answers that are none yet, RFC 9110 §15.2."""
        if "interim" not in script.keys:
            return
        answer = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
        endless = script.get("interim") == "endless"
        for _ in range(PIECE_CEILING // len(answer) if endless else int(script.get("interim"))):
            self.sock.sendall(answer)

    def _flood(self, script):
        if "headers" not in script.keys:
            return
        if script.get("headers") == "slow":
            while not self._closed_within(0.1):
                self.sock.sendall(b"X-Slow: a\r\n")
            raise Gone
        amount = PIECE_CEILING if script.get("headers") == "endless" else int(script.get("headers")) * 1024
        line = b"X-Flood: " + b"a" * 1013 + b"\r\n"
        for _ in range(amount // len(line)):
            self.sock.sendall(line)

    def _framing(self, script, answer):
        """The fields that tell where the body ends, true or not."""
        fields = []
        length = answer.length + int(script.get("lie_length", 0))
        if answer.text is not None:
            return [("Content-Length", len(answer.text))]
        if "gzip" in script.keys:
            fields.append(("Content-Encoding", "gzip"))
        framing = script.get("framing")
        if framing == "te_gzip":
            return fields + [("Transfer-Encoding", "gzip, chunked")]
        if "chunked" in script.keys or framing == "both":
            fields.append(("Transfer-Encoding", "chunked"))
            if framing != "both":
                return fields
        if script.get("length") == "none" or script.get("http") == "1.0":
            return fields
        if framing == "two_lengths":
            fields.append(("Content-Length", length + 7))
        return fields + [("Content-Length", LENGTHS_THAT_ARE_NONE.get(framing, length))]

    # The body

    def _body(self, seen, script, answer):
        cut = script.number("cut")
        for key in ("stall", "hold"):
            if key in script.keys:
                cut = script.number(key) if cut is None else cut
        chunked = "chunked" in script.keys or script.get("framing") in ("both", "te_gzip")
        self._send_pieces(seen, script, script.body(answer, cut), chunked)
        if "stall" in script.keys:
            self._wait(None)
        if "hold" in script.keys:
            self._wait(self.origin.gate(seen.target))
            rest = Reply(answer.status, start=min(answer.start + cut, answer.end), end=answer.end)
            self._send_pieces(seen, script, script.body(rest), chunked)
        elif "cut" in script.keys:
            self._hang_up(script)
        if "extra" in script.keys:
            self.sock.sendall(b"!" * int(script.get("extra")))
        if chunked and answer.text is None:
            self._end_chunks(script)

    def _send_pieces(self, seen, script, pieces, chunked):
        size = script.number("trickle")
        for piece in pieces:
            for start in range(0, len(piece), size or len(piece)):
                part = piece[start : start + (size or len(piece))]
                framed = b"%x\r\n%s\r\n" % (len(part), part) if chunked else part
                self.sock.sendall(framed)
                self.origin.sent(seen, len(part))
                if size and self._closed_within(int(script.get("every", 10)) / 1000):
                    raise Gone

    def _end_chunks(self, script):
        end = script.get("chunk_end")
        if end == "early":
            self.sock.sendall(b"1000\r\nhalf of it")
            raise Gone
        if end == "bad":
            self.sock.sendall(b"nonsense\r\n\r\n")
            raise Gone
        if end == "missing":
            raise Gone
        self.sock.sendall(b"0\r\n\r\n")

    def _hang_up(self, script):
        if "reset" in script.keys:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    # Silence

    def _closed_within(self, seconds):
        """True when the peer has closed; returns after `seconds` at the latest. The pace of a trickle."""
        return bool(_readable([self.sock], seconds)) and not self.sock.recv(1)

    def _wait(self, gate):
        """Says nothing until the gate opens; Gone when the peer or the origin closes first."""
        watched = [self.sock, self.origin.closing] + ([gate] if gate is not None else [])
        ready = _readable(watched)
        if gate is None or gate not in ready:
            raise Gone
