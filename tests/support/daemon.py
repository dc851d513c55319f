"""The real daemon in a temporary folder, and its client."""

import copy
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

from tests.support import varlink
from tests.support.account import daemon_account, programs
from tests.support.deadline import DEFAULT, Expired, Watched
from tests.support.log import Log
from tests.support.notify import NotifySocket

# The polkit of the machine has no say in a test.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
for _name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
    if _name in os.environ:
        ENVIRONMENT[_name] = os.environ[_name]

# Short delays, so that failures and retries take no time; everything else as shipped.
QUICK = {
    "daemon": {"heartbeat": "0"},
    "retry": {"first_delay": "20ms", "max_delay": "100ms", "tries": 4, "first_contact_timeout": "300ms"},
}

# A sanitizer needs terabytes of address space for its shadow.
if os.environ.get("CONCD_SANITIZED"):
    QUICK["worker"] = {"memory": 0}

LESSON = """
["Archivo1.txt"]
urls = ["sim:Archivo1.txt"]
executor = "thread"
["Archivo2.txt"]
urls = ["sim:Archivo2.txt"]
executor = "process"
"""


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def toml(tables):
    lines = []
    for name, table in tables.items():
        lines.append(f'["{name}"]')
        lines += [f"{key} = {toml_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def merged(base, more):
    """Two levels of tables, the second one's keys winning."""
    result = copy.deepcopy(base)
    for table, values in (more or {}).items():
        result.setdefault(table, {}).update(values)
    return result


class Finished:
    """How a concctl ended."""

    def __init__(self, arguments, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr
        self._arguments = arguments

    def __repr__(self):
        return f"concctl {' '.join(self._arguments)} ended {self.code}\n{self.stdout}\n{self.stderr}"


class Daemon:
    """A state folder, a configuration and, between start() and stop(), a concd in the foreground."""

    def __init__(self, config=None, catalog=LESSON):
        """`config`: tables of concd.toml besides the quick ones; `catalog`: the text of a file of entries."""
        self.account = daemon_account()
        self._making_state = threading.Lock()  # a test may run many concctl at once
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concd-test-"))
        self.folder.chmod(0o755)
        self.account.own(self.folder)
        self.state = self._make("state")
        self.runtime = self._make("run")
        self.home = self._make("home")  # where the clients stand
        self.catalog_folder = self._make("catalog.d")
        self.library = self.state / "library"
        self.socket = self.runtime / "concd.sock"
        self.config_file = self.folder / "concd.toml"
        self.config = merged(QUICK, {
            "daemon": {"state_directory": self.state, "runtime_directory": self.runtime, "user": self.account.user,
                       "socket_group": self.account.group},
            "catalog": {"folders": [self.catalog_folder]},
        })
        self.process = None
        self.notify = None
        self.log = None
        self.logs = []
        self.program = programs() / "daemon/concd"
        self._starts = 0
        self.configure(config)
        self.write_catalog(catalog)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _make(self, name):
        path = self.folder / name
        path.mkdir(mode=0o755)
        return self.account.own(path)

    def configure(self, tables):
        """Changes keys and writes the file; a running daemon learns of it by reload()."""
        self.config = merged(self.config, tables)
        self._write(self.config_file, toml(self.config))

    def write_catalog(self, text, name="test.toml"):
        self._write(self.catalog_folder / name, text)

    def _write(self, path, text):
        path.write_text(text)
        self.account.own(path)

    def use_worker(self, program):
        """From the next start on it spawns this program as its worker: it takes the one that lies beside it."""
        self.program = self.folder / "daemon/concd"
        worker = self.program.parent / "worker/process/concd-worker"
        worker.parent.mkdir(parents=True)
        shutil.copy2(programs() / "daemon/concd", self.program)
        shutil.copy2(program, worker)
        worker.chmod(0o755)

    @property
    def pid(self):
        return self.process.pid

    # Life

    def start(self, environment=None, log=Log):
        """Returns once the daemon serves; raises Expired with its words when it does not."""
        self._starts += 1
        self.notify = NotifySocket(self.folder / f"notify-{self._starts}")
        variables = {**ENVIRONMENT, "NOTIFY_SOCKET": self.notify.path, **(environment or {})}
        self.process = subprocess.Popen([self.program, "--foreground", "--config", self.config_file], env=variables,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        cwd="/", **self.account.options())
        self.log = log(self.process.stderr)
        self.logs.append(self.log)
        self._watcher = threading.Thread(target=self._tell_end, args=(self.process, self.notify), daemon=True)
        self._watcher.start()
        self._wait_ready()
        return self

    def _tell_end(self, process, notify):
        process.wait()
        notify.ended = True
        notify.wake()

    def _wait_ready(self):
        notify = self.notify
        def ready():
            if any(message.get("READY") == "1" for _, message in notify._messages):
                return "ready"
            return getattr(notify, "ended", False) and "ended"
        if notify._watched.wait_for(ready, "the daemon to be ready") == "ended":
            self.log.wait_end()
            raise Expired(f"concd ended with {self.process.returncode}:\n{self.log.text()}")

    def stop(self, signum=signal.SIGTERM):
        """Ends the daemon and returns its exit status; None when none runs."""
        if self.process is None:
            return None
        self.process.send_signal(signum)
        self._watcher.join(DEFAULT)
        code = self.process.wait(0)
        self.log.wait_end()
        self.notify.close()
        self.process = None
        return code

    def kill(self):
        """As a crash would."""
        return self.stop(signal.SIGKILL)

    def restart(self):
        code = self.stop()
        self.start()
        return code

    def reload(self):
        """SIGHUP; returns the log entry that tells how it went."""
        words = ("reloaded", "reload-refused")
        before = len(self.log.entries(words))
        self.process.send_signal(signal.SIGHUP)
        return self.log.wait_for(words, count=before + 1)[-1]

    def close(self):
        """Ends what runs and removes the folder; again is harmless."""
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Talking to it

    def client(self, timeout=DEFAULT):
        return varlink.Client(self.socket, timeout)

    def call(self, method, **parameters):
        with self.client() as client:
            return client.call(method, **parameters)

    def download(self, source, **parameters):
        """Hands a source over and returns the job's id without waiting."""
        return self.call("Download", source=str(source), **parameters)["id"]

    def wait(self, *ids):
        """The ended jobs."""
        return self.call("Wait", ids=list(ids))["jobs"]

    def job(self, id):
        return self.call("Get", id=id)["job"]

    def events(self):
        return Events(self)

    def popen(self, *arguments, account=None, cwd=None, environment=None, **options):
        """A concctl in the background, as the daemon's account unless another is given."""
        return subprocess.Popen([programs() / "client/concctl", *map(str, arguments)],
                                env={**ENVIRONMENT, "CONCD_SOCKET": str(self.socket),
                                     "XDG_STATE_HOME": str(self._state_of(account or self.account)),
                                     **(environment or {})},
                                cwd=cwd or self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **(account or self.account).options(), **options)

    def _state_of(self, account):
        """The account's own XDG_STATE_HOME."""
        path = self.folder / f"xdg-{account.uid}"
        with self._making_state:
            if not path.exists():
                path.mkdir(mode=0o700)
                account.own(path)
        return path

    def concctl(self, *arguments, timeout=60, **options):
        return self.collect(self.popen(*arguments, **options), timeout)

    def collect(self, process, timeout=60):
        """Waits for a concctl that popen() began."""
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise Expired(f"{process.args} did not end:\n{stdout}\n{stderr}\n{self.log.text() if self.log else ''}") from None
        return Finished([str(word) for word in process.args[1:]], process.returncode, stdout, stderr)


class Events:
    """Follows Monitor on a thread of its own, so that tests can wait for what happens to jobs."""

    def __init__(self, daemon):
        self._watched = Watched()
        self._events = []
        self._client = daemon.client(timeout=None)
        self._client.send("Monitor", more=True)
        # Connections are accepted in order and older input is read first: once a second connection, made after the
        # first was answered, has its answer as well, Monitor has been read.
        daemon.call("Status")
        daemon.call("Status")
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _follow(self):
        try:
            while True:
                event, _ = self._client.reply()
                with self._watched:
                    self._events.append((event["event"], event["job"]))
        except (OSError, ValueError):
            pass

    def all(self, job=None):
        with self._watched:
            return [entry for entry in self._events if job is None or entry[1]["id"] == job]

    def wait_for(self, event, job=None, timeout=DEFAULT):
        """The job as the first such event shows it."""
        return self._watched.wait_for(
            lambda: next((entry[1] for entry in self._events
                          if entry[0] == event and (job is None or entry[1]["id"] == job)), None),
            f"the event {event} of job {job}", timeout)

    def wait_received(self, job, amount, timeout=DEFAULT):
        """Returns once the daemon has that many bytes of the job's file."""
        self._watched.wait_for(
            lambda: any(seen["id"] == job and seen["received"] >= amount for _, seen in self._events),
            f"{amount} bytes of job {job}", timeout)

    def close(self):
        try:
            self._client.socket.shutdown(2)
        except OSError:
            pass
        self._thread.join(DEFAULT)
        self._client.close()
