#!/usr/bin/env python3
"""A job's end in a real OpenClaw gateway: once, in the conversation that asked, although the first try and the process failed."""

import json
import select
import time

import harness
from openclaw_gateway import HOOK_TOKEN, Gateway, install
from receivers import Receiver

SHORT = {"duration_seconds": 20}
KEPT = ("authorization", "content-type", "idempotency-key")


def settled(service, job_id, patience=120):
    """The job's deliveries once none of them is pending."""
    until = time.monotonic() + patience
    while True:
        listed = service.get(f"/jobs/{job_id}/deliveries").json()["data"]
        if listed and all(each["status"] != "pending" for each in listed):
            return listed
        if time.monotonic() > until:
            raise AssertionError(f"still pending: {listed}")
        select.select([], [], [], 0.5)


class GatewayTest(harness.ContractTest):
    def test_a_jobs_end_reaches_the_gateway(self):
        with Gateway(self.scratch()) as gateway:
            with self.subTest("once, although the first try was answered 503 and the service was killed"):
                self.check_once(gateway)
            with self.subTest("in every shape that can be asked for"):
                self.check_shapes(gateway)

    def check_once(self, gateway):
        runs = []

        def answer(received):  # stands in the way of the first delivery, hands on all others
            if len(door.received()) == 1:
                return 503
            status, body = gateway.request("POST", received.path, received.raw, {name: received.headers[name] for name in KEPT})
            runs.append((status, json.loads(body)))
            return status

        folder = self.scratch()
        with Receiver(answer) as door:
            variables = {"OPENCLAW_HOOK_URL": f"{door.address}/hooks", "OPENCLAW_HOOK_TOKEN": HOOK_TOKEN, "WEBHOOK_ALLOWED_HOSTS": door.authority}
            with harness.Service(folder, **variables) as service:
                webhook = {"format": "openclaw", "session_key": "agent:main:main"}
                job = service.generate("rainy night", {**SHORT, "webhook": webhook})["id"]
                door.wait_for(1)
                service.kill()
            with harness.Service(folder, **variables) as service:
                listed = settled(service, job)
            self.assertEqual([(each["event"], each["status"], each["last_http_status"]) for each in listed], [("job.success", "delivered", 200)])
            self.assertEqual(len({(each.headers["idempotency-key"], each.raw) for each in door.received()}), 1)
            # had the process died after the answer, the same bytes would come again and find the same run
            again = door.received()[-1]
            status, body = gateway.request("POST", again.path, again.raw, {name: again.headers[name] for name in KEPT})
        self.assertEqual((len(runs), runs[0][0], status), (1, 200, 200))
        self.assertEqual(json.loads(body)["runId"], runs[0][1]["runId"])

    def check_shapes(self, gateway):
        variables = {"OPENCLAW_HOOK_URL": f"http://127.0.0.1:{gateway.port}/hooks", "OPENCLAW_HOOK_TOKEN": HOOK_TOKEN,
                     "WEBHOOK_ALLOWED_HOSTS": f"127.0.0.1:{gateway.port}", "WEBHOOK_FORMAT": "openclaw"}
        wanted = [(None, "openclaw agent", "delivered", 200),
                  ({"format": "openclaw", "hook": "wake"}, "openclaw wake", "delivered", 200),
                  ({"format": "openclaw", "hook": "wake", "session_key": "agent:main:main"}, "openclaw wake", "delivered", 200),
                  ({"format": "openclaw", "agent_id": "nobody"}, "openclaw agent", "dead", 400),
                  ({"format": "openclaw", "session_key": "forbidden:prefix"}, "openclaw agent", "dead", 400)]
        with harness.Service(self.scratch(), **variables) as service:
            jobs = [service.generate("rainy night", {**SHORT, **({"webhook": webhook} if webhook else {})})["id"] for webhook, *_ in wanted]
            for job, (_, endpoint, status, answered) in zip(jobs, wanted):
                listed = settled(service, job)
                self.assertEqual([(each["endpoint"], each["status"], each["last_http_status"], each["attempts"]) for each in listed],
                                 [(endpoint, status, answered, 1)])


if __name__ == "__main__":
    install()
    harness.main()
