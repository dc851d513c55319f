"""A real Apache on loopback that serves one folder."""

import os
import pathlib

from tests.support.web_server import WebServer, find_program

PROGRAM = find_program("apache2")
MODULES = pathlib.Path("/usr/lib/apache2/modules")

_CONFIG = """
ServerRoot {folder}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Listen 127.0.0.1:{port}
ServerName 127.0.0.1
{modules}
{account}
ErrorLog /dev/stderr
LogLevel notice
LogFormat "%m %U %>s %{{Range}}i" request
CustomLog {folder}/requests request
TypesConfig /dev/null
DocumentRoot {root}
{more}
"""
_NAMES = ("mpm_event", "authz_core", "alias", "mime", "deflate", "filter", "headers", "ratelimit", "env")


class Apache(WebServer):
    name = "apache"
    ready = "resuming normal operations"

    def configuration(self):
        return _CONFIG.format(
            folder=self.folder, port=self.port, root=self.root, more=self._more,
            # Started by root it serves as somebody else.
            account="User nobody\nGroup nogroup" if os.geteuid() == 0 else "",
            modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _NAMES))

    def command(self, config):
        return [PROGRAM, "-D", "FOREGROUND", "-f", config]

    def requests(self):
        """Method, path, status and Range of each request that has ended; all of them after close()."""
        return [tuple(line.split(" ")) for line in (self.folder / "requests").read_text().splitlines()]
