"""`prism mock`: a server made of somebody else's OpenAPI document, which refuses what the document does not allow."""

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import time

import harness

SPECS = pathlib.Path(__file__).resolve().parent / "specs"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PrismMock:
    """Listens on 127.0.0.1 until the context ends. `log()` has a line for every request and for what was wrong with it."""

    def __init__(self, prism, document, log_path):
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen([prism, "mock", SPECS / document, "--port", str(self.port)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"})
        self.wait_until_listening_()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def wait_until_listening_(self):
        until = time.monotonic() + harness.PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            select.select([], [], [], 0.1)
        raise AssertionError(f"Prism does not listen: {self.log()}")

    def log(self):
        return self.log_path.read_text()
