"""HTTP/2 of the hostile origin, on top of python3-h2; misbehaves by GOAWAY, RST_STREAM and lengths."""

import h2.config
import h2.connection
import h2.errors
import h2.events

from tests.support.origin_script import reply


class Connection:
    """Serves one TLS socket that agreed on "h2"; runs on a thread of its own, one stream after the other."""

    def __init__(self, origin, sock, peer):
        self.origin = origin
        self.sock = sock
        self.peer = peer
        self.http2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, validate_outbound_headers=False))
        self.sending = {}  # stream -> (seen, script, iterator, bytes pending, bytes sent, length to say at the end)
        self.open = True

    def serve(self):
        try:
            self.http2.initiate_connection()
            self._flush()
            while self.open:
                data = self.sock.recv(65536)
                if not data:
                    break
                for event in self.http2.receive_data(data):
                    self._handle(event)
                for stream in list(self.sending):
                    self._pump(stream)
                self._flush()
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.sock.close()

    def _flush(self):
        data = self.http2.data_to_send()
        if data:
            self.sock.sendall(data)

    def _handle(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self._request(event)
        elif isinstance(event, (h2.events.StreamReset,)):
            self.sending.pop(event.stream_id, None)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.open = False

    def _request(self, event):
        headers = {name.decode() if isinstance(name, bytes) else name:
                   value.decode() if isinstance(value, bytes) else value for name, value in event.headers}
        target = headers[":path"]
        seen, script = self.origin.note(headers[":method"], target, headers, self.peer)
        if "refuse" in script.keys:
            self.http2.reset_stream(event.stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        answer = reply(script, headers)
        fields = [(":status", str(answer.status))] + [(name.lower(), str(value)) for name, value in answer.headers]
        if script.get("length") != "none":
            fields.append(("content-length", str(answer.length + int(script.get("lie_length", 0)))))
        self.http2.send_headers(event.stream_id, fields)
        self.origin.answering(seen, answer.status)
        limits = [script.number(key) for key in ("cut", "goaway", "rst", "stall", "short") if key in script.keys]
        self.sending[event.stream_id] = [seen, script, script.body(answer, min(limits, default=None)), b""]

    def _pump(self, stream):
        """Sends what the peer's flow control window allows, then ends the stream in the ordered manner."""
        state = self.sending[stream]
        seen, script, pieces, pending = state
        while True:
            pending = pending or next(pieces, b"")
            state[3] = pending
            if not pending:
                break
            size = min(self.http2.local_flow_control_window(stream), self.http2.max_outbound_frame_size, len(pending))
            if size <= 0:
                return
            self.http2.send_data(stream, pending[:size])
            self._flush()
            self.origin.sent(seen, size)
            pending = pending[size:]
        if "stall" not in script.keys:
            del self.sending[stream]
            self._end(stream, script)

    def _end(self, stream, script):
        if "rst" in script.keys:
            self.http2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif "goaway" in script.keys:
            self.http2.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM, last_stream_id=stream)
            self.open = False
        elif "cut" in script.keys:
            self.open = False
        else:
            self.http2.end_stream(stream)
