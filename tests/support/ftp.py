"""A tiny FTP server on loopback: passive mode, binary, resumable; serves what the hostile origin would."""

import socket
import threading

from tests.support import origin_content


class FtpServer:
    """Serves /SIZE for anybody with the password `password`; listens from construction to close()."""

    def __init__(self, user="anonymous", password=None):
        self._user, self._password = user, password
        self.restarts = []  # every offset that was asked for
        self._sockets = []
        self._listener = self._listen()
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def url(self, size, userinfo=""):
        return f"ftp://{userinfo + '@' if userinfo else ''}127.0.0.1:{self.port}/{size}"

    def close(self):
        for sock in [self._listener, *self._sockets]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _listen(self):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(30)
        return listener

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._sockets.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        session = {"offset": 0, "data": None, "user": ""}
        try:
            with sock, sock.makefile("rb") as lines:
                sock.sendall(b"220 ready\r\n")
                for line in lines:
                    verb, _, argument = line.decode().strip().partition(" ")
                    answer = self._answer(session, sock, verb.upper(), argument)
                    sock.sendall(answer.encode() + b"\r\n")
        except OSError:
            pass
        finally:
            if session["data"]:
                session["data"].close()

    def _answer(self, session, sock, verb, argument):
        if verb == "USER":
            session["user"] = argument
            return "331 password"
        if verb == "PASS":
            right = self._password is None or (session["user"], argument) == (self._user, self._password)
            return "230 welcome" if right else "530 no"
        if verb in ("EPSV", "PASV"):
            session["data"] = self._listen()
            port = session["data"].getsockname()[1]
            return f"229 (|||{port}|)" if verb == "EPSV" else f"227 (127,0,0,1,{port >> 8},{port & 255})"
        if verb == "REST":
            session["offset"] = int(argument)
            self.restarts.append(session["offset"])
            return "350 from there"
        if verb in ("SIZE", "MDTM", "RETR") and not argument.lstrip("/").isdigit():
            return "550 no such file"
        if verb == "SIZE":
            return "213 " + argument.lstrip("/")
        if verb == "MDTM":
            return "213 20200913122640"
        if verb == "RETR":
            return self._retrieve(session, sock, int(argument.lstrip("/")))
        return {"PWD": '257 "/"', "TYPE": "200 binary", "CWD": "250 there", "QUIT": "221 bye"}.get(verb, "502 what?")

    def _retrieve(self, session, sock, size):
        sock.sendall(b"150 here it comes\r\n")
        with session["data"] as listener:
            data, _ = listener.accept()
        session["data"] = None
        with data:
            for piece in origin_content.pieces("0", 0, session["offset"], size):
                data.sendall(piece)
        session["offset"] = 0
        return "226 done"
