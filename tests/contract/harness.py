"""Runs the real program and talks to it as its users do."""

import contextlib
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PATIENCE = 60  # seconds until something that must come counts as lost; a sanitizer build on a busy machine is slow

# Of the environment the service sees only this: whatever else is set on the machine must not decide a test.
PASSED_ON = ("PATH", "LC_ALL", "LANG", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


def program():
    """The binary under test: the first argument."""
    return pathlib.Path(sys.argv[1]).resolve()


def environment(**variables):
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, **{name: str(value) for name, value in variables.items()}}


def run_program(*arguments, cwd, patience=PATIENCE, **variables):
    """Runs the program to its end."""
    return subprocess.run([program(), *arguments], cwd=cwd, env=environment(**variables), capture_output=True, text=True,
                          timeout=patience, stdin=subprocess.DEVNULL)


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Service:
    """`openclaw-music serve` on a free port; a context manager that ends it."""

    def __init__(self, folder, **variables):
        self.folder = pathlib.Path(folder)
        defaults = {"PORT": 0, "DATA_DIR": self.folder / "data", "SHARDS": 2, "LOG_LEVEL": "DEBUG"}
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".log", delete=False) as log:
            self.log_path = pathlib.Path(log.name)
            # setpriv becomes the program, and the kernel ends that with this test, however the test ends.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", program(), "serve"], cwd=self.folder,
                                            env=environment(**{**defaults, **variables}), stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=log)
        self.first_line = self.read_line_()
        if not self.first_line.startswith("listening on http://127.0.0.1:"):
            self.kill()
            raise AssertionError(f"no address on stdout, but {self.first_line!r}; stderr: {self.log()}")
        self.address = self.first_line.removeprefix("listening on ")
        self.port = int(self.address.rsplit(":", 1)[1])
        self.key = None  # sent as the bearer token when set

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if self.process.poll() is None:
            code = self.stop()
            if code != 0 and failure is None:  # a crash at the end, or what a sanitizer found
                raise AssertionError(f"the service ended with {code}: {self.log()[-4000:]}")

    def read_line_(self):
        line = b""
        until = time.monotonic() + PATIENCE
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not piece:
                break
            line += piece
        return line.decode().removesuffix("\n")

    def request(self, method, path, body=None, patience=PATIENCE, **headers):
        """One request on a connection of its own. Header names are given with _ for -; a body that is not bytes goes as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.key}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        with contextlib.closing(connection):
            connection.request(method, path.removeprefix(self.address), body, sent)
            response = connection.getresponse()
            return Answer(response, response.read())

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def generate(self, theme, fields=None, **headers):
        """POST /generate; the answer's status must be 202. Gives the job."""
        answer = self.request("POST", "/generate", {"theme": theme, **(fields or {})}, **headers)
        if answer.status != 202:
            raise AssertionError(f"{answer.status} for POST /generate: {answer.body}")
        return answer.json()

    def job(self, job_id):
        return self.get(f"/jobs/{job_id}").json()

    def wait_until(self, job_id, reached, patience=PATIENCE):
        """Long-polls the job until `reached(job)`. While the store is away it asks again, as the contract says."""
        until = time.monotonic() + patience
        news = {}
        while True:
            answer = self.get(f"/jobs/{job_id}", **news)
            if answer.status == 200:
                job = answer.json()
                if reached(job):
                    return job
                news = {"Prefer": "wait=5", "If_None_Match": f'"{job["version"]}"'}
            else:
                away = answer.status == 503 and answer.json()["error_type"] == "store_unavailable"
                if answer.status != 304 and not away:
                    raise AssertionError(f"{answer.status} for the job: {answer.body}")
            if time.monotonic() > until or (answer.status == 200 and job["done"]):
                raise AssertionError(f"the job did not get there: {answer.body}")

    def finish(self, job_id, patience=PATIENCE):
        """The job once it has ended."""
        return self.wait_until(job_id, lambda job: job["done"], patience)

    def settled(self, job_id, patience=PATIENCE):
        """The job's deliveries, of which there must be some, once none of them is pending."""
        until = time.monotonic() + patience
        while True:
            listed = self.get(f"/jobs/{job_id}/deliveries").json()["data"]
            if listed and all(each["status"] != "pending" for each in listed):
                return listed
            if time.monotonic() > until:
                raise AssertionError(f"still pending: {listed}")
            select.select([], [], [], 0.2)

    def stop(self, patience=30):
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(patience)

    def kill(self):
        self.process.kill()
        return self.wait(10)

    def wait(self, patience):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"the service did not end in {patience} s") from None
        finally:
            self.process.stdout.close()
        return code

    def log(self):
        return self.log_path.read_text()


class ContractTest(unittest.TestCase):
    """A test case with a folder of its own that goes with it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="openclaw-contract-")))

    def scratch(self):
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="openclaw-contract-")))

    def assert_problem(self, answer, status, error_type, field=None):
        """The answer is an error in the contract's form."""
        self.assertEqual((answer.status, answer.headers.get_content_type()), (status, "application/json"), answer.body)
        problem = answer.json()
        self.assertEqual((problem["status"], problem["error_type"]), ("error", error_type))
        self.assertEqual(problem["request_id"], answer.headers["X-Request-Id"])
        self.assertTrue(problem["message"])
        self.assertRegex(problem["timestamp"], TIME)
        if field is not None:
            self.assertIn(field, [each["field"] for each in problem.get("errors", [])])
        return problem


TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
