"""Servers that nobody of this project wrote, on free ports of 127.0.0.1: they answer as the services do that they stand for."""

import contextlib
import json
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


class MockServer:
    """A context manager that ends the server. `log()` is what it has said."""

    def __init__(self, name, log_path, command):
        """`command(port)` gives the program and its arguments."""
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log_path = pathlib.Path(log_path)
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(command(self.port), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, "NO_COLOR": "1"})
        self.wait_until_listening_(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def wait_until_listening_(self, name):
        until = time.monotonic() + harness.PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            select.select([], [], [], 0.1)
        raise AssertionError(f"{name} does not listen: {self.log()}")

    def log(self):
        return self.log_path.read_text()


def prism_mock(programs, document, log_path):
    """`prism mock` of a document in specs/: refuses with 422 what that does not allow."""
    return MockServer("Prism", log_path, lambda port: [programs / "prism", "mock", SPECS / document, "--port", str(port)])


def aimock(programs, fixtures, folder):
    """@copilotkit/aimock, which plays OpenAI and others from fixtures: a list of {"match":…, "response":…}."""
    script = folder / "aimock-fixtures.json"
    script.write_text(json.dumps({"fixtures": fixtures}))
    return MockServer("aimock", folder / "aimock.log", lambda port: [programs / "llmock", "-p", str(port), "-f", script])
