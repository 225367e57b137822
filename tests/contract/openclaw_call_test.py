#!/usr/bin/env python3
"""POST /webhooks/openclaw: answered at once, and the result goes where `reply` says."""

import harness
from receivers import Receiver

CALL = {"skill": "music-orchestrator", "parameters": {"theme": "rainy night", "duration_seconds": 20},
        "reply": {"hook": "wake", "session_key": "agent:main:main"}}


class OpenclawCallTest(harness.ContractTest):
    def test_the_result_goes_where_reply_says_and_the_same_call_is_the_same_job(self):
        with Receiver(lambda received: 200) as gateway:
            with harness.Service(self.scratch(), OPENCLAW_HOOK_URL=f"{gateway.address}/hooks", OPENCLAW_HOOK_TOKEN="test-hook-token",
                                 WEBHOOK_ALLOWED_HOSTS=gateway.authority) as service:
                first = service.request("POST", "/webhooks/openclaw", CALL, Idempotency_Key="call-1")
                again = service.request("POST", "/webhooks/openclaw", CALL, Idempotency_Key="call-1")
                by_prompt = {"skill": "suno-music-generator", "reply": {"session_key": "agent:main:main"},
                             "parameters": {"prompt": "A slow lofi beat with rain.", "duration_seconds": 20}}
                other = service.request("POST", "/webhooks/openclaw", by_prompt)
                told = {each.path: each.json() for each in gateway.wait_for(2)}

        self.assertEqual([answer.status for answer in (first, again, other)], [202, 202, 202])
        self.assertEqual(first.json()["id"], again.json()["id"])
        self.assertEqual(sorted(told), ["/hooks/agent", "/hooks/wake"])
        self.assertEqual(told["/hooks/wake"]["sessionKey"], "agent:main:main")
        self.assertIn(f"Music job {first.json()['id']} succeeded.", told["/hooks/wake"]["text"])
        self.assertIn(f"Music job {other.json()['id']} succeeded.", told["/hooks/agent"]["message"])

    def test_a_reply_that_leads_nowhere_is_refused_by_its_field_and_nothing_is_stored(self):
        with harness.Service(self.scratch()) as service:  # no OPENCLAW_HOOK_URL
            refused = service.request("POST", "/webhooks/openclaw", CALL)
            self.assert_problem(refused, 422, "validation_error")
            self.assert_problem(service.request("POST", "/webhooks/openclaw", {**CALL, "reply": {"nonsense": 1}}), 422, "validation_error",
                                "reply.nonsense")
            self.assertEqual(service.get("/jobs").json()["data"], [])


if __name__ == "__main__":
    harness.main()
