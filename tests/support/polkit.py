"""A bus of its own, and somebody on it who answers as polkit would."""

import json
import os
import pathlib
import subprocess
import sys

from tests.support.lines import Lines

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


class Polkit:
    """A bus in a folder that all can reach; answer() changes what is said, questions() are those that were asked."""

    def __init__(self, folder):
        self._answers = pathlib.Path(folder) / "answers.json"
        path = pathlib.Path(folder) / "bus"
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={path}"}
        config = pathlib.Path(folder) / "bus.conf"
        config.write_text(BUS.format(path=path))
        self.answer()
        self._bus = self._start("dbus-daemon", "--config-file", config, "--nofork", "--print-address")
        self._told(self._bus).first(bool)
        path.chmod(0o777)
        self._authority = None
        self.run()

    def _start(self, *command):
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **self.environment})

    def _told(self, process):
        return Lines(process.stdout)

    def run(self):
        """The authority is there from now on."""
        self._authority = self._start(sys.executable, "-m", "tests.support.fake_polkit", self._answers)
        self._lines = self._told(self._authority)
        self._lines.first(lambda line: line == "ready")

    def end(self):
        """The authority is gone, with the questions that it has not answered."""
        self._authority.kill()
        self._authority.wait()

    def answer(self, **answers):
        """What the actions of concd are answered: manage_others="yes"; those that are not named, no."""
        self._answers.write_text(json.dumps({f"io.concd.{name.replace('_', '-')}": word
                                             for name, word in answers.items()}))

    def questions(self):
        return [json.loads(line) for line in self._lines.all() if line != "ready"]

    def wait_questions(self, count):
        """Those that were asked, once there are so many."""
        self._lines.wait(lambda lines: len(lines) > count)
        return self.questions()

    def close(self):
        for process in (self._authority, self._bus):
            process.kill()
            process.wait()
