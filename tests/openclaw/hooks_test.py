#!/usr/bin/env python3
"""A job's end in a real OpenClaw gateway: once, in the conversation that asked, although the first try and the process failed."""

import contextlib
import http.client
import json

import paths
import harness
import npm_tools
from gateway import HOOK_TOKEN, Gateway
from receivers import Receiver

SHORT = {"duration_seconds": 20}
KEPT = ("authorization", "content-type", "idempotency-key")
HOOKS = {"enabled": True, "token": HOOK_TOKEN, "path": "/hooks", "allowedAgentIds": ["main"], "allowRequestSessionKey": True,
         "allowedSessionKeyPrefixes": ["hook:", "agent:main:"]}


def hand_on(gateway, received):
    """Status and JSON of the gateway's answer to these very bytes."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)) as connection:
        connection.request("POST", received.path, received.raw, {name: received.headers[name] for name in KEPT})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


class HooksTest(harness.ContractTest):
    programs = None  # where openclaw is

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.enterClassContext(Gateway(cls.programs, cls.folder, hooks=HOOKS))

    def test_a_jobs_end_arrives_once_although_the_first_try_was_answered_503_and_the_service_was_killed(self):
        runs = []

        def answer(received):  # stands in the way of the first delivery, hands on all others
            if len(door.received()) == 1:
                return 503
            runs.append(hand_on(self.gateway, received))
            return runs[-1][0]

        folder = self.scratch()
        with Receiver(answer) as door:
            variables = {"OPENCLAW_HOOK_URL": f"{door.address}/hooks", "OPENCLAW_HOOK_TOKEN": HOOK_TOKEN, "WEBHOOK_ALLOWED_HOSTS": door.authority}
            with harness.Service(folder, **variables) as service:
                webhook = {"format": "openclaw", "session_key": "agent:main:main"}
                job = service.generate("rainy night", {**SHORT, "webhook": webhook})["id"]
                door.wait_for(1)
                service.kill()
            with harness.Service(folder, **variables) as service:
                listed = service.settled(job, patience=120)
            self.assertEqual([(each["event"], each["status"], each["last_http_status"]) for each in listed], [("job.success", "delivered", 200)])
            self.assertEqual(len({(each.headers["idempotency-key"], each.raw) for each in door.received()}), 1)
            # had the process died after the answer, the same bytes would come again and find the same run
            status, again = hand_on(self.gateway, door.received()[-1])
        self.assertEqual((len(runs), runs[0][0], status), (1, 200, 200))
        self.assertEqual(again["runId"], runs[0][1]["runId"])

    def test_every_shape_that_can_be_asked_for_is_understood_or_refused_for_good(self):
        authority = f"127.0.0.1:{self.gateway.port}"
        variables = {"OPENCLAW_HOOK_URL": f"http://{authority}/hooks", "OPENCLAW_HOOK_TOKEN": HOOK_TOKEN, "WEBHOOK_ALLOWED_HOSTS": authority,
                     "WEBHOOK_FORMAT": "openclaw"}
        wanted = [(None, "openclaw agent", "delivered", 200),
                  ({"format": "openclaw", "hook": "wake"}, "openclaw wake", "delivered", 200),
                  ({"format": "openclaw", "hook": "wake", "session_key": "agent:main:main"}, "openclaw wake", "delivered", 200),
                  ({"format": "openclaw", "agent_id": "nobody"}, "openclaw agent", "dead", 400),
                  ({"format": "openclaw", "session_key": "forbidden:prefix"}, "openclaw agent", "dead", 400)]
        with harness.Service(self.scratch(), **variables) as service:
            jobs = [service.generate("rainy night", {**SHORT, **({"webhook": webhook} if webhook else {})})["id"] for webhook, *_ in wanted]
            for job, (_, *expected) in zip(jobs, wanted):
                listed = service.settled(job, patience=120)
                self.assertEqual([[each["endpoint"], each["status"], each["last_http_status"]] for each in listed], [expected])


if __name__ == "__main__":
    HooksTest.programs = npm_tools.installed(paths.HERE / "gateway", patience=600)
    harness.main()
