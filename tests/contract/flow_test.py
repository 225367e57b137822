#!/usr/bin/env python3
"""The main job from end to end over TLS: a fake OpenAI, a fake classic Suno, and every promise that a client can see."""

import hashlib

import harness
from harness import TIME
from upstreams import MP3, MP3_SECONDS, Reply, Upstreams, make_certificates

OPENAI_KEY = "test-openai-key"
SUNO_KEY = "test-suno-key"
ALICE = "test-alice-secret"
BOB = "test-bob-secret"

JOB_FIELDS = {"id", "status", "done", "stage", "version", "theme", "tags", "tracks", "retryable", "charged", "warnings", "workflow",
              "created_at", "updated_at", "deadline_at", "timestamp", "metadata", "urls"}


class FlowTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(certificates)
        cls.addClassCleanup(cls.upstreams.close)
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=certificates / "ca.pem", API_KEYS=f"alice={ALICE},bob={BOB}",
            OPENAI_API_KEY=OPENAI_KEY, OPENAI_BASE_URL=f"{cls.upstreams.openai.origin}/v1",
            SUNO_API_KEY=SUNO_KEY, SUNO_API_BASE_URL=cls.upstreams.suno.origin, SUNO_RETRY_DELAY=1))
        cls.service.key = ALICE

    def make(self, name, fields=None, headers=None, **scripts):
        """Asks for the song of a scenario."""
        self.upstreams.add(name, **scripts)
        return self.service.generate(f"rainy night {name}", fields, **(headers or {}))

    def unending(self, name):
        return {"polls": [self.upstreams.song(name, "generating")]}

    def submissions(self, name):
        return self.upstreams.suno.ledger.find("POST", "/v1/generate", name)

    def test_a_theme_becomes_a_song_with_one_prompt_call_one_submission_and_polls_at_the_configured_delay(self):
        name = "caseflow"
        generating = self.upstreams.song(name, "generating")
        job = self.make(name, {"tags": "lofi, piano", "metadata": {"client_ref": "order-17"}},
                        polls=[generating, generating, self.upstreams.finished(name)])
        job = self.service.finish(job["id"])

        self.assertEqual(job["status"], "success", job)
        self.assertEqual(len(self.upstreams.openai.ledger.find(containing=name)), 1)
        self.assertEqual(len(self.submissions(name)), 1)
        polls = self.upstreams.suno.ledger.find("GET", "/v1/songs/", name)
        self.assertEqual(len(polls), 3)
        # The poll is timed where it is sent and read where it arrives: a busy machine may move two of them together.
        for earlier, later in zip(polls, polls[1:]):
            self.assertGreater(later.at - earlier.at, 0.7)
        self.check_finished_job(name, job)

    def check_finished_job(self, name, job):
        base = f"{self.service.address}/jobs/{job['id']}"
        self.assertEqual(set(job), JOB_FIELDS | {"download_url", "song_id", "completed_at", "expires_at"})
        expected = {
            "status": "success", "done": True, "stage": "finished", "theme": f"rainy night {name}", "tags": "lofi, piano",
            "download_url": f"{base}/audio", "song_id": f"song-{name}", "retryable": False, "charged": "yes", "warnings": [],
            "metadata": {"client_ref": "order-17"},
            "tracks": [{"index": 0, "song_id": f"song-{name}", "title": "Neon Rain", "duration": MP3_SECONDS,
                        "url": f"{base}/tracks/0/audio", "content_type": "audio/mpeg", "size_bytes": len(MP3),
                        "sha256": hashlib.sha256(MP3).hexdigest()}],
            "workflow": {
                "step1_prompt_generation": {"status": "complete", "generated_prompt": f"A slow lofi beat with soft rain for {name}.",
                                            "model": "gpt-4", "tokens_used": 145},
                "step2_music_generation": {"status": "complete", "provider": "suno", "polls": 3, "metadata": {
                    "title": "Neon Rain", "duration": 183.4, "created_at": "2026-02-15T10:31:20Z", "tags": "lofi, piano"}}},
        }
        self.assertEqual({field: job[field] for field in expected}, expected)
        self.assertRegex(job["id"], r"^job_[0-9a-z]{26,}$")
        self.assertGreater(job["version"], 1)
        for field in ("created_at", "updated_at", "completed_at", "deadline_at", "expires_at", "timestamp"):
            self.assertRegex(job[field], TIME)
        self.assertEqual(job["timestamp"], job["updated_at"])
        self.assertLessEqual(job["created_at"], job["completed_at"])
        self.assertLess(job["completed_at"], job["expires_at"])
        self.assertLessEqual({"self": base, "cancel": f"{base}/cancel", "audio": f"{base}/audio"}.items(), job["urls"].items())

    def test_an_accepted_job_is_answered_with_202_its_place_and_when_to_ask_again(self):
        name = "caseaccepted"
        self.upstreams.add(name, **self.unending(name))
        answer = self.service.request("POST", "/generate", {"theme": f"rainy night {name}"}, X_Request_Id="my-own-id")

        job = answer.json()
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.headers["Location"], f"/jobs/{job['id']}")
        self.assertEqual(answer.headers["ETag"], f'"{job["version"]}"')
        self.assertEqual(answer.headers["X-Request-Id"], "my-own-id")
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(set(job), JOB_FIELDS)
        self.assertIn(job["status"], ("queued", "running"))
        self.assertEqual((job["done"], job["charged"], job["tracks"], job["tags"]), (False, "no", [], ""))

    def test_the_upstreams_get_the_documented_requests_with_the_right_key(self):
        name = "caserequests"
        job = self.make(name, {"tags": "lofi, piano"})
        self.service.finish(job["id"])

        prompt_call = self.upstreams.openai.ledger.find(containing=name)[0]
        self.assertEqual((prompt_call.method, prompt_call.path), ("POST", "/v1/chat/completions"))
        self.assertEqual(prompt_call.headers["authorization"], f"Bearer {OPENAI_KEY}")
        self.assertEqual(prompt_call.headers["content-type"].split(";")[0], "application/json")
        self.assertEqual(set(prompt_call.body), {"model", "messages", "response_format", "max_completion_tokens"})
        self.assertEqual(prompt_call.body["model"], "gpt-4")
        self.assertEqual([message["role"] for message in prompt_call.body["messages"]], ["system", "user"])
        self.assertNotIn(name, prompt_call.body["messages"][0]["content"])

        submission = self.submissions(name)[0]
        self.assertEqual(submission.body, {"prompt": f"A slow lofi beat with soft rain for {name}.", "make_instrumental": False,
                                           "tags": "lofi, piano"})
        others = self.upstreams.suno.ledger.find("GET", containing=name)
        self.assertEqual([call.path for call in others], [f"/v1/songs/song-{name}"] * 2 + [f"/files/{name}.mp3"])
        for call in [submission, *others]:  # the audio is on the base's own origin
            self.assertEqual(call.headers["authorization"], f"Bearer {SUNO_KEY}")

    def test_an_instrumental_is_asked_for_as_such(self):
        name = "caseinstrumental"
        job = self.make(name, {"instrumental": True})
        self.service.finish(job["id"])

        self.assertIs(self.submissions(name)[0].body["make_instrumental"], True)

    def test_what_suno_cannot_do_is_told_in_the_warnings(self):
        name = "casewarnings"
        job = self.make(name, {"duration_seconds": 60, "seed": 7, "format": "flac"})
        job = self.service.finish(job["id"])

        self.assertEqual(job["status"], "success")
        for field in ("duration_seconds", "seed", "format"):
            self.assertTrue(any(field in warning for warning in job["warnings"]), job["warnings"])

    def test_the_audio_can_be_downloaded_whole_in_parts_and_conditionally(self):
        job = self.service.finish(self.make("casedownload")["id"])
        url = job["download_url"]

        whole = self.service.get(url)
        self.assertEqual((whole.status, whole.body), (200, MP3))
        self.assertEqual(hashlib.sha256(whole.body).hexdigest(), job["tracks"][0]["sha256"])
        self.assertEqual(whole.headers["Content-Type"], "audio/mpeg")
        self.assertEqual(whole.headers["Accept-Ranges"], "bytes")
        self.assertIn("Neon Rain.mp3", whole.headers["Content-Disposition"].replace("-", " ").replace("%20", " "))
        self.assertEqual(self.service.get(job["tracks"][0]["url"]).body, MP3)

        header = self.service.request("HEAD", url)
        self.assertEqual((header.status, header.body, int(header.headers["Content-Length"])), (200, b"", len(MP3)))

        for span, first, last in (("bytes=0-9", 0, 9), ("bytes=100-", 100, len(MP3) - 1), ("bytes=-7", len(MP3) - 7, len(MP3) - 1)):
            part = self.service.get(url, Range=span)
            self.assertEqual((part.status, part.body), (206, MP3[first:last + 1]))
            self.assertEqual(part.headers["Content-Range"], f"bytes {first}-{last}/{len(MP3)}")
        outside = self.service.get(url, Range=f"bytes={len(MP3)}-")
        self.assert_problem(outside, 416, "range_not_satisfiable")
        self.assertEqual(outside.headers["Content-Range"], f"bytes */{len(MP3)}")
        self.assertEqual(self.service.get(url, If_None_Match=whole.headers["ETag"]).status, 304)
        self.assertEqual(self.service.get(url, Range="bytes=0-9", If_Range='"other"').status, 200)
        self.assertEqual(self.service.get(f"/jobs/{job['id']}/tracks/1/audio").status, 404)

    def test_prefer_wait_holds_the_answer_until_the_job_ends_or_the_time_is_over(self):
        self.upstreams.add("casewaited")
        ended = self.service.request("POST", "/generate", {"theme": "rainy night casewaited"}, Prefer="wait=60")
        self.assertEqual((ended.status, ended.json()["status"]), (200, "success"))
        self.assertEqual(ended.headers["Preference-Applied"], "wait=60")
        self.assertNotIn("Retry-After", ended.headers)

        self.upstreams.add("caseunwaited", **self.unending("caseunwaited"))
        going_on = self.service.request("POST", "/generate", {"theme": "rainy night caseunwaited"}, Prefer="wait=1")
        self.assertEqual((going_on.status, going_on.json()["done"]), (202, False))

    def test_the_etag_saves_a_body_and_with_wait_tells_the_next_change(self):
        job = self.service.finish(self.make("caseetag")["id"])
        path = f"/jobs/{job['id']}"
        current = self.service.get(path)
        self.assertEqual(current.headers["ETag"], f'"{job["version"]}"')
        unchanged = self.service.get(path, If_None_Match=current.headers["ETag"])
        self.assertEqual((unchanged.status, unchanged.body), (304, b""))
        self.assertEqual(self.service.get(path, If_None_Match='"1"').status, 200)
        header = self.service.request("HEAD", path)
        self.assertEqual((header.status, header.headers["Content-Length"]), (200, str(len(current.body))))

        name = "caselongpoll"
        started = self.make(name)
        seen = [started["version"]]
        while True:
            answer = self.service.get(f"/jobs/{started['id']}", Prefer="wait=30", If_None_Match=f'"{seen[-1]}"')
            self.assertEqual(answer.status, 200)
            seen.append(answer.json()["version"])
            if answer.json()["done"]:
                break
        self.assertEqual(seen, sorted(set(seen)))

    def test_the_same_idempotency_key_buys_one_song_and_another_request_under_it_is_refused(self):
        name = "caseidempotent"
        self.upstreams.add(name)
        first = self.service.request("POST", "/generate", {"theme": f"rainy night {name}", "tags": "lofi"}, Idempotency_Key="order-1")
        same = b'{ "tags" : "lofi", "theme":"rainy night ' + name.encode() + b'" }'
        second = self.service.request("POST", "/generate", same, Idempotency_Key='"order-1"')
        self.service.finish(first.json()["id"])
        third = self.service.request("POST", "/generate", same, Idempotency_Key="order-1")
        other = self.service.request("POST", "/generate", {"theme": f"sunny day {name}"}, Idempotency_Key="order-1")
        bobs = self.service.request("POST", "/generate", same, Idempotency_Key="order-1", Authorization=f"Bearer {BOB}")

        self.assertNotIn("Idempotent-Replayed", first.headers)
        for replay in (second, third):
            self.assertEqual(replay.json()["id"], first.json()["id"])
            self.assertEqual(replay.headers["Idempotent-Replayed"], "true")
        self.assertEqual(third.json()["status"], "success")
        self.assert_problem(other, 422, "idempotency_key_reused")
        self.assertNotEqual(bobs.json()["id"], first.json()["id"])
        self.upstreams.suno.ledger.wait_for(2, method="POST", containing=name)
        self.assertEqual(len(self.submissions(name)), 2)  # Alice's and Bob's

    def test_the_list_has_the_newest_first_in_pages_and_by_status(self):
        jobs = [self.make(f"caselist{number}")["id"] for number in range(3)]
        for job in jobs:
            self.service.finish(job)
        page = self.service.get("/jobs?limit=1").json()
        seen = [page["data"][0]["id"]]
        while page["has_more"]:
            self.assertEqual(len(page["data"]), 1)
            page = self.service.get(f"/jobs?limit=1&cursor={page['next_cursor']}").json()
            seen += [job["id"] for job in page["data"]]

        self.assertIsNone(page["next_cursor"])
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual([job for job in seen if job in jobs], jobs[::-1])
        ended = self.service.get("/jobs?status=success&limit=100").json()["data"]
        self.assertTrue(set(jobs) <= {job["id"] for job in ended})
        self.assertEqual({job["status"] for job in ended}, {"success"})
        self.assert_problem(self.service.get("/jobs?limit=0"), 422, "validation_error", "limit")
        self.assert_problem(self.service.get("/jobs?status=new"), 422, "validation_error", "status")

    def test_a_canceled_job_ends_says_what_it_cost_and_can_be_erased(self):
        name = "casecancel"
        job = self.make(name, **self.unending(name))
        path = f"/jobs/{job['id']}"
        self.service.wait_until(job["id"], lambda job: job["stage"] == "generating")
        self.assert_problem(self.service.request("DELETE", path), 409, "job_not_ended")

        asked = self.service.request("POST", f"{path}/cancel")
        self.assertIn((asked.status, asked.json()["status"]), [(202, "canceling"), (200, "canceled")])
        job = self.service.finish(job["id"])
        self.assertEqual((job["status"], job["error_type"], job["charged"]), ("canceled", "canceled", "yes"))
        again = self.service.request("POST", f"{path}/cancel", {})
        self.assertEqual((again.status, again.json()["version"]), (200, job["version"]))

        self.assertEqual(self.service.request("DELETE", path).status, 204)
        for method, gone in (("GET", path), ("DELETE", path), ("GET", f"{path}/audio"), ("POST", f"{path}/cancel")):
            self.assert_problem(self.service.request(method, gone), 404, "not_found")

    def test_an_erased_song_takes_its_audio_along(self):
        job = self.service.finish(self.make("caseerase")["id"])
        self.assertEqual(self.service.request("DELETE", f"/jobs/{job['id']}").status, 204)
        self.assert_problem(self.service.get(job["download_url"]), 404, "not_found")

    def test_a_job_ends_at_its_deadline(self):
        name = "casedeadline"
        job = self.make(name, {"deadline_seconds": 5}, **self.unending(name))
        job = self.service.finish(job["id"])

        self.assertEqual((job["status"], job["error_type"], job["charged"]), ("expired", "deadline_exceeded", "yes"))
        self.assertEqual(job["workflow"]["step2_music_generation"]["error_type"], "deadline_exceeded")
        self.assertTrue(job["retryable"])

    def test_without_a_known_key_nothing_but_health_is_answered(self):
        job = self.make("caseauth")
        for path in ("/generate", "/jobs", f"/jobs/{job['id']}", f"/jobs/{job['id']}/audio", "/nowhere"):
            for header in ("", "Bearer wrong-secret", f"Basic {ALICE}", ALICE, f"Bearer {ALICE}x"):
                method = "POST" if path == "/generate" else "GET"
                answer = self.service.request(method, path, {"theme": "rainy night"} if method == "POST" else None, Authorization=header)
                self.assert_problem(answer, 401, "unauthorized")
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
        for path in ("/livez", "/readyz"):
            self.assertEqual(self.service.get(path, Authorization="").status, 200)

    def test_somebody_elses_job_is_not_there(self):
        job = self.service.finish(self.make("caseforeign")["id"])
        path = f"/jobs/{job['id']}"
        bob = {"Authorization": f"Bearer {BOB}"}
        for method, place in (("GET", path), ("DELETE", path), ("POST", f"{path}/cancel"), ("POST", f"{path}/retry"), ("GET", f"{path}/audio")):
            self.assert_problem(self.service.request(method, place, **bob), 404, "not_found")
        self.assertNotIn(job["id"], [each["id"] for each in self.service.get("/jobs?limit=100", **bob).json()["data"]])

    def test_a_paid_song_that_comes_late_is_polled_again_and_never_bought_again(self):
        name = "caselate"
        generating = self.upstreams.song(name, "generating")
        broken = Reply(500, {"error": "no"})
        job = self.make(name, polls=[generating, broken, broken, broken, broken, self.upstreams.finished(name)])
        job = self.service.finish(job["id"])
        self.assertEqual((job["status"], job["charged"], job["retryable"]), ("error", "yes", True))

        again = self.service.request("POST", f"/jobs/{job['id']}/retry")
        self.assertEqual(again.status, 202)
        job = self.service.finish(job["id"])
        self.assertEqual(job["status"], "success", job)
        self.assertEqual(len(self.submissions(name)), 1)
        self.assertEqual(len(self.upstreams.openai.ledger.find(containing=name)), 1)
        self.assert_problem(self.service.request("POST", f"/jobs/{job['id']}/retry"), 409, "job_not_retryable")


if __name__ == "__main__":
    harness.main()
