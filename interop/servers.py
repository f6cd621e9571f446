"""Servers on the loopback interface, each a process, each on a port that was free."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import threading

# A server that somebody has; see make live.
REAL_IRIS = os.environ.get("IRISFIX_TEST_IRIS")


class Server:
    def __init__(self, process, host):
        self.process, self.host = process, host

    def peak_memory(self):
        """The largest resident set until now, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


@contextlib.contextmanager
def process(args, address):
    """Starts a server, waits until it says where it listens, and ends it."""
    p = subprocess.Popen([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = []
        for line in p.stdout:
            lines.append(line)
            if found := re.search(address, line):
                break
        else:
            raise RuntimeError("".join(lines))
        threading.Thread(target=p.stdout.read, daemon=True).start()
        yield Server(p, found[1])
    finally:
        p.terminate()
        p.wait()


def embedded(irisfix, directory):
    return process([irisfix, "serve", "--addr", "127.0.0.1:0", "--dir", directory], r"^listening on http://(\S+)")


def distribution(directory, **options):
    """Debian's docker-registry. Its configuration is YAML, which JSON is too."""
    directory.mkdir()
    http = {"addr": "127.0.0.1:0", "secret": "for tests"} | ({"tls": options["tls"]} if "tls" in options else {})
    storage = {"filesystem": {"rootdirectory": str(directory / "data")}, "delete": {"enabled": True}}
    config = {"version": 0.1, "storage": storage, "http": http}
    if "auth" in options:
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(options["auth"])}}
    (directory / "config.yml").write_text(json.dumps(config))
    return process(["docker-registry", "serve", directory / "config.yml"], r"listening on (127\.0\.0\.1:\d+)")


def iris(program, *options):
    """The IRIS of the tests. Its host is a URL with user, password and namespace. A real one, if somebody names it and no
    options are wanted."""
    if REAL_IRIS and not options:
        return contextlib.nullcontext(Server(None, REAL_IRIS))
    return process([program, *options], r"^listening on (iris://\S+)")


@contextlib.contextmanager
def proxy(to):
    """An HTTP proxy behind which every host is one server: how a test gives the loopback interface another name."""
    listener = socket.create_server(("127.0.0.1", 0))

    def tunnel(client):
        while not (request := client.recv(4096)).endswith(b"\r\n\r\n"):
            if not request:
                return
        upstream = socket.create_connection(to.split(":"))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        threading.Thread(target=pipe, args=(client, upstream), daemon=True).start()
        pipe(upstream, client)

    def pipe(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=tunnel, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
