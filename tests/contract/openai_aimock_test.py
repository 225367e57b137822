#!/usr/bin/env python3
"""The prompt writer against aimock's OpenAI, which nobody of this project wrote: whole songs, and its sequences of 429."""

import json
import pathlib

import harness
import npm_tools
from mock_servers import aimock

HERE = pathlib.Path(__file__).resolve().parent
SONG = {"description": "A mellow lofi beat with soft vibraphone and dusty drums.", "title": "Neon Rain", "tags": "lofi, warm piano",
        "negative_tags": "", "instrumental": False, "bpm": 82, "key": "A minor", "lyrics": "[Verse]\nRain on the glass"}


def error(kind, code, message, status=429):
    return {"error": {"message": message, "type": kind, "code": code}, "status": status}


RATE = error("requests", "rate_limit_exceeded", "Rate limit reached")
QUOTA = error("insufficient_quota", "insufficient_quota", "You exceeded your current quota")


def fixture(response, **match):
    return {"match": match, "response": response}


class OpenAiAimockTest(harness.ContractTest):
    programs = None  # the folder of Node programs

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        song = {"content": json.dumps(SONG)}
        cls.mock = cls.enterClassContext(aimock(cls.programs, [
            fixture(song, userMessage="casewhole"),
            fixture(RATE, userMessage="caserate", sequenceIndex=0), fixture(RATE, userMessage="caserate", sequenceIndex=1),
            fixture(song, userMessage="caserate"),
            fixture(RATE, userMessage="caseendless"),
            fixture(QUOTA, userMessage="casequota"),
        ], cls.folder))
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, OPENAI_API_KEY="test-openai-key", OPENAI_BASE_URL=f"{cls.mock.origin}/v1", ALLOW_INSECURE_UPSTREAMS=1,
            JOB_STORE="memory", MUSIC_PROVIDERS="local"))

    def prompt(self, name):
        """The first step once it has ended, whatever becomes of the music."""
        job = self.service.generate(f"rainy night {name}", {"duration_seconds": 20})

        def ended(job):
            return job["workflow"]["step1_prompt_generation"]["status"] in ("complete", "error")

        job = self.service.wait_until(job["id"], ended)
        self.service.request("POST", f"/jobs/{job['id']}/cancel")
        return job["workflow"]["step1_prompt_generation"]

    def test_a_whole_song_is_planned(self):
        step = self.prompt("casewhole")

        self.assertEqual((step["status"], step["generated_prompt"]), ("complete", SONG["description"]))
        self.assertEqual((step["plan"]["title"], step["plan"]["lyrics"]), (SONG["title"], SONG["lyrics"]))
        self.assertGreater(step["tokens_used"], 0)

    def test_a_server_that_is_too_fast_twice_is_asked_a_third_time(self):
        self.assertEqual(self.prompt("caserate")["status"], "complete")

    def test_a_server_that_is_always_too_fast_is_a_rate_limit(self):
        self.assertEqual(self.prompt("caseendless")["error_type"], "rate_limit")

    def test_a_used_up_quota_is_not_asked_again(self):
        self.assertEqual(self.prompt("casequota")["error_type"], "quota_exhausted")


if __name__ == "__main__":
    OpenAiAimockTest.programs = npm_tools.installed(HERE)
    harness.main()
