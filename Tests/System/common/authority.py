"""Certificates on the loopback, signed by a CA of our own."""

import pathlib
import subprocess

from .places import Missing


class Authority:
    """A CA in a folder: `ca` is the file of its certificate."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.ca, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        self.openssl("req", "-x509", *self.new_key(self.key), "-subj", "/CN=CA of a test", "-days", "2", "-out", self.ca)

    @staticmethod
    def new_key(path):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path

    def openssl(self, *words):
        try:
            subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
        except FileNotFoundError as error:
            raise Missing("openssl is not installed") from error

    def certify(self, name, place):
        """Files of a key and a certificate for a place, such as IP:127.0.0.1 or DNS:localhost."""
        key, request, certificate, more = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "pem", "ext"))
        self.openssl("req", *self.new_key(key), "-subj", f"/CN={name}", "-out", request)
        more.write_text(f"subjectAltName={place}\n")
        self.openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                     "-extfile", more, "-out", certificate)
        return key, certificate
