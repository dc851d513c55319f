"""Certificates made by openssl at test time: a CA of our own, a good one of its, and bad ones."""

import pathlib
import subprocess

_CA_CONFIG = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""


class Certificates:
    """Files in `folder`: ca.pem, and NAME.pem (certificate and key) of good, expired, wrong_host, self_signed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.pem"
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("01\n")
        self._root("ca", "/CN=the tests' CA")
        self._signed("good", "DNS:localhost,IP:127.0.0.1,IP:127.0.0.2", "20200101000000Z", "20990101000000Z")
        self._signed("expired", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20210101000000Z")
        self._signed("wrong_host", "DNS:elsewhere.invalid", "20200101000000Z", "20990101000000Z")
        self._root("self_signed", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")

    def path(self, name):
        return self.folder / f"{name}.pem"

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True, cwd=self.folder)

    def _join(self, name):
        pem = (self.folder / f"{name}.crt").read_text() + (self.folder / f"{name}.key").read_text()
        self.path(name).write_text(pem)

    def _key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]

    def _root(self, name, subject, *more):
        self._openssl("req", "-x509", *self._key(name), "-out", f"{name}.crt", "-days", "3650", "-subj", subject, *more)
        self._join(name)

    def _signed(self, name, names, start, end):
        config = self.folder / f"{name}.cnf"
        config.write_text(_CA_CONFIG.format(folder=self.folder, names=names))
        self._openssl("req", *self._key(name), "-out", f"{name}.csr", "-subj", f"/CN={name}")
        self._openssl("ca", "-batch", "-notext", "-config", config.name, "-cert", "ca.crt", "-keyfile", "ca.key",
                      "-in", f"{name}.csr", "-out", f"{name}.crt", "-extensions", "names",
                      "-startdate", start, "-enddate", end)
        self._join(name)
