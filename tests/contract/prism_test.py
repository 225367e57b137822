#!/usr/bin/env python3
"""Prism stands between client and service and holds every answer against openapi.yaml, good ones and errors."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import tempfile
import time

import harness
import npm_tools
from upstreams import Reply, Upstreams, make_certificates

HERE = pathlib.Path(__file__).resolve().parent
KEY = "test-secret-of-mine"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prism:
    """`prism proxy` on a free port. It adds `sl-violations` to an answer when request or answer break the document."""

    def __init__(self, prism, log_path, upstream, *options):
        self.port = free_port()
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                [prism, "proxy", HERE.parents[1] / "openapi.yaml", upstream, "--port", str(self.port), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"})
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


class PrismTest(harness.ContractTest):
    prism = None  # the program

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(certificates)
        cls.addClassCleanup(cls.upstreams.close)
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=certificates / "ca.pem", API_KEYS=f"me={KEY}", MUSIC_PROVIDERS="suno,local",
            OPENAI_API_KEY="test-openai-key", OPENAI_BASE_URL=f"{cls.upstreams.openai.origin}/v1",
            SUNO_API_KEY="test-suno-key", SUNO_API_BASE_URL=cls.upstreams.suno.origin, SUNO_RETRY_DELAY=0))
        cls.service.key = KEY

    def ask(self, method, path, body=None, **headers):
        """One request through the proxy; what Prism has against the answer fails the test."""
        sent = {"Authorization": f"Bearer {KEY}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=harness.PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path.removeprefix(self.service.address), body, {k: v for k, v in sent.items() if v is not None})
            response = connection.getresponse()
            answer = harness.Answer(response, response.read())
        violations = json.loads(answer.headers.get("sl-violations", "[]"))
        against_answer = [each for each in violations if each["location"][0] == "response"]
        self.assertEqual(against_answer, [], f"{method} {path} -> {answer.status} {answer.body[:500]}")
        self.asked += 1
        return answer

    def expect(self, status, *request, **headers):
        answer = self.ask(*request, **headers)
        self.assertEqual(answer.status, status, f"{request} {answer.body[:500]}")
        return answer

    def finish(self, job_id):
        until = time.monotonic() + harness.PATIENCE
        while time.monotonic() < until:
            job = self.expect(200, "GET", f"/jobs/{job_id}", Prefer="wait=10").json()
            if job["done"]:
                return job
        raise AssertionError("the job did not end")

    def start_proxy(self, *options):
        self.asked = 0
        self.proxy = self.enterContext(Prism(self.prism, self.folder / f"prism{len(options)}.log", self.service.address, *options))

    def assert_log_is_clean(self):
        """An undocumented status code is only a line in Prism's log."""
        complaints = [line for line in self.proxy.log().splitlines() if re.search(r"violation.*response|status code", line, re.IGNORECASE)]
        self.assertEqual(complaints, [])
        self.assertGreater(self.asked, 10)

    def song(self, name, **scripts):
        self.upstreams.add(name, **scripts)
        return self.expect(202, "POST", "/generate", {"theme": f"rainy night {name}"}).json()["id"]

    def test_requests_that_keep_to_the_document_get_answers_that_do(self):
        self.start_proxy("--errors")  # whatever breaks the document becomes an error status
        self.upstreams.add("casewhole")
        whole = {"theme": "rainy night casewhole", "tags": "lofi", "title": "Neon Rain", "style": "lofi", "instrumental": True,
                 "duration_seconds": 90, "seed": 42, "format": "mp3", "deadline_seconds": 600, "metadata": {"ref": "17"}, "provider": "suno"}
        job_id = self.expect(202, "POST", "/generate", whole, Idempotency_Key="order-1", X_Request_Id="mine").json()["id"]
        job = self.finish(job_id)
        self.assertEqual(job["status"], "success")
        self.expect(202, "POST", "/generate", whole, Idempotency_Key="order-1")
        self.upstreams.add("casewaited")
        self.expect(200, "POST", "/generate", {"theme": "rainy night casewaited"}, Prefer="wait=30")
        current = self.expect(200, "GET", f"/jobs/{job_id}")
        self.expect(304, "GET", f"/jobs/{job_id}", If_None_Match=current.headers["ETag"])
        batch = self.expect(202, "POST", "/batches", {"requests": [whole, {"theme": "rainy night casewaited"}]}, Idempotency_Key="order-1")
        path = batch.headers["Location"]
        current = self.expect(200, "GET", path, Prefer="wait=60")
        self.assertEqual(current.json()["status"], "success")
        self.expect(304, "GET", path, If_None_Match=current.headers["ETag"])
        self.assertEqual(self.finish(current.json()["jobs"][0]["id"])["batch_id"], batch.json()["id"])
        self.expect(204, "DELETE", f"/jobs/{current.json()['jobs'][1]['id']}")
        self.expect(200, "GET", path)
        self.expect(404, "GET", "/batches/batch_" + 38 * "0")
        page = self.expect(200, "GET", "/jobs?limit=1&status=success").json()
        self.expect(200, "GET", f"/jobs?cursor={page['next_cursor']}")
        # Prism cannot pass on a HEAD of JSON (it parses the empty body); flow_test.py asks for that.
        for path in (job["download_url"], job["tracks"][0]["url"]):
            self.expect(200, "GET", path)
            self.expect(206, "GET", path, Range="bytes=0-99")
            self.expect(200, "HEAD", path)
        local = self.expect(202, "POST", "/generate", {"theme": "rainy night casewhole", "provider": "local", "duration_seconds": 20,
                                                       "format": "flac"}).json()["id"]
        self.expect(200, "GET", self.finish(local)["download_url"])
        for path in ("/livez", "/readyz"):
            self.expect(200, "GET", path, Authorization=None)
        for path in ("/", "/openapi.yaml", "/styles", "/metrics"):
            self.expect(200, "GET", path)
        last = self.expect(200, "GET", f"/jobs/{job_id}/events").body.decode()
        self.assertIn("event: snapshot\n", last)
        self.expect(204, "GET", f"/jobs/{job_id}/events", Last_Event_ID=str(job["version"]))
        self.expect(404, "GET", "/jobs/job_" + 36 * "0" + "/events")

        self.assertEqual(self.expect(200, "GET", f"/jobs/{job_id}/deliveries").json(), {"data": []})
        self.expect(404, "POST", f"/deliveries/msg_{'0' * 32}/redeliver", {})

        self.expect(200, "GET", "/skills")
        self.upstreams.add("caseskill")
        written = self.expect(200, "POST", "/skills/chatgpt-prompt-generator", {"theme": "rainy night caseskill"}).json()
        self.assertEqual(written["status"], "success")
        by_prompt = self.expect(202, "POST", "/skills/suno-music-generator", {"prompt": written["generated_prompt"], "tags": "lofi"})
        self.assertEqual(self.finish(by_prompt.json()["id"])["status"], "success")
        self.upstreams.add("caseprompted")
        call = {"skill": "chatgpt-prompt-generator", "parameters": {"theme": "rainy night caseprompted"}}
        told = self.expect(202, "POST", "/webhooks/openclaw", call).json()["id"]
        self.assertEqual((self.finish(told)["goal"], self.finish(told)["status"]), ("prompt", "success"))
        self.expect(404, "GET", f"/jobs/{told}/audio")
        self.upstreams.add("casechained")
        self.expect(202, "POST", "/skills/music-orchestrator", {"theme": "rainy night casechained"})

        endless = self.song("caseendless", polls=[self.upstreams.song("caseendless", "generating")])
        self.service.wait_until(endless, lambda job: job["stage"] == "generating")
        self.expect(409, "DELETE", f"/jobs/{endless}")
        self.assertIn(self.ask("POST", f"/jobs/{endless}/cancel").status, (200, 202))
        self.finish(endless)
        self.expect(200, "POST", f"/jobs/{endless}/cancel", {})
        unknown = self.song("caseunknown", submits=[Reply(500, {"error": "no"}), Reply(body={"id": "song-caseunknown"})])
        self.assertEqual(self.finish(unknown)["charged"], "maybe")
        self.expect(409, "POST", f"/jobs/{unknown}/retry")
        self.expect(202, "POST", f"/jobs/{unknown}/retry", {"on_unknown": "resubmit"})
        self.finish(unknown)
        prompt = self.song("caseprompt", writes=[Reply(401, {"error": {"message": "no"}})])
        self.assertEqual(self.finish(prompt)["error_type"], "prompt_generation_failed")
        self.expect(204, "DELETE", f"/jobs/{prompt}")
        self.expect(404, "GET", f"/jobs/{prompt}")
        self.expect(404, "GET", f"/jobs/{prompt}/audio")
        self.expect(422, "POST", "/generate", {"theme": "sunny day"}, Idempotency_Key="order-1")
        self.expect(401, "GET", "/jobs", Authorization="Bearer wrong")
        self.assert_log_is_clean()

    def test_requests_that_break_the_document_get_the_documented_errors(self):
        self.start_proxy()  # without --errors they reach the service
        self.upstreams.add("casegood")
        job = self.finish(self.expect(202, "POST", "/generate", {"theme": "rainy night casegood"}).json()["id"])
        self.expect(416, "GET", job["download_url"], Range="bytes=99999999-")
        self.expect(404, "GET", f"/jobs/{job['id']}/tracks/9/audio")
        self.expect(404, "GET", "/jobs/job_nobody")
        self.expect(404, "POST", "/jobs/job_nobody/cancel")
        self.expect(409, "POST", f"/jobs/{job['id']}/retry")
        for body in ({}, {"tags": "lofi"}):
            self.expect(400, "POST", "/generate", body)
        for extra in ({"theme": "ab"}, {"theme": "no <tags>"}, {"seed": -1}, {"format": "aiff"}, {"unheard_of": 1}, {"provider": "nobody"}):
            self.expect(422, "POST", "/generate", {"theme": "rainy night", **extra})
        self.expect(400, "POST", "/batches", {})
        for requests in ([], [{"theme": "ab"}], [{"theme": "rainy night"}] * 101, "no list"):
            self.expect(422, "POST", "/batches", {"requests": requests})
        self.expect(404, "GET", "/batches/batch_nobody")
        self.expect(401, "GET", "/batches/batch_nobody", Authorization="Bearer wrong")
        self.expect(422, "POST", f"/jobs/{job['id']}/retry", {"on_unknown": "guess"})
        self.expect(422, "GET", "/jobs?limit=0")
        self.expect(422, "GET", "/jobs?status=new")
        self.expect(400, "POST", "/generate", {"theme": "rainy night"}, Idempotency_Key="two words")
        self.expect(406, "POST", "/generate", {"theme": "rainy night"}, Accept="text/html")
        for method, path in (("POST", "/generate"), ("GET", "/jobs"), ("GET", f"/jobs/{job['id']}"), ("GET", f"/jobs/{job['id']}/audio"),
                             ("POST", f"/jobs/{job['id']}/cancel"), ("POST", f"/jobs/{job['id']}/retry"), ("DELETE", f"/jobs/{job['id']}")):
            self.expect(401, method, path, {"theme": "rainy night"} if path == "/generate" else None, Authorization="Bearer wrong")
        self.assert_log_is_clean()


if __name__ == "__main__":
    PrismTest.prism = npm_tools.installed(HERE) / "prism"
    harness.main()
