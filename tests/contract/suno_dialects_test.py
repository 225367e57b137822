#!/usr/bin/env python3
"""Every Suno dialect end to end over TLS against a fake gateway with a ledger: two songs for one submission, what each gateway
means by its codes, polls that songs share, callbacks, and files that do not come at once."""

import calendar
import hashlib
import json
import socket
import statistics
import time

import harness
from gateways import Fastapi, Gcui, RecordGateway
from upstreams import MP3, MP3_SECONDS, Reply, compressed, make_certificates, page

SUNO_KEY = "test-suno-key"

LYRICS = "[Verse 1]\nRain on the roof\n\n[Chorus]\nNeon, neon"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DialectCase:
    """What every dialect must do. `dialect` and `gateway_class` come from the class that mixes this in."""

    takes = 1.0
    variables = {"SUNO_RETRY_DELAY": 1}
    key = SUNO_KEY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.gateway = cls.gateway_class(cls.certificates, takes=cls.takes)
        cls.addClassCleanup(cls.gateway.close)
        cls.service = cls.enterClassContext(cls.start())

    @classmethod
    def start(cls, **variables):
        keys = {"SUNO_API_KEY": cls.key} if cls.key else {}
        return harness.Service(cls.folder, SSL_CERT_FILE=cls.certificates / "ca.pem", PROMPT_WRITER="template", MUSIC_PROVIDERS="suno",
                               SUNO_DIALECT=cls.dialect, SUNO_API_BASE_URL=cls.gateway.origin, **{**keys, **cls.variables, **variables})

    def make(self, name, fields=None, service=None, **faults):
        self.gateway.add(name, **faults)
        return (service or self.service).generate(f"rainy night {name}", {"tags": name, **(fields or {})})

    def finish(self, name, fields=None, **faults):
        return self.service.finish(self.make(name, fields, **faults)["id"])

    def assert_failed(self, job, cause, charged, submissions):
        name = job["tags"]
        step = job["workflow"]["step2_music_generation"]
        self.assertEqual((job["status"], job["error_type"], step["error_type"], job["charged"]),
                         ("error", "music_generation_failed", cause, charged), job)
        self.assertEqual(len(self.gateway.submissions(name)), submissions)

    def test_one_submission_becomes_two_tracks_of_our_own(self):
        job = self.finish("casewhole", {"title": "Neon Rain"})

        self.assertEqual((job["status"], job["charged"]), ("success", "yes"), job)
        self.assertEqual(len(self.gateway.submissions("casewhole")), 1)
        self.assertEqual(len(job["tracks"]), 2)
        self.assertEqual(len({track["song_id"] for track in job["tracks"]}), 2)
        for track in job["tracks"]:
            self.assertEqual(track["duration"], MP3_SECONDS)
            self.assertEqual(track["sha256"], hashlib.sha256(MP3).hexdigest())
            self.assertEqual(self.service.get(track["url"]).body, MP3)
        self.assertEqual(self.service.get(job["download_url"]).body, MP3)
        for call in self.gateway.ledger.find(containing="casewhole"):
            self.assertEqual(call.headers.get("authorization"), f"Bearer {self.key}" if self.key else None)

    def test_lyrics_title_and_negative_tags_are_passed_on(self):
        job = self.finish("caselyrics", {"lyrics": LYRICS, "title": "Neon Rain", "negative_tags": "drums"})

        self.assertEqual(job["status"], "success", job)
        sent = json.dumps(self.gateway.submissions("caselyrics")[0].body)
        for words in (json.dumps(LYRICS)[1:-1], "Neon Rain", "drums"):
            self.assertIn(words, sent)
        self.assertEqual([warning for warning in job["warnings"] if "lyrics" in warning or "negative" in warning], [])

    def test_the_preview_is_told_while_the_song_is_generated(self):
        job = self.make("casepreview", links=[f"{self.gateway.origin}/files/casepreview.mp3"])
        step = lambda job: job["workflow"]["step2_music_generation"]
        seen = self.service.wait_until(job["id"], lambda job: job["done"] or "preview_url" in step(job))
        if not seen["done"]:
            self.assertEqual((seen["stage"], seen["status"]), ("generating", "running"))
            self.assertTrue(step(seen)["preview_url"].startswith(self.gateway.origin))
        done = self.service.finish(job["id"])
        self.assertEqual(done["status"], "success", done)
        self.assertNotIn("preview_url", step(done))

    def test_a_submission_without_an_answer_is_not_repeated(self):
        job = self.finish("caselost", silent=True)
        self.assert_failed(job, "submission_unknown", "maybe", 1)

    def test_a_lost_poll_is_made_up_for(self):
        job = self.finish("casepolls", polls=[Reply(500, {"error": "Internal server error"}), Reply(502, "<html>"), None])
        self.assertEqual(job["status"], "success", job)
        self.assertEqual(len(self.gateway.submissions("casepolls")), 1)

    def test_a_cdn_that_is_not_ready_is_asked_again(self):
        job = self.finish("casecdn", audio=[Reply(403, "forbidden"), Reply(404, "not yet"), None])
        self.assertEqual((job["status"], len(job["tracks"])), ("success", 2), job)

    def test_a_download_that_breaks_is_taken_up_where_it_broke(self):
        whole = {"Content-Length": str(len(MP3)), "ETag": '"song"'}
        job = self.finish("casebreak", audio=[Reply(body=MP3, headers=whole, content_type="audio/mpeg", cut=10_000), None])

        self.assertEqual(job["status"], "success", job)
        self.assertEqual({track["sha256"] for track in job["tracks"]}, {hashlib.sha256(MP3).hexdigest()})
        resumed = [call for call in self.gateway.ledger.find("GET", "/files/casebreak") if "range" in call.headers]
        self.assertEqual(len(resumed), 1)
        self.assertEqual(resumed[0].headers["range"], "bytes=10000-")
        self.assertEqual(resumed[0].headers["if-range"], '"song"')

    def test_what_is_no_audio_is_a_result_that_cannot_be_had(self):
        cases = {"casehtml": {"audio": [Reply(body="<html>sorry, this is an error page</html>", content_type="audio/mpeg")]},
                 "casezero": {"audio": [Reply(body=b"", content_type="audio/mpeg")]},
                 "casenone": {"links": ["https://cdn1.suno.invalid/None.mp3"]},
                 "caseempty": {"links": [""]},
                 "caseforbidden": {"audio": [Reply(403, {"detail": "Forbidden"})]},
                 "caseinside": {"links": ["https://169.254.169.254/latest/meta-data"]}}
        started = {name: self.make(name, **faults)["id"] for name, faults in cases.items()}
        for name, job_id in started.items():
            with self.subTest(name):
                self.assert_failed(self.service.finish(job_id), "result_unavailable", "yes", 1)

    def test_a_failed_song_tells_why(self):
        for name, words, cause in (("casegpu", "GPU fell over", "generation_failed"),
                                   ("caseartist", "Song Description contained artist name: x", "content_rejected")):
            with self.subTest(name):
                self.assert_failed(self.finish(name, failure=self.failure_of(words)), cause, "yes", 1)

    def test_an_answer_that_is_not_the_gateways_own_buys_nothing_twice(self):
        self.assert_refusals({"casebusypage": (page(429), "rate_limit", "no", 4),
                              "casedeniedpage": (page(403), "authentication", "no", 1),
                              "casemoved": (page(302, Location=f"{self.gateway.origin}/elsewhere"), "submission_unknown", "maybe", 1),
                              "casebrokenpage": (page(520), "submission_unknown", "maybe", 1),
                              "casezipped": (compressed(Reply(body={"id": "casezipped"})), "submission_unknown", "maybe", 1),
                              "casecut": (Reply(body={"id": "casecut"}, cut=5), "submission_unknown", "maybe", 1)})

    def assert_refusals(self, cases):
        started = {name: self.make(name, submits=[reply])["id"] for name, (reply, *_) in cases.items()}
        for name, (_, cause, charged, submissions) in cases.items():
            with self.subTest(name):
                self.assert_failed(self.service.finish(started[name]), cause, charged, submissions)


def says(code, msg="words of the gateway"):
    return Reply(body={"code": code, "msg": msg, "data": None})


class RecordCase(DialectCase):
    gateway_class = RecordGateway

    def failure_of(self, words):
        return {"status": "GENERATE_AUDIO_FAILED", "errorCode": 501, "errorMessage": words}

    def test_a_callback_that_failed_is_no_failure_of_the_music(self):
        songs = [{"id": f"c{n}", "audioUrl": f"{self.gateway.origin}/files/casecallback.mp3"} for n in (1, 2)]
        record = {"status": "CALLBACK_EXCEPTION", "response": {"sunoData": songs}}
        job = self.finish("casecallback", polls=[Reply(body={"code": 200, "msg": "success", "data": record})])
        self.assertEqual((job["status"], len(job["tracks"])), ("success", 2), job)


class SunoapiTest(RecordCase, harness.ContractTest):
    dialect = "sunoapi"

    def test_its_codes_are_its_own(self):
        self.assert_refusals({"casequota": (says(429), "quota_exhausted", "no", 1),
                              "caserate": (says(430), "rate_limit", "no", 4),
                              "casemethod": (says(405), "rate_limit", "no", 4),
                              "casekey": (says(401), "authentication", "no", 1),
                              "caselong": (says(413), "api_error", "no", 1),
                              "casemaintained": (says(455), "api_error", "no", 4),
                              "caseserver": (says(500), "submission_unknown", "maybe", 1)})


class KieTest(RecordCase, harness.ContractTest):
    dialect = "kie"

    def test_its_codes_are_its_own(self):
        self.assert_refusals({"casequota": (says(402), "quota_exhausted", "no", 1),
                              "caserate": (says(429), "rate_limit", "no", 4),
                              "caseinvalid": (says(422), "api_error", "no", 1),
                              "caseserver": (says(500), "submission_unknown", "maybe", 1)})


class ClipCase(DialectCase):
    key = ""
    variables = {"SUNO_RETRY_DELAY": 1, "SHARDS": 1}

    def test_a_hundred_waiting_songs_share_their_polls(self):
        before = len(self.gateway.ledger.find("GET", self.gateway.poll_path))
        self.gateway.takes, usual = 8.0, self.gateway.takes
        jobs = [self.make(f"casecrowd{number:03}")["id"] for number in range(100)]
        done = [self.service.finish(job) for job in jobs]
        self.gateway.takes = usual

        self.assertEqual({job["status"] for job in done}, {"success"})
        requests = len(self.gateway.ledger.find("GET", self.gateway.poll_path)) - before
        polls = sum(job["workflow"]["step2_music_generation"]["polls"] for job in done)
        print(f"\n{self.dialect}: 100 songs, {polls} polls in {requests} requests: {requests / polls:.3f} of a request a poll, "
              f"{requests / 100:.2f} requests a song", flush=True)
        self.assertLessEqual(requests * 10, polls)
        self.assertEqual(len(self.gateway.submissions("casecrowd")), 100)


class GcuiTest(ClipCase, harness.ContractTest):
    dialect = "gcui"
    gateway_class = Gcui

    def failure_of(self, words):
        return {"error_message": words}

    def test_its_errors_carry_sunos_status(self):
        self.assert_refusals({"casequota": (Reply(402, {"error": "no credits"}), "quota_exhausted", "no", 1),
                              "casetoken": (Reply(422, {"error": {"detail": "Token validation failed"}}), "api_error", "no", 1),
                              "casenetwork": (Reply(503, {"error": "Network error: timeout"}), "submission_unknown", "maybe", 1),
                              "caseserver": (Reply(500, {"error": "Internal server error"}), "submission_unknown", "maybe", 1)})


class FastapiTest(ClipCase, harness.ContractTest):
    dialect = "fastapi"
    gateway_class = Fastapi

    def failure_of(self, words):
        return {"metadata": {"error_type": "generation", "error_message": words}}

    def test_its_errors_come_as_200(self):
        self.assert_refusals({"casekey": (Reply(body={"detail": "Unauthorized"}), "authentication", "no", 4),
                              "casehost": (Reply(body='"An error occurred: Cannot connect to host x"'), "api_error", "no", 4),
                              "casecredits": (Reply(body={"detail": "Insufficient credits."}), "quota_exhausted", "no", 1)})

    def test_a_token_that_is_renewed_meanwhile_costs_nothing(self):
        unauthorised = Reply(body={"detail": "Unauthorized"})
        job = self.finish("caserenewed", submits=[unauthorised, None], polls=[unauthorised, None])
        self.assertEqual((job["status"], job["charged"]), ("success", "yes"), job)
        self.assertEqual(len(self.gateway.submissions("caserenewed")), 2)


class CallbackTest(harness.ContractTest):
    """sunoapi with an address to call back, at the pace that is learned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.gateway = RecordGateway(cls.certificates, takes=2.0)
        cls.addClassCleanup(cls.gateway.close)
        port = free_port()
        cls.base = f"http://127.0.0.1:{port}"
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=cls.certificates / "ca.pem", PROMPT_WRITER="template", MUSIC_PROVIDERS="suno", PORT=port,
            PUBLIC_BASE_URL=cls.base, SUNO_DIALECT="sunoapi", SUNO_API_KEY=SUNO_KEY, SUNO_API_BASE_URL=cls.gateway.origin, SUNO_TIMEOUT=5))

    def make(self, name, **faults):
        self.gateway.add(name, **faults)
        return self.service.generate(f"rainy night {name}", {"tags": name})["id"]

    def test_callbacks_save_polls_and_time(self):
        names = [f"casecalled{number:02}" for number in range(20)]
        started = [self.make(name) for name in names]
        jobs = [self.service.finish(job) for job in started]

        self.assertEqual({job["status"] for job in jobs}, {"success"})
        lags = []
        for name, job in zip(names, jobs):
            song = next(song for song in self.gateway.songs.values() if song.name == name)
            lags.append(self.done_at(job) - (song.at + self.gateway.takes - time.monotonic() + time.time()))
            polls = self.gateway.ledger.find("GET", self.gateway.poll_path, song.id)
            self.assertLessEqual(len(polls), 2)
        print(f"\nsunoapi with callbacks: from completion to done, {len(lags)} songs: median {statistics.median(lags):.3f} s, "
              f"worst {max(lags):.3f} s", flush=True)

    @staticmethod
    def done_at(job):
        stamp = job["completed_at"]
        return calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) + int(stamp[20:23]) / 1000

    def test_a_submission_whose_answer_was_lost_is_found_by_its_callback_and_not_repeated(self):
        job = self.service.finish(self.make("casefound", silent=True))

        self.assertEqual((job["status"], job["charged"], len(job["tracks"])), ("success", "yes", 2), job)
        self.assertEqual(len(self.gateway.submissions("casefound")), 1)

    def test_addresses_differ_and_a_forged_one_is_not_found(self):
        first, second = self.make("caseforgeda"), self.make("caseforgedb")
        urls = [self.gateway.submissions(name)[0].body["callBackUrl"] for name in ("caseforgeda", "caseforgedb")
                if self.gateway.ledger.wait_for(1, method="POST", containing=name)]
        self.assertNotEqual(*urls)
        for url, job in zip(urls, (first, second)):
            self.assertTrue(url.startswith(f"{self.base}/callbacks/suno/"))
            self.assertNotIn(job, url)
        forged = urls[0][:-1] + ("0" if urls[0][-1] != "0" else "1")
        body = {"code": 200, "data": {"callbackType": "complete", "task_id": "task0001"}}
        self.assert_problem(self.service.request("POST", forged.removeprefix(self.base), body), 404, "not_found")
        self.assertEqual(self.service.request("POST", urls[0].removeprefix(self.base), {"nothing": "of use"}).status, 200)
        for job in (first, second):
            self.assertEqual(self.service.finish(job)["status"], "success")

    def test_a_callback_is_a_hint_and_nothing_of_it_is_believed(self):
        job = self.make("casehint")
        call = self.gateway.ledger.wait_for(1, method="POST", containing="casehint")[0]
        song = next(song for song in self.gateway.songs.values() if song.name == "casehint")
        lie = {"code": 200, "data": {"callbackType": "complete", "task_id": song.id, "data": [
            {"id": "evil", "audio_url": f"{self.gateway.origin}/files/evil.mp3", "title": "evil"}]}}
        self.assertEqual(self.service.request("POST", call.body["callBackUrl"].removeprefix(self.base), lie).status, 200)

        done = self.service.finish(job)
        self.assertEqual(done["status"], "success")
        self.assertNotIn("evil", json.dumps(done))
        self.assertEqual(self.gateway.ledger.find("GET", "/files/evil"), [])


if __name__ == "__main__":
    harness.main()
