"""A real OpenClaw gateway on loopback, without any account; its state is in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

TOKEN = "test-gateway-token-0123456789"
HOOK_TOKEN = "test-hook-token-0123456789"
READY = 240  # seconds; 20 on a quiet machine, 90 on a busy one

QUIET = ("OPENCLAW_OFFLINE", "OPENCLAW_NO_AUTO_UPDATE", "OPENCLAW_DISABLE_BONJOUR", "OPENCLAW_SKIP_CHANNELS",
         "OPENCLAW_SKIP_BROWSER_CONTROL_SERVER", "OPENCLAW_SKIP_GMAIL_WATCHER", "OPENCLAW_SKIP_STARTUP_MODEL_PREWARM",
         "OPENCLAW_NO_RESPAWN")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """`programs` is the folder with `openclaw` and its `node`; `settings` is merged over what a bare gateway needs."""

    def __init__(self, programs, folder, **settings):
        self.folder = folder
        self.state = folder / "state"
        self.port = free_port()
        self.process = None
        for name in ("home", "tmp", "state/workspace/skills"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.environment = {"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"),
                            "LANG": "C.UTF-8", "NO_COLOR": "1", "OPENCLAW_STATE_DIR": str(self.state),
                            "OPENCLAW_CONFIG_PATH": str(self.state / "openclaw.json"), **{name: "1" for name in QUIET}}
        config = {"gateway": {"mode": "local", "bind": "loopback", "port": self.port, "auth": {"mode": "token", "token": TOKEN},
                              "controlUi": {"enabled": False}},
                  "logging": {"file": str(folder / "gateway-file.log")}, **settings}
        (self.state / "openclaw.json").write_text(json.dumps(config))

    def cli(self, *arguments, patience=180):
        """Runs `openclaw ARGUMENTS` on this state."""
        return subprocess.run(["openclaw", *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=patience)

    def cli_json(self, *arguments):
        done = self.cli(*arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(f"openclaw {arguments} ended with {done.returncode}: {done.stdout[-800:]} {done.stderr[-800:]}")
        return json.loads(done.stdout[done.stdout.index("{"):])

    def __enter__(self):
        with open(self.folder / "gateway.log", "wb") as log:
            self.process = subprocess.Popen(["openclaw", "gateway", "run", "--port", str(self.port), "--bind", "loopback"],
                                            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        until = time.monotonic() + READY
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.request("GET", "/readyz", patience=3)[0] == 200:
                    return self
            except OSError:
                pass
            try:
                self.process.wait(0.3)
            except subprocess.TimeoutExpired:
                pass
        log = (self.folder / "gateway.log").read_text()[-2000:]
        self.__exit__()
        raise AssertionError(f"the gateway did not get ready: {log}")

    def __exit__(self, *_):
        # The gateway leads a session of its own; its helpers go with it.
        for signal_number, patience in ((signal.SIGTERM, 30), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.process.pid, signal_number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue

    def request(self, method, path, body=None, patience=60, token=TOKEN):
        """Status and parsed JSON (or text) of one request."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as failure:
            status, text = failure.code, failure.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def invoke(self, tool, **arguments):
        """Runs a tool without a model; gives its result."""
        status, answer = self.request("POST", "/tools/invoke", {"tool": tool, "args": arguments}, patience=120)
        if status != 200 or not answer.get("ok"):
            raise AssertionError(f"{status} for {tool}: {answer}")
        return answer["result"]
