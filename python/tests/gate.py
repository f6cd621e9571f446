"""A registry behind a gate, which counts what goes through and can be shut."""

import contextlib
import http.client
import http.server
import threading
from typing import Iterator, List


class Gate(http.server.ThreadingHTTPServer):
    """``requests`` are those that came, such as ``GET /v2/orders/blobs/sha256:…``. While ``blobs`` is not set, answers with
    the contents of files wait for it."""

    daemon_threads = True

    def __init__(self, registry: str) -> None:
        super().__init__(("127.0.0.1", 0), _Through)
        self.registry = registry
        self.requests: List[str] = []
        self.blobs = threading.Event()
        self.blobs.set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Through(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        if "/blobs/" in self.path and self.command == "GET":
            self.server.blobs.wait()
        upstream = http.client.HTTPConnection(self.server.registry)
        upstream.request(self.command, self.path, headers={k: v for k, v in self.headers.items() if k != "Host"})
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in ("Date", "Server", "Content-Length"):
                self.send_header(name, value)
        self.send_header("Content-Length", answer.headers["Content-Length"] if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def gate(registry: str) -> Iterator[Gate]:
    """Opens a gate before a registry, given as HOST:PORT."""
    server = Gate(registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.blobs.set()
        server.shutdown()
        server.server_close()
