#!/usr/bin/env python3
"""The prompt writer against an OpenAI that plans whole songs, refuses forms, gets cut off, repeats itself; and the cache."""

import json

import harness
from upstreams import Reply, Upstreams, completion, make_certificates, openai_error

DESCRIPTION = "A mellow lofi beat with soft vibraphone and dusty drums"
LYRICS = "[Verse 1]\nRain on the glass\n\n[Chorus]\nStay a while"
NO_SCHEMA = openai_error(400, "invalid_request_error", None,
                         "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.")
NO_OBJECT = openai_error(400, "invalid_request_error", None,
                         "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.")
NO_NEW_LIMIT = Reply(400, {"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), "
                                                         "'msg': 'Extra inputs are not permitted'}]", "type": "BadRequestError", "code": 400})


def plan(name, **members):
    """A song as a model writes it; the scenario's name goes with the description to the music service."""
    return {"description": f"{DESCRIPTION} for {name}.", "title": "Neon Rain", "tags": "lofi, warm piano", "negative_tags": "distortion",
            "instrumental": False, "bpm": 82, "key": "A minor", "lyrics": LYRICS, **members}


def song(name, tokens=145, **members):
    return completion(json.dumps(plan(name, **members)), tokens)


def cut_off(text, tokens=145):
    reply = completion(text, tokens)
    reply.body["choices"][0]["finish_reason"] = "length"
    return reply


class WriterTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(cls.certificates)
        cls.addClassCleanup(cls.upstreams.close)

    def start(self, **variables):
        """A service of its own: what a server has turned out to take is remembered by the process."""
        return self.enterContext(harness.Service(
            self.scratch(), SSL_CERT_FILE=self.certificates / "ca.pem", OPENAI_API_KEY="test-openai-key", SUNO_API_KEY="test-suno-key",
            OPENAI_BASE_URL=f"{self.upstreams.openai.origin}/v1", SUNO_API_BASE_URL=self.upstreams.suno.origin, SUNO_RETRY_DELAY=0,
            **variables))

    def finish(self, service, name, fields=None, **scripts):
        self.upstreams.add(name, **scripts)
        return service.finish(service.generate(f"rainy night {name}", fields)["id"])

    def calls(self, name):
        """The bodies that OpenAI got for the scenario."""
        return [call.body for call in self.upstreams.openai.ledger.find(containing=name)]

    def submission(self, name):
        calls = self.upstreams.suno.ledger.find(method="POST", path="/v1/generate", containing=name)
        self.assertEqual(len(calls), 1)
        return calls[0].body

    def step(self, job):
        return job["workflow"]["step1_prompt_generation"]

    def assert_failed(self, job, cause, name, calls):
        self.assertEqual((job["error_type"], self.step(job)["error_type"], job["charged"]), ("prompt_generation_failed", cause, "no"))
        self.assertEqual(len(self.calls(name)), calls)
        self.assertEqual(self.upstreams.suno.ledger.find(containing=name), [])

    def test_a_planned_song_is_shown_and_sent_on(self):
        job = self.finish(self.start(), "caseplan", writes=[song("caseplan", instrumental=True, lyrics="")])

        step = self.step(job)
        self.assertEqual(job["status"], "success")
        self.assertEqual(step["generated_prompt"], f"{DESCRIPTION} for caseplan.")
        self.assertEqual(step["plan"], {"title": "Neon Rain", "tags": "lofi, warm piano, 82 BPM, A minor", "negative_tags": "distortion",
                                        "instrumental": True, "bpm": 82, "key": "A minor"})
        self.assertNotIn("cached", step)
        sent = self.submission("caseplan")
        self.assertEqual((sent["prompt"], sent["tags"], sent["make_instrumental"]),
                         (step["generated_prompt"], "lofi, warm piano, 82 BPM, A minor", True))
        (body,) = self.calls("caseplan")
        self.assertEqual(body["response_format"]["type"], "json_schema")
        self.assertIs(body["response_format"]["json_schema"]["strict"], True)
        self.assertEqual(body["max_completion_tokens"], 4096)
        self.assertNotIn("caseplan", body["messages"][0]["content"])

    def test_the_caller_wins_over_the_plan(self):
        job = self.finish(self.start(), "casewins", {"tags": "jazz", "instrumental": False, "style": "lofi"},
                          writes=[song("casewins", instrumental=True)])

        self.assertEqual(job["status"], "success")
        sent = self.submission("casewins")
        self.assertTrue(sent["tags"].startswith("jazz"), sent)
        self.assertIs(sent["make_instrumental"], False)
        wish = json.loads(self.calls("casewins")[0]["messages"][1]["content"].removeprefix("```json\n").removesuffix("\n```"))
        self.assertEqual((wish["tags"], wish["instrumental"], wish["style_guide"]["bpm"]), ("jazz", False, "70 to 88"))

    def test_the_way_down_is_walked_once_in_a_process(self):
        service = self.start(SHARDS=2)
        first = self.finish(service, "caserungs", writes=[NO_SCHEMA, NO_OBJECT, song("caserungs")])
        self.assertEqual(self.step(first)["plan"]["title"], "Neon Rain")
        forms = [body.get("response_format", {}).get("type") for body in self.calls("caserungs")]
        self.assertEqual(forms, ["json_schema", "json_object", None])

        for name in ("caselater1", "caselater2", "caselater3"):  # on either shard
            self.finish(service, name, writes=[song(name)])
            (body,) = self.calls(name)
            self.assertNotIn("response_format", body)

    def test_a_refusal_that_came_to_nothing_is_not_remembered(self):
        service = self.start()
        failed = self.finish(service, "casenokey", writes=[NO_SCHEMA, openai_error(401, "invalid_request_error", "invalid_api_key", "no")])
        self.assert_failed(failed, "authentication", "casenokey", 2)

        self.finish(service, "caseagain", writes=[song("caseagain")])
        self.assertEqual(self.calls("caseagain")[0]["response_format"]["type"], "json_schema")

    def test_an_older_server_is_told_the_limit_under_its_older_name(self):
        job = self.finish(self.start(), "caselimit", writes=[NO_NEW_LIMIT, song("caselimit")])

        self.assertEqual(job["status"], "success")
        first, second = self.calls("caselimit")
        self.assertEqual((second["max_tokens"], "max_completion_tokens" in second), (first["max_completion_tokens"], False))

    def test_a_server_that_does_not_hold_the_model_to_the_form_is_understood(self):
        service = self.start()
        prose = f"{DESCRIPTION}, no plan, for caseprose."
        self.assertEqual(self.step(self.finish(service, "caseprose", writes=[completion(prose)]))["generated_prompt"], prose)
        self.assertNotIn("plan", self.step(service.job(service.generate("rainy night caseprose")["id"])))
        fenced = f"<think>lofi?</think>Here it is:\n```json\n{json.dumps(plan('casefenced'), indent=1)}\n```\nEnjoy!"
        self.assertEqual(self.step(self.finish(service, "casefenced", writes=[completion(fenced)]))["plan"]["lyrics"], LYRICS)

    def test_a_refusal_is_rejected_content_and_asked_once(self):
        job = self.finish(self.start(), "caserefused", writes=[completion(None, refusal="I cannot help with that.")])

        self.assert_failed(job, "content_rejected", "caserefused", 1)

    def test_lyrics_that_were_cut_off_lose_their_unfinished_section(self):
        whole = json.dumps(plan("casecut"))
        job = self.finish(self.start(), "casecut", writes=[cut_off(whole[:whole.index("Stay a") + 6])])

        self.assertEqual(self.step(job)["plan"]["lyrics"], "[Verse 1]\nRain on the glass")
        self.assertEqual(len(self.calls("casecut")), 1)

    def test_an_answer_that_was_cut_off_too_early_is_asked_for_again_with_more_room(self):
        job = self.finish(self.start(), "caseearly", writes=[cut_off('{"description": "A mel', 200), song("caseearly", 300)])

        self.assertEqual((job["status"], self.step(job)["tokens_used"]), ("success", 500))
        first, second = self.calls("caseearly")
        self.assertEqual(second["max_completion_tokens"], 2 * first["max_completion_tokens"])
        self.assertEqual([message["role"] for message in second["messages"]], ["system", "user", "assistant", "user"])
        self.assertIn("cut off", second["messages"][3]["content"])

    def test_an_answer_that_cannot_be_used_is_repaired_once_or_refused(self):
        service = self.start()
        mended = self.finish(service, "caserepair", writes=[completion('{"title": "no description"}', 200), song("caserepair", 300)])
        self.assertEqual((mended["status"], self.step(mended)["tokens_used"]), ("success", 500))
        self.assertIn("description", self.calls("caserepair")[1]["messages"][3]["content"])

        hopeless = self.finish(service, "casehopeless", writes=[completion('{"title": "no description"}')])
        self.assert_failed(hopeless, "invalid_response", "casehopeless", 2)

    def test_hostile_members_cannot_break_the_rules(self):
        hostile = "<script>\u202e[x]\u0007 " + "y" * 300
        job = self.finish(self.start(), "casehostile", writes=[song("casehostile", title=hostile, tags=hostile, lyrics="[Verse]\n\u0007\u202eRain")])

        plan_shown = self.step(job)["plan"]
        self.assertEqual(job["status"], "success")
        self.assertEqual(plan_shown["lyrics"], "[Verse]\nRain")
        for member in ("title", "tags"):
            self.assertNotRegex(plan_shown.get(member, ""), r"[<>\[\]\u202e\u0007]")
            self.assertLessEqual(len(plan_shown.get(member, "")), 200)

    def test_too_fast_is_tried_again_and_a_used_up_quota_is_not(self):
        service = self.start()
        rate = openai_error(429, "requests", "rate_limit_exceeded", "slow down", **{"Retry-After": "0"})
        job = self.finish(service, "caserate", writes=[rate, rate, song("caserate")])
        self.assertEqual((job["status"], len(self.calls("caserate"))), ("success", 3))

        quota = openai_error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota")
        self.assert_failed(self.finish(service, "casequota", writes=[quota]), "quota_exhausted", "casequota", 1)

    def test_without_a_cache_an_equal_request_is_written_anew(self):
        service = self.start()
        for _ in range(2):
            self.assertNotIn("cached", self.step(self.finish(service, "casenocache", writes=[song("casenocache")])))
        self.assertEqual(len(self.calls("casenocache")), 2)

    def test_with_a_cache_an_equal_request_costs_no_tokens(self):
        service = self.start(PROMPT_CACHE_TTL="1h", SHARDS=2)
        first = self.step(self.finish(service, "casecache", writes=[song("casecache")]))
        for _ in range(3):  # on either shard
            again = self.step(service.finish(service.generate("rainy night casecache")["id"]))
            self.assertEqual((again["cached"], again["tokens_used"]), (True, 0))
            self.assertEqual((again["generated_prompt"], again["plan"], again["model"]), (first["generated_prompt"], first["plan"], first["model"]))
        self.assertEqual(len(self.calls("casecache")), 1)
        other = self.step(service.finish(service.generate("rainy night casecache", {"style": "jazz"})["id"]))
        self.assertNotIn("cached", other)
        self.assertEqual(len(self.calls("casecache")), 2)

    def test_nothing_that_was_written_or_said_is_in_the_log(self):
        service = self.start(PROMPT_CACHE_TTL="1h")
        canary = "CanaryWordZq"
        for _ in range(2):
            self.finish(service, "casecanary", writes=[NO_SCHEMA, completion(f'{{"title": "{canary}"}}'), song("casecanary", title=canary, lyrics=f"[Verse]\n{canary}")])
        self.assertEqual(service.stop(), 0)  # then the log is whole
        lines = service.log()
        self.assertIn("prompt cache", lines)
        for word in (canary, "casecanary", "test-openai-key"):
            self.assertNotIn(word, lines)


if __name__ == "__main__":
    harness.main()
