"""A real OpenClaw gateway on a free loopback port: without accounts, without a model, and without the network once it is installed."""

import http.client
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

import npm_tools

HERE = pathlib.Path(__file__).resolve().parent
HOOK_TOKEN = "hook-token-of-this-test-0123456789"
START_PATIENCE = 240  # 20 to 45 s on an idle machine with two cores, measured 2026-11; more where everybody builds
QUIET = ("OPENCLAW_OFFLINE", "OPENCLAW_NO_AUTO_UPDATE", "OPENCLAW_DISABLE_BONJOUR", "OPENCLAW_SKIP_CHANNELS", "OPENCLAW_SKIP_BROWSER_CONTROL_SERVER",
         "OPENCLAW_SKIP_GMAIL_WATCHER", "OPENCLAW_SKIP_STARTUP_MODEL_PREWARM", "OPENCLAW_NO_RESPAWN")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install():
    """The folder with the programs. Ends the test as skipped where npm or its registry is missing."""
    return npm_tools.installed(HERE / "gateway", patience=280)


class Gateway:
    """A context manager. `folder` holds its state; its hooks take HOOK_TOKEN and session keys below agent:main: ."""

    def __init__(self, folder):
        self.programs = install()
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.log_path = self.folder / "gateway.log"
        for name in ("home", "tmp", "state"):
            (self.folder / name).mkdir()
        config = {
            "gateway": {"mode": "local", "bind": "loopback", "port": self.port, "auth": {"mode": "token", "token": "gateway-token-of-this-test-012345"},
                        "controlUi": {"enabled": False}},
            "logging": {"file": str(self.folder / "file.log")},
            "hooks": {"enabled": True, "token": HOOK_TOKEN, "path": "/hooks", "allowedAgentIds": ["main"], "allowRequestSessionKey": True,
                      "allowedSessionKeyPrefixes": ["hook:", "agent:main:"]},
        }
        (self.folder / "state" / "openclaw.json").write_text(json.dumps(config))

    def environment(self):
        return {"PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp"),
                "LANG": "C.UTF-8", "NO_COLOR": "1", "OPENCLAW_STATE_DIR": str(self.folder / "state"),
                "OPENCLAW_CONFIG_PATH": str(self.folder / "state" / "openclaw.json"), **dict.fromkeys(QUIET, "1")}

    def __enter__(self):
        with open(self.log_path, "wb") as log:
            # a session of its own: the helpers that it starts end with it
            self.process = subprocess.Popen([self.programs / "openclaw", "gateway", "run", "--port", str(self.port), "--bind", "loopback"],
                                            cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        until = time.monotonic() + START_PATIENCE
        while not self.ready_():
            if self.process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise AssertionError(f"the gateway did not start: {self.log()[-2000:]}")
            select.select([], [], [], 0.5)
        return self

    def __exit__(self, *_):
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def ready_(self):
        try:
            return self.request("GET", "/readyz", timeout=3)[0] == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None, timeout=60):
        """Status and body of one request, sent as it stands."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def log(self):
        return self.log_path.read_text(errors="replace")
