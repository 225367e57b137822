#!/usr/bin/env python3
"""POST /webhooks/openclaw: answered at once, and the result goes where `reply` says."""

import threading

import harness
from receivers import Receiver
from upstreams import Reply, Upstreams, completion, make_certificates

CALL = {"skill": "music-orchestrator", "parameters": {"theme": "rainy night", "duration_seconds": 20},
        "reply": {"hook": "wake", "session_key": "agent:main:main"}}
PROMPT_CALL = {"skill": "chatgpt-prompt-generator", "parameters": {"theme": "rainy night caseprompt", "tags": "lofi"},
               "reply": {"session_key": "agent:main:main"}}


def told_by(gateway):
    """What makes a service tell OpenClaw there."""
    return {"OPENCLAW_HOOK_URL": f"{gateway.address}/hooks", "OPENCLAW_HOOK_TOKEN": "test-hook-token"}


class OpenclawCallTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)

    def upstreams(self):
        """Fakes of OpenAI and Suno, and the variables that lead a service there."""
        upstreams = Upstreams(self.certificates)
        self.addCleanup(upstreams.close)
        return upstreams, {"SSL_CERT_FILE": self.certificates / "ca.pem", "OPENAI_API_KEY": "test-openai-key", "SUNO_API_KEY": "test-suno-key",
                           "OPENAI_BASE_URL": f"{upstreams.openai.origin}/v1", "SUNO_API_BASE_URL": upstreams.suno.origin}

    def test_the_result_goes_where_reply_says_and_the_same_call_is_the_same_job(self):
        with Receiver(lambda received: 200) as gateway:
            with harness.Service(self.scratch(), **told_by(gateway)) as service:
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

    def test_a_prompt_is_told_once_and_buys_no_song_although_the_process_died_before_it_was_told(self):
        folder, taking = self.scratch(), threading.Event()
        upstreams, config = self.upstreams()
        upstreams.add("caseprompt")
        with Receiver(lambda received: 200 if taking.is_set() else 503) as gateway:
            config |= told_by(gateway)
            service = harness.Service(folder, **config)
            first = service.request("POST", "/webhooks/openclaw", PROMPT_CALL, Idempotency_Key="call-1")
            song = service.request("POST", "/webhooks/openclaw", {**PROMPT_CALL, "skill": "music-orchestrator"}, Idempotency_Key="call-1")
            job_id = first.json()["id"]
            service.finish(job_id)
            gateway.wait_for(1)
            service.kill()
            refused = len(gateway.received())
            taking.set()
            with harness.Service(folder, **config) as service:
                again = service.request("POST", "/webhooks/openclaw", PROMPT_CALL, Idempotency_Key="call-1")
                listed = service.settled(job_id)
            taken = gateway.received()[refused:]

        self.assertEqual((first.status, first.json()["done"]), (202, False))
        self.assert_problem(song, 422, "idempotency_key_reused")
        self.assertEqual((again.status, again.json()["id"], again.headers["Idempotent-Replayed"]), (202, job_id, "true"))
        self.assertEqual([(each["event"], each["status"]) for each in listed], [("job.success", "delivered")])
        self.assertEqual([(each.path, each.headers["idempotency-key"]) for each in taken], [("/hooks/agent", listed[0]["id"])])
        self.assertEqual(taken[0].json()["sessionKey"], "agent:main:main")
        self.assertRegex(taken[0].json()["message"], rf"^Music job {job_id} succeeded\. .* Job: http://.*/jobs/{job_id}$")
        self.assertNotIn(b"rain", b"".join(each.raw for each in gateway.received()))  # neither the theme nor the prompt
        self.assertEqual(len(upstreams.openai.ledger.find()), 1)
        self.assertEqual(upstreams.suno.ledger.find(), [])

    def test_a_job_for_its_prompt_is_a_job_like_every_other_but_for_the_song(self):
        upstreams, config = self.upstreams()
        upstreams.add("caseprompt")
        call = {name: PROMPT_CALL[name] for name in ("skill", "parameters")}
        with harness.Service(self.scratch(), **config) as service:
            job = service.request("POST", "/webhooks/openclaw", call, Prefer="wait=30").json()
            path = f"/jobs/{job['id']}"
            self.assertEqual(service.get("/jobs?status=success").json()["data"], [job])
            for audio in ("/audio", "/tracks/0/audio"):
                self.assert_problem(service.get(path + audio), 404, "not_found")
            self.assert_problem(service.request("POST", f"{path}/retry"), 409, "job_not_retryable")
            self.assertEqual(service.request("POST", f"{path}/cancel").json(), job)
            self.assertIn("event: done\n", service.get(f"{path}/events").body.decode())
            self.assertEqual(service.get(f"{path}/deliveries").json(), {"data": []})
            self.assertEqual([service.request("DELETE", path).status, service.get(path).status], [204, 404])

        self.assertEqual((job["goal"], job["status"], job["stage"], job["charged"], job["tracks"]), ("prompt", "success", "finished", "no", []))
        self.assertEqual(job["workflow"], {
            "step1_prompt_generation": {"status": "complete", "generated_prompt": "A slow lofi beat with soft rain for caseprompt.",
                                        "model": "gpt-4", "tokens_used": 145},
            "step2_music_generation": {"status": "pending", "polls": 0}})
        self.assertFalse({"download_url", "song_id", "error_type"} & job.keys())

    def test_a_prompt_that_a_killed_process_was_writing_is_written_by_the_next_one(self):
        folder = self.scratch()
        upstreams, config = self.upstreams()
        upstreams.add("caseprompt", writes=[Reply(hang=True), completion("A slow lofi beat, written by another.")])
        with Receiver(lambda received: 200) as gateway:
            config |= told_by(gateway)
            service = harness.Service(folder, **config)
            job_id = service.request("POST", "/webhooks/openclaw", PROMPT_CALL).json()["id"]
            upstreams.openai.ledger.wait_for(1)
            service.kill()
            with harness.Service(folder, **config) as service:
                job = service.finish(job_id)
                listed = service.settled(job_id)
            taken = gateway.received()

        self.assertEqual((job["goal"], job["status"]), ("prompt", "success"), job)
        self.assertEqual(job["workflow"]["step1_prompt_generation"]["generated_prompt"], "A slow lofi beat, written by another.")
        self.assertEqual([each["event"] for each in listed], ["job.success"])
        self.assertEqual(len(taken), 1)
        self.assertEqual(upstreams.suno.ledger.find(), [])

    def test_a_prompt_that_cannot_be_written_is_told_and_written_when_it_is_retried(self):
        upstreams, config = self.upstreams()
        upstreams.add("caseprompt", writes=[Reply(401, {"error": {"message": "no"}}), completion("A slow lofi beat with soft rain.")])
        with Receiver(lambda received: 200) as gateway, harness.Service(self.scratch(), **config, **told_by(gateway)) as service:
            wake = {**PROMPT_CALL, "reply": {"hook": "wake", "events": ["job.prompt_ready", "job.success", "job.error"]}}
            failed = service.request("POST", "/webhooks/openclaw", wake, Prefer="wait=30")
            self.assertEqual((failed.status, failed.json()["error_type"], failed.json()["retryable"]), (200, "prompt_generation_failed", True))
            job_id = failed.json()["id"]
            self.assertEqual(service.request("POST", f"/jobs/{job_id}/retry").status, 202)
            self.assertEqual(service.finish(job_id)["status"], "success")
            told = gateway.wait_for(3)
            listed = service.settled(job_id)

        self.assertEqual([each["event"] for each in listed], ["job.error", "job.prompt_ready", "job.success"])
        self.assertEqual([each.path for each in told], ["/hooks/wake"] * 3)
        self.assertIn("prompt_generation_failed", told[0].json()["text"])
        self.assertNotIn(b"rain", b"".join(each.raw for each in told))
        self.assertEqual(len(upstreams.openai.ledger.find()), 2)
        self.assertEqual(upstreams.suno.ledger.find(), [])

    def test_a_reply_that_leads_nowhere_is_refused_by_its_field_and_nothing_is_stored(self):
        with harness.Service(self.scratch()) as service:  # no OPENCLAW_HOOK_URL
            refused = service.request("POST", "/webhooks/openclaw", CALL)
            self.assert_problem(refused, 422, "validation_error")
            self.assert_problem(service.request("POST", "/webhooks/openclaw", {**CALL, "reply": {"nonsense": 1}}), 422, "validation_error",
                                "reply.nonsense")
            self.assertEqual(service.get("/jobs").json()["data"], [])


if __name__ == "__main__":
    harness.main()
