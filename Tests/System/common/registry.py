"""A schema registry on the loopback: schemas by number, references by subject and version, passwords and failures."""

import base64
import http.server
import json
import ssl
import struct
import sys
import threading
import time
import urllib.parse


class Server(http.server.ThreadingHTTPServer):
    """Clients may refuse its certificate, or leave before the answer."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Registry:
    """`refusals` are the statuses of the next answers; `user` is what requests must name ("name:password").

    `certified` are the files of a key and a certificate, for HTTPS, and `clients` that of the CA of the certificates that
    clients must have. `moved` is the URL that requests are redirected to. No request is answered while `hangs` is set.
    """

    def __init__(self, user=None, certified=None, clients=None):
        self.moved, self.hangs = None, False
        self.schemas, self.subjects, self.requests, self.refusals, self.user = {}, {}, [], [], user
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One packet per answer: two would wait for each other.
            wbufsize = 1 << 16

            def do_GET(self):
                registry.requests.append(self.path)
                while registry.hangs:
                    time.sleep(0.05)
                if registry.moved:
                    self.send_response(307)
                    self.send_header("Location", registry.moved + self.path)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                status, answer = registry.answer(self.path, self.headers.get("Authorization"))
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certified:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certified[1], certified[0])
            if clients:
                context.load_verify_locations(clients)
                context.verify_mode = ssl.CERT_REQUIRED
            # Each connection agrees on its keys in a thread of its own.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.place = f"127.0.0.1:{self.server.server_port}"
        self.url = f"{'https' if certified else 'http'}://{self.place}"

    def answer(self, path, given):
        if self.refusals:
            status = self.refusals.pop(0)
            return status, {"error_code": status, "message": "as the test wants it"}
        if self.user and given != "Basic " + base64.b64encode(self.user.encode()).decode():
            return 401, {"error_code": 401, "message": "Unauthorized"}
        found = self.subjects.get(urllib.parse.unquote(path)) if path.startswith("/subjects/") else self.schemas.get(path.rsplit("/", 1)[1])
        if isinstance(found, bytes):
            return 200, found
        return (200, found) if found else (404, {"error_code": 40403, "message": "Schema not found"})

    def add(self, schema, kind=None, references=(), subject=None):
        """Returns the number of a schema: an object, or its text. References are subjects that were added before."""
        number = len(self.schemas) + 1
        entry = {"schema": schema if isinstance(schema, str) else json.dumps(schema)}
        if kind:
            entry["schemaType"] = kind
        if references:
            entry["references"] = [{"name": name, "subject": name, "version": 1} for name in references]
        self.schemas[str(number)] = entry
        if subject:
            self.subjects[f"/subjects/{subject}/versions/1"] = {"subject": subject, "version": 1, "id": number, **entry}
        return number

    def stop(self):
        self.hangs = False
        self.server.shutdown()
        self.server.server_close()


def framed(number, data):
    """A message in the wire format."""
    return struct.pack(">bI", 0, number) + data


if __name__ == "__main__":
    # For examples: schemas are given as texts, the address is printed, and the end of the input ends it.
    served = Registry()
    for text in sys.argv[1:]:
        served.add(text)
    print(served.place, flush=True)
    sys.stdin.read()
