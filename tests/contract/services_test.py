#!/usr/bin/env python3
"""ElevenLabs, MiniMax, Stability, fal, Replicate and ACE-Step, each end to end over TLS: what a song costs, and what a failure does."""

import dataclasses
import json

import harness
from upstreams import MP3, Reply, Script, Upstream, compressed, make_certificates, page

DIRECT = ("elevenlabs", "minimax", "stability")
QUEUED = ("fal", "replicate", "acestep")
KEY = "test-key-of-"
HANG_SECONDS = 5  # after which ElevenLabs counts as lost; its own time would be minutes

# Where a song is asked for, and how the key is sent.
SUBMISSIONS = {
    "elevenlabs": ("/elevenlabs/v1/music", "xi-api-key", "{}"),
    "minimax": ("/minimax/v1/music_generation", "authorization", "Bearer {}"),
    "stability": ("/stability/v2beta/audio/stable-audio-2/text-to-audio", "authorization", "Bearer {}"),
    "fal": ("/fal/fal-ai/elevenlabs/music/v2", "authorization", "Key {}"),
    "replicate": ("/replicate/v1/models/stability-ai/stable-audio-2.5/predictions", "authorization", "Bearer {}"),
    "acestep": ("/acestep/release_task", "authorization", "Bearer {}"),
}


class Services:
    """All six on one server, each below a path of its own. A word that begins with "case" in what they are asked picks the script."""

    def __init__(self, certificates):
        self.scripts_ = {}
        self.server = Upstream(certificates, self.answer_)
        self.origin = self.server.origin
        self.ledger = self.server.ledger

    def add(self, name, submits=None, polls=None, results=None, audio=None):
        scripts = {"submits": submits, "polls": polls, "results": results, "audio": audio}
        self.scripts_[name] = {kind: Script(*replies) for kind, replies in scripts.items() if replies}

    def close(self):
        self.server.close()

    def submissions(self, provider, name):
        return self.ledger.find("POST", SUBMISSIONS[provider][0], name)

    def song_of(self, provider, name):
        """The answer to a submission that goes well."""
        if provider == "minimax":
            return Reply(body={"data": {"status": 2, "audio": MP3.hex()}, "extra_info": {"music_duration": 61_000},
                               "base_resp": {"status_code": 0, "status_msg": "success"}})
        if provider in DIRECT:
            return Reply(body=MP3, content_type="audio/mpeg")
        if provider == "fal":  # the addresses name fal's own host, whatever the configured base is
            return Reply(body={"request_id": name, "status": "IN_QUEUE", "response_url": f"https://queue.fal.run/fal-ai/elevenlabs/requests/{name}",
                               "status_url": f"https://queue.fal.run/fal-ai/elevenlabs/requests/{name}/status"})
        if provider == "replicate":
            return Reply(201, {"id": name, "status": "starting", "urls": {"get": f"https://api.replicate.com/v1/predictions/{name}"}})
        return Reply(body={"data": {"task_id": name, "status": "queued", "queue_position": 1}, "code": 200, "error": None})

    def status_of(self, provider, name):
        """The answer to a poll of a song that is ready."""
        if provider == "fal":
            return Reply(body={"status": "COMPLETED", "request_id": name})
        if provider == "replicate":
            return Reply(body={"id": name, "status": "succeeded", "output": f"{self.origin}/files/{name}.mp3"})
        clips = json.dumps([{"file": f"/files/{name}.mp3", "status": 1, "metas": {"duration": 61}}])
        return Reply(body={"data": [{"task_id": name, "status": 1, "result": clips}], "code": 200, "error": None})

    def result_of(self, name):
        """What fal says of a song that has ended well."""
        return Reply(body={"audio": {"url": f"{self.origin}/files/{name}.mp3", "content_type": "audio/mpeg"}})

    def answer_(self, call):
        text = call.path + json.dumps(call.body)
        name, scripts = next(((name, scripts) for name, scripts in self.scripts_.items() if name in text), ("", None))
        provider = call.path.split("/")[1]
        if scripts is None:
            return Reply(404, {})
        if "/files/" in call.path:
            return scripts["audio"].next() if "audio" in scripts else Reply(body=MP3, content_type="audio/mpeg")
        if call.method == "POST" and call.path.startswith(SUBMISSIONS[provider][0]):
            return scripts["submits"].next() if "submits" in scripts else self.song_of(provider, name)
        if call.path == f"/fal/fal-ai/elevenlabs/requests/{name}":
            return scripts["results"].next() if "results" in scripts else self.result_of(name)
        return scripts["polls"].next() if "polls" in scripts else self.status_of(provider, name)


class ServicesTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = make_certificates(cls.folder)
        cls.services = Services(certificates)
        cls.addClassCleanup(cls.services.close)
        variables = {f"{name.upper()}_BASE_URL": f"{cls.services.origin}/{name}" for name in SUBMISSIONS}
        keys = {"ELEVENLABS_API_KEY": "elevenlabs", "MINIMAX_API_KEY": "minimax", "STABILITY_API_KEY": "stability", "FAL_KEY": "fal",
                "REPLICATE_API_TOKEN": "replicate", "ACESTEP_API_KEY": "acestep"}
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=certificates / "ca.pem", PROMPT_WRITER="template", BREAKER_FAILURES=0,
            MUSIC_PROVIDERS="elevenlabs,fal,minimax,stability,replicate,acestep", ELEVENLABS_TIMEOUT=HANG_SECONDS,
            **variables, **{variable: KEY + name for variable, name in keys.items()}))

    def start(self, provider, name, fields=None, **scripts):
        self.services.add(name, **scripts)
        wanted = {"provider": provider} if provider else {}
        return self.service.generate(f"rainy night {name}", {**wanted, **(fields or {})})["id"]

    def make(self, provider, name, fields=None, **scripts):
        return self.service.finish(self.start(provider, name, fields, **scripts))

    def run_faults(self, faults):
        """All jobs at once. Each fault is (provider, what is scripted, cause, charged); of every song one submission is sent."""
        jobs = {name: self.start(provider, name, **scripts) for name, (provider, scripts, *_) in faults.items()}
        for name, (provider, _, cause, charged) in faults.items():
            with self.subTest(name):
                self.assert_failed(self.service.finish(jobs[name]), cause, charged)
                self.assertEqual(len(self.services.submissions(provider, name)), 1)

    def assert_failed(self, job, cause, charged):
        step = job["workflow"]["step2_music_generation"]
        self.assertEqual((job["status"], step.get("error_type"), job["charged"]), ("error", cause, charged), job)

    def test_each_makes_a_song_of_one_submission(self):
        for provider, (path, header, form) in SUBMISSIONS.items():
            with self.subTest(provider):
                name = f"casesong{provider}"
                job = self.make(provider, name, {"title": "Neon Rain"})
                self.assertEqual(job["status"], "success", job)
                self.assertEqual(job["charged"], "no" if provider == "acestep" else "yes")
                self.assertEqual(job["tracks"][0]["title"], "Neon Rain")
                self.assertEqual(self.service.get(f"/jobs/{job['id']}/audio").body, MP3)
                calls = self.services.submissions(provider, name)
                self.assertEqual([call.headers[header] for call in calls], [form.format(KEY + provider)])

    def test_a_song_that_came_with_its_answer_is_erased_with_its_job(self):
        for provider in DIRECT:
            job = self.make(provider, f"caseerase{provider}")
            files = {path.name for path in (self.folder / "data" / "audio").rglob(f"*{job['id']}*")}
            self.assertEqual(len(files), 1, files)
            self.assertEqual(self.service.request("DELETE", f"/jobs/{job['id']}").status, 204)
            self.assertEqual(list((self.folder / "data" / "audio").rglob(f"*{job['id']}*")), [])

    def test_a_refusal_costs_nothing_and_is_told(self):
        refusals = {
            "elevenlabs": (Reply(401, {"detail": {"status": "quota_exceeded", "message": "x"}}), "quota_exhausted"),
            "minimax": (Reply(200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}), "quota_exhausted"),
            "stability": (Reply(403, {"id": "1", "name": "content_moderation", "errors": ["x"]}), "content_rejected"),
            "fal": (Reply(401, {"detail": "Invalid key"}), "authentication"),
            "replicate": (Reply(402, {"title": "Insufficient credit", "detail": "x", "status": 402}), "quota_exhausted"),
            "acestep": (Reply(401, {"detail": "Invalid API key"}), "authentication"),
        }
        for provider, (reply, cause) in refusals.items():
            with self.subTest(provider):
                name = f"caserefused{provider}"
                self.assert_failed(self.make(provider, name, submits=[reply]), cause, "no")
                self.assertEqual(len(self.services.submissions(provider, name)), 1)

    def test_an_upstream_that_is_busy_is_asked_again(self):
        busy = {
            "elevenlabs": Reply(429, {"detail": {"status": "too_many_concurrent_requests", "message": "x"}}, {"Retry-After": "1"}),
            "minimax": Reply(200, {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}),
            "stability": Reply(429, {"name": "rate_limit_exceeded", "errors": []}, {"Retry-After": "1"}),
            "fal": Reply(429, {"detail": "x"}, {"Retry-After": "1"}),
            "replicate": Reply(429, {"detail": "Request was throttled. Your rate limit resets in ~1s."}, {"Retry-After": "1"}),
            "acestep": Reply(429, {"detail": "Server busy: queue is full"}),
        }
        for provider, reply in busy.items():
            with self.subTest(provider):
                name = f"casebusy{provider}"
                job = self.make(provider, name, submits=[reply, self.services.song_of(provider, name)])
                self.assertEqual(job["status"], "success", job)
                self.assertEqual(len(self.services.submissions(provider, name)), 2)

    def test_an_answer_that_is_lost_is_never_asked_for_again(self):
        lost = {"reset": Reply(reset=True), "error500": Reply(500, "<html>", content_type="text/html"),
                "html": Reply(200, "<html>", content_type="text/html"), "empty": Reply(200, b"")}
        for provider in DIRECT + ("fal", "replicate"):
            for kind, reply in lost.items():
                with self.subTest(provider, kind=kind):
                    name = f"caselost{kind}{provider}"
                    self.assert_failed(self.make(provider, name, submits=[reply]), "submission_unknown", "maybe")
                    self.assertEqual(len(self.services.submissions(provider, name)), 1)

    def test_an_upstream_that_hangs_is_not_asked_twice(self):
        for provider, fields in (("elevenlabs", {}), ("replicate", {"deadline_seconds": 5})):
            with self.subTest(provider):
                name = f"casehang{provider}"
                job = self.make(provider, name, fields, submits=[Reply(hang=True)])
                self.assertIn(job["status"], ("error", "expired"))
                self.assertEqual(job["charged"], "maybe")
                self.assertEqual(len(self.services.submissions(provider, name)), 1)

    def test_a_song_that_cannot_come_in_time_is_not_bought(self):
        name = "casetoolate"
        self.assert_failed(self.make("stability", name, {"deadline_seconds": 30}), "deadline_exceeded", "no")
        self.assertEqual(self.services.submissions("stability", name), [])

    def test_a_submission_whose_answer_is_not_the_services_own_is_open(self):
        faults = {}
        for provider in SUBMISSIONS:
            good = self.services.song_of(provider, f"caseopen{provider}")
            open_ones = {"zipped": (compressed(good), "invalid_response"), "cut": (dataclasses.replace(good, cut=5), "request_error"),
                         "page520": (page(520), "api_error"), "types": (Reply(body={"id": 17, "data": "x", "request_id": []}), "invalid_response"),
                         "moved": (page(302, Location=f"{self.services.origin}{SUBMISSIONS[provider][0]}"), "invalid_response")}
            for kind, (reply, cause) in open_ones.items():
                told = (cause, "no") if provider == "acestep" else ("submission_unknown", "maybe")  # which is free
                faults[f"caseopen{kind}{provider}"] = (provider, {"submits": [reply]}, *told)
            faults[f"casedenied{provider}"] = (provider, {"submits": [page(403)]}, "authentication", "no")
        self.run_faults(faults)

    def test_a_poll_and_a_download_whose_answer_is_not_the_services_own_end_a_song_that_was_paid_for(self):
        faults = {}
        for provider in QUEUED:
            charged = "no" if provider == "acestep" else "yes"
            status = self.services.status_of(provider, f"casepoll{provider}")
            polls = {"zipped": compressed(status), "html": page(200), "types": Reply(body={"status": 17, "data": "x", "output": {}}),
                     "moved": page(302, Location=self.services.origin)}
            files = {"html": page(200), "zipped": compressed(Reply(body=MP3, content_type="audio/mpeg")), "gone": page(404),
                     "moved": page(302, Location=self.services.origin), "empty": Reply(body=b"", content_type="audio/mpeg")}
            for kind, reply in polls.items():
                faults[f"casepoll{kind}{provider}"] = (provider, {"polls": [reply]}, "invalid_response", charged)
            for kind, reply in files.items():
                faults[f"casefile{kind}{provider}"] = (provider, {"audio": [reply]}, "result_unavailable", charged)
        faults["caseresultdenied"] = ("fal", {"results": [Reply(401, {"detail": "Invalid key"})]}, "authentication", "yes")
        faults["caseresultfailed"] = ("fal", {"results": [Reply(500, {"detail": "Internal Server Error"})]}, "generation_failed", "yes")
        self.run_faults(faults)

    def test_a_result_that_a_proxy_keeps_back_is_asked_for_again(self):
        job = self.make("fal", "caseresultpage", results=[page(520), self.services.result_of("caseresultpage")])
        self.assertEqual((job["status"], job["charged"]), ("success", "yes"), job)
        self.assertEqual(len(self.services.submissions("fal", "caseresultpage")), 1)

    def test_a_lost_poll_is_repeated_and_a_song_that_failed_was_paid_for(self):
        for provider in QUEUED:
            with self.subTest(provider):
                name = f"casepoll{provider}"
                job = self.make(provider, name, polls=[Reply(502, "{}"), self.services.status_of(provider, name)])
                self.assertEqual(job["status"], "success", job)
                self.assertEqual(len(self.services.submissions(provider, name)), 1)
        failed = {"replicate": Reply(200, {"status": "failed", "error": "E9 flagged by moderation"}),
                  "acestep": Reply(200, {"data": [{"status": 2, "result": "[]"}], "code": 200, "error": None})}
        self.assert_failed(self.make("replicate", "casefailedone", polls=[failed["replicate"]]), "content_rejected", "yes")
        self.assert_failed(self.make("acestep", "casefailedtwo", polls=[failed["acestep"]]), "generation_failed", "no")

    def test_a_link_that_is_no_audio_is_told(self):
        job = self.make("replicate", "casenoaudio", audio=[Reply(200, "<html></html>", content_type="audio/mpeg")])
        self.assert_failed(job, "result_unavailable", "yes")

    def test_the_next_provider_is_tried_when_the_first_certainly_took_nothing(self):
        name = "casemoveson"
        job = self.make(None, name, submits=[Reply(401, {"detail": {"status": "invalid_api_key", "message": "x"}}),
                                             self.services.song_of("fal", name)])
        self.assertEqual((job["status"], job["workflow"]["step2_music_generation"]["provider"]), ("success", "fal"), job)
        self.assertEqual(len(self.services.submissions("elevenlabs", name)), 1)
        self.assertEqual(len(self.services.submissions("fal", name)), 1)

    def test_no_other_provider_is_tried_when_the_first_may_have_taken_it(self):
        name = "casechainlost"
        self.assert_failed(self.make(None, name, submits=[Reply(reset=True)]), "submission_unknown", "maybe")
        self.assertEqual(len(self.services.submissions("elevenlabs", name)), 1)
        self.assertEqual(self.services.submissions("fal", name), [])

    def test_wishes_reach_the_wire_and_what_cannot_be_kept_is_told(self):
        wishes = {"lyrics": "[Verse]\nNeon on the water", "negative_tags": "drums", "seed": 7, "duration_seconds": 60, "quality": "high"}
        job = self.make("elevenlabs", "casewisheseleven", wishes)
        self.assertEqual((job["status"], job["warnings"]), ("success", []), job)
        [call] = self.services.submissions("elevenlabs", "casewisheseleven")
        self.assertEqual(call.path, "/elevenlabs/v1/music?output_format=mp3_44100_192")
        [chunk] = call.body["composition_plan"]["chunks"]
        self.assertEqual((chunk["text"], chunk["duration_ms"], chunk["negative_styles"], call.body["seed"]),
                         ("[Verse]\nNeon on the water", 60000, ["drums"], 7))

        job = self.make("stability", "casewishesstability", {"lyrics": "la", "duration_seconds": 250})
        self.assertEqual(job["status"], "success", job)
        self.assertIn("lyrics is not supported by stability and was ignored", job["warnings"])
        self.assertIn("duration_seconds was cut to the 190 seconds that stability takes", job["warnings"])

    def test_providers_are_listed(self):
        listed = {each["name"]: each for each in self.service.get("/providers").json()["data"]}
        self.assertEqual(set(listed), {*SUBMISSIONS, "suno", "local"})
        self.assertEqual({name for name, each in listed.items() if each["configured"]}, set(SUBMISSIONS))
        self.assertFalse(listed["acestep"]["paid"])
        self.assertTrue(listed["elevenlabs"]["honours"]["lyrics"])

    def test_zz_no_key_and_no_theme_is_in_the_log(self):
        log = self.service.log()
        self.assertNotIn(KEY, log)
        self.assertNotIn("rainy night", log)


if __name__ == "__main__":
    harness.main()
