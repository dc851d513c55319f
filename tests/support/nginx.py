"""A real nginx on loopback that serves one folder."""

from tests.support.web_server import WebServer, find_program

PROGRAM = find_program("nginx")

_CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; {http}
  server {{ listen 127.0.0.1:{port}; root {root}; {more} }}
}}
"""


class Nginx(WebServer):
    name = "nginx"
    ready = "event method"

    def __init__(self, more="", http=""):
        """`more`: directives of its server; `http`: of the block around it."""
        self._http = http
        super().__init__(more)

    def configuration(self):
        return _CONFIG.format(folder=self.folder, port=self.port, root=self.root, more=self._more, http=self._http)

    def command(self, config):
        return [PROGRAM, "-p", self.folder, "-e", "stderr", "-c", config]
