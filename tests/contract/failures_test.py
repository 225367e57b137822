#!/usr/bin/env python3
"""Every documented failure of an upstream, with its error types, what it cost, and how often the upstream was asked."""

import dataclasses
import socket

import harness
from upstreams import MP3, Reply, Upstreams, completion, compressed, make_certificates, openai_error, page

# In every upstream's error text; an upstream's words must reach no client and no log.
UPSTREAM_WORDS = "UpstreamWordsZq"


@dataclasses.dataclass
class Case:
    scripts: dict
    step: str = None  # error_type of the job; None for a job that succeeds
    cause: str = None  # error_type of the step
    charged: str = "no"
    prompts: int = 1  # how many calls of each kind the upstreams got
    submissions: int = 0
    polls: int = None


def prompt_failure(cause, *replies, prompts=1):
    return Case({"writes": replies}, "prompt_generation_failed", cause, prompts=prompts)


def submission_failure(cause, *replies, charged="no", submissions=1):
    return Case({"submits": replies}, "music_generation_failed", cause, charged, submissions=submissions, polls=0)


def song_failure(cause, asked=None, **scripts):
    return Case(scripts, "music_generation_failed", cause, "yes", submissions=1, polls=asked)


def success(submissions=1, prompts=1, **scripts):
    return Case(scripts, charged="yes", submissions=submissions, prompts=prompts)


def suno_error(status, message="it failed", **headers):
    return Reply(status, {"error": {"message": f"{UPSTREAM_WORDS} {message}"}}, headers)


RATE = openai_error(429, "requests", "rate_limit_exceeded", f"{UPSTREAM_WORDS} slow down")
BROKEN = openai_error(500, "server_error", None, f"{UPSTREAM_WORDS} it broke")

PROMPT_CASES = {
    "openai401": prompt_failure("authentication", openai_error(401, "invalid_request_error", "invalid_api_key", UPSTREAM_WORDS)),
    "openairate": prompt_failure("rate_limit", RATE, prompts=4),
    "openaiquota": prompt_failure("quota_exhausted", openai_error(429, "insufficient_quota", "insufficient_quota", UPSTREAM_WORDS)),
    "openai500": prompt_failure("openai_api", BROKEN, prompts=4),
    "openai404": prompt_failure("api_error", openai_error(404, "invalid_request_error", "model_not_found", UPSTREAM_WORDS)),
    "openairefusal": prompt_failure("content_rejected", completion(None, refusal=f"{UPSTREAM_WORDS}: I can't help with that.")),
    "openaigarbage": prompt_failure("invalid_response", Reply(body=f"<{UPSTREAM_WORDS}>, not JSON")),
    "openaipage": prompt_failure("invalid_response", Reply(body=f"<html>{UPSTREAM_WORDS}</html>", content_type="text/html")),
    "openaiempty": prompt_failure("invalid_response", completion("")),
    "openaizipped": prompt_failure("invalid_response", compressed(completion("A slow lofi beat with soft rain."))),
    "openaimoved": prompt_failure("invalid_response", page(307, Location="https://localhost:1/v1/chat/completions")),
    "openaideep": prompt_failure("invalid_response", Reply(body="[" * 100 + "]" * 100)),
    "openaihuge": prompt_failure("invalid_response", completion(UPSTREAM_WORDS * 100_000)),
    "openaitypes": prompt_failure("invalid_response", Reply(body={"choices": {"message": {"content": 17}}})),
    "openaicut": prompt_failure("request_error", dataclasses.replace(completion("A slow lofi beat."), cut=20), prompts=4),
    "openai520": prompt_failure("openai_api", page(520), prompts=4),
    "openaireset": prompt_failure("request_error", Reply(reset=True), prompts=4),
    "openaiwell": success(prompts=3, writes=[BROKEN, RATE, completion("A slow lofi beat with soft rain for caseopenaiwell.")]),
    "openaiwait": success(prompts=2, writes=[openai_error(503, "server_error", None, UPSTREAM_WORDS, **{"Retry-After": "1"}),
                                             completion("A slow lofi beat with soft rain for caseopenaiwait.")]),
}

SUBMISSION_CASES = {
    "suno401": submission_failure("authentication", suno_error(401)),
    "suno402": submission_failure("quota_exhausted", suno_error(402)),
    "suno400": submission_failure("api_error", suno_error(400)),
    "sunoartist": submission_failure("content_rejected", suno_error(400, "prompt has an artist name")),
    "suno429": submission_failure("rate_limit", suno_error(429), submissions=4),
    "suno500": submission_failure("submission_unknown", suno_error(500), charged="maybe"),
    "sunoreset": submission_failure("submission_unknown", Reply(reset=True), charged="maybe"),
    "sunogarbage": submission_failure("submission_unknown", Reply(body=f"<{UPSTREAM_WORDS}>"), charged="maybe"),
    "sunonoid": submission_failure("submission_unknown", Reply(body={"ok": True}), charged="maybe"),
}


def song_cases(upstreams, elsewhere):
    def running(name):
        return upstreams.song(f"case{name}", "generating")

    def finished(name, **fields):
        return upstreams.finished(f"case{name}", **fields)

    no_audio = Reply(body=f"<!doctype html><title>{UPSTREAM_WORDS}</title>" + " " * 500, content_type="text/html")
    return {
        "sunobusy": success(submissions=2, submits=[suno_error(429, **{"Retry-After": "1"}), Reply(body={"id": "song-casesunobusy"})]),
        "pollerror": song_failure("generation_failed", 1, polls=[
            upstreams.song("casepollerror", "error", error_message=f"{UPSTREAM_WORDS} it failed")]),
        "pollmoderated": song_failure("content_rejected", 1, polls=[
            upstreams.song("casepollmoderated", "error", error_message=f"{UPSTREAM_WORDS}: copyright of the lyrics")]),
        "pollnever": song_failure("generation_timeout", 3, polls=[running("pollnever")]),
        "poll404": song_failure("result_unavailable", 1, polls=[suno_error(404)]),
        "polllost": success(polls=[suno_error(500), finished("polllost")]),
        "pollreset": success(polls=[Reply(reset=True), finished("pollreset")]),
        "pollodd": success(polls=[upstreams.song("casepollodd", "mastering"), finished("pollodd")]),
        "audiopage": song_failure("result_unavailable", polls=[finished("audiopage")], audio=[no_audio]),
        "audioempty": song_failure("result_unavailable", polls=[finished("audioempty")], audio=[Reply(body=b"", content_type="audio/mpeg")]),
        "audionolink": song_failure("result_unavailable", polls=[finished("audionolink", audio_url="")]),
        "audiomoved": song_failure("result_unavailable", polls=[finished("audiomoved")], audio=[
            Reply(302, headers={"Location": f"{elsewhere.origin}/casesecret.mp3"})]),
        "audioelsewhere": song_failure("result_unavailable", polls=[
            finished("audioelsewhere", audio_url=f"{elsewhere.origin}/caseelsewhere.mp3")]),
        "audiolate": success(polls=[finished("audiolate")], audio=[Reply(403, ""), Reply(body=MP3, content_type="audio/mpeg")]),
    }


class FailuresTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(cls.certificates)
        cls.addClassCleanup(cls.upstreams.close)

    def start(self, **variables):
        """A service with both upstreams in a folder of its own; at its end its log is searched for the upstreams' words."""
        settings = {"SSL_CERT_FILE": self.certificates / "ca.pem", "SUNO_RETRY_DELAY": 1, "SUNO_MAX_RETRIES": 3,
                    "OPENAI_API_KEY": "test-openai-key", "OPENAI_BASE_URL": f"{self.upstreams.openai.origin}/v1",
                    "SUNO_API_KEY": "test-suno-key", "SUNO_API_BASE_URL": self.upstreams.suno.origin}
        service = self.enterContext(harness.Service(self.scratch(), **{**settings, **variables}))
        self.addCleanup(lambda: self.assertNotIn(UPSTREAM_WORDS, service.log()))
        return service

    def run_cases(self, service, cases):
        """All jobs at once; each is then held against its case."""
        jobs = {}
        for name, case in cases.items():
            self.upstreams.add(f"case{name}", **case.scripts)
            jobs[name] = service.generate(f"rainy night case{name}")["id"]
        for name, case in cases.items():
            with self.subTest(name):
                self.check(case, f"case{name}", service.finish(jobs[name]))

    def check(self, case, name, job):
        self.assertNotIn(UPSTREAM_WORDS, str(job))
        self.assertEqual(job["status"], "error" if case.step else "success", job)
        self.assertEqual((job.get("error_type"), job["charged"]), (case.step, case.charged))
        first, second = job["workflow"]["step1_prompt_generation"], job["workflow"]["step2_music_generation"]
        in_prompt = case.step == "prompt_generation_failed"
        self.assertEqual((first.get("error_type"), second.get("error_type")), (case.cause, None) if in_prompt else (None, case.cause))
        if case.step:
            failed = first if in_prompt else second
            self.assertEqual(failed["status"], "error")
            self.assertTrue(failed["message"] and job["message"])
            self.assertNotIn("download_url", job)
        self.assertEqual(len(self.upstreams.openai.ledger.find("POST", containing=name)), case.prompts)
        self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing=name)), case.submissions)
        if case.polls is not None:
            self.assertEqual(len(self.upstreams.suno.ledger.find("GET", "/v1/songs/", name)), case.polls)

    def test_a_prompt_that_cannot_be_written_says_why_and_costs_nothing(self):
        self.run_cases(self.start(), PROMPT_CASES)

    def test_a_refused_submission_costs_nothing_and_one_of_unknown_fate_is_never_sent_again(self):
        self.run_cases(self.start(), SUBMISSION_CASES)

    def test_a_song_counts_only_once_its_audio_is_there(self):
        elsewhere = Upstreams(self.certificates)
        self.addCleanup(elsewhere.close)
        self.run_cases(self.start(), song_cases(self.upstreams, elsewhere.suno))
        self.assertEqual(elsewhere.suno.ledger.find(), [])  # neither a redirect nor a link to another private origin is followed

    def test_a_submission_of_unknown_fate_is_bought_again_only_when_the_user_asks_for_it(self):
        service = self.start()
        self.upstreams.add("caseresubmit", submits=[suno_error(500), Reply(body={"id": "song-caseresubmit"})])
        job = service.finish(service.generate("rainy night caseresubmit")["id"])
        path = f"/jobs/{job['id']}/retry"

        self.assert_problem(service.request("POST", path), 409, "job_not_retryable")
        self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing="caseresubmit")), 1)
        self.assertEqual(service.request("POST", path, {"on_unknown": "resubmit"}).status, 202)
        self.assertEqual(service.finish(job["id"])["status"], "success")
        self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing="caseresubmit")), 2)
        self.assertEqual(len(self.upstreams.openai.ledger.find(containing="caseresubmit")), 1)

    def test_an_upstream_that_is_silent_is_a_timeout(self):
        service = self.start(OPENAI_TIMEOUT=1, SUNO_TIMEOUT=1)
        self.run_cases(service, {
            "openaisilent": prompt_failure("timeout", Reply(hang=True), prompts=4),
            "sunosilent": submission_failure("submission_unknown", Reply(hang=True), charged="maybe"),
        })

    def test_an_upstream_that_is_not_there_is_a_request_error_and_costs_nothing(self):
        with socket.socket() as taken:  # bound and not listening: connections are refused, and nobody else gets the port
            taken.bind(("127.0.0.1", 0))
            nowhere = f"https://localhost:{taken.getsockname()[1]}"
            without_suno = self.start(SUNO_API_BASE_URL=nowhere)
            without_openai = self.start(OPENAI_BASE_URL=f"{nowhere}/v1")
            self.run_cases(without_suno, {"sunorefused": Case({}, "music_generation_failed", "request_error")})
            self.run_cases(without_openai, {"openairefused": Case({}, "prompt_generation_failed", "request_error", prompts=0)})

    def test_a_certificate_that_is_not_trusted_ends_the_connection_before_anything_is_sent(self):
        other = make_certificates(self.scratch())
        service = self.start(SSL_CERT_FILE=other / "ca.pem")
        job = service.finish(service.generate("rainy night caseuntrusted")["id"])

        self.assertEqual((job["error_type"], job["charged"]), ("prompt_generation_failed", "no"))
        self.assertEqual(self.upstreams.openai.ledger.find(containing="caseuntrusted"), [])


if __name__ == "__main__":
    harness.main()
