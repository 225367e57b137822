#!/usr/bin/env python3
"""GET /metrics, read by a parser that nobody of this project wrote, and counted against the upstreams' ledgers."""

import json
import shutil
import subprocess

import harness
import npm_tools
from upstreams import Upstreams, completion, make_certificates, openai_error

# Debian's own Python has Debian's packages, whatever python3 is on the path.
PARSER = ["/usr/bin/python3", "-c", """
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
json.dump([[sample.name, sample.labels, sample.value] for family in families for sample in family.samples], sys.stdout)
"""]
SECRETS = ("test-openai-key", "test-suno-key", "test-secret-of-mine", "CanaryWordZq", "mine-to-see")


class MetricsTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(certificates)
        cls.addClassCleanup(cls.upstreams.close)
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=certificates / "ca.pem", API_KEYS="mine-to-see=test-secret-of-mine", SHARDS=2,
            OPENAI_API_KEY="test-openai-key", SUNO_API_KEY="test-suno-key", SUNO_RETRY_DELAY=0,
            OPENAI_BASE_URL=f"{cls.upstreams.openai.origin}/v1", SUNO_API_BASE_URL=cls.upstreams.suno.origin))
        cls.service.key = "test-secret-of-mine"

    def numbers(self):
        """(name, labels) -> value."""
        answer = self.service.get("/metrics")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.text = answer.body.decode()
        done = subprocess.run(PARSER, input=self.text, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return {(name, tuple(sorted(labels.items()))): value for name, labels, value in json.loads(done.stdout)}

    def value(self, numbers, name, **labels):
        return numbers.get((name, tuple(sorted(labels.items()))), 0)

    def test_the_numbers_are_those_of_what_happened(self):
        before = self.numbers()
        self.upstreams.add("casegood")
        self.upstreams.add("casebad", writes=[openai_error(401, "invalid_request_error", "invalid_api_key", "no")])
        self.upstreams.add("caselimited", writes=[openai_error(429, "requests", "rate_limit_exceeded", "slow", **{"Retry-After": "0"}),
                                                  completion("A slow lofi beat with soft rain for caselimited.")])
        for name in ("casegood", "casebad", "caselimited"):
            key = {"Idempotency_Key": f"key-{name}"}
            job = self.service.generate(f"CanaryWordZq {name}", **key)
            self.service.finish(job["id"])
            self.service.generate(f"CanaryWordZq {name}", **key)
        self.service.get("/jobs/job_CanaryWordZq")
        self.service.get("/CanaryWordZq")
        after = self.numbers()

        def grown(name, **labels):
            return self.value(after, name, **labels) - self.value(before, name, **labels)

        self.assertEqual(grown("jobs_created_total", replayed="false"), 3)
        self.assertEqual(grown("jobs_created_total", replayed="true"), 3)
        self.assertEqual(grown("jobs_finished_total", status="success"), 2)
        self.assertEqual(grown("jobs_finished_total", status="error"), 1)
        self.assertEqual(self.value(after, "jobs_active"), 0)
        self.assertEqual(grown("upstream_calls_total", api="openai", outcome="2xx"), 2)
        self.assertEqual(grown("upstream_calls_total", api="openai", outcome="4xx"), 1)
        self.assertEqual(grown("upstream_calls_total", api="openai", outcome="429"), 1)
        self.assertEqual(grown("upstream_calls_total", api="suno", outcome="2xx"), len(self.upstreams.suno.ledger.find()))
        self.assertEqual(grown("http_requests_total", route="/generate", status="202"), 6)
        self.assertEqual(grown("http_requests_total", route="/jobs/{}", status="404"), 1)
        self.assertEqual(grown("http_requests_total", route="none", status="404"), 1)
        self.assertGreaterEqual(grown("store_operations_total", operation="update", outcome="success"), 9)
        for secret in SECRETS:
            self.assertNotIn(secret, self.text)

    def test_prometheus_own_checker_has_nothing_against_it(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is not installed")
        self.numbers()
        done = subprocess.run(["promtool", "check", "metrics"], input=self.text, text=True, capture_output=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_numbers_need_a_key(self):
        self.assertEqual(self.service.get("/metrics", Authorization="Bearer wrong-wrong-wrong").status, 401)


if __name__ == "__main__":
    if subprocess.run(PARSER, input="", capture_output=True, text=True, timeout=60).returncode != 0:
        npm_tools.skip("python3-prometheus-client is not installed")
    harness.main()
