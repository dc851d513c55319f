"""The hostile origin in a process of its own: it shares no interpreter with what loads the daemon."""

import json
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request

_PROGRAM = pathlib.Path(__file__).with_name("origin.py")


class OriginProcess:
    """Listens from construction to close(); of the methods of Origin those that a control request can do."""

    def __init__(self):
        self._process = subprocess.Popen([sys.executable, _PROGRAM], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def url(self, path, **keys):
        return f"{self.base}{path}" + (f"?{urllib.parse.urlencode(keys)}" if keys else "")

    def release(self, url):
        """Lets the answers that `hold` stopped at go on, now and later."""
        self._control("release", url)

    def change(self, url):
        """From now on the URL is another version of its file."""
        self._control("change", url)

    def requests(self):
        """All requests so far, as dictionaries."""
        return json.loads(self._control("requests", ""))

    def _control(self, verb, url):
        target = url.removeprefix(self.base)
        with urllib.request.urlopen(f"{self.base}/_control/{verb}?{target}") as reply:
            return reply.read()
