#!/usr/bin/env python3
"""What we send to sunoapi.org, held against its own OpenAPI document by a mock that none of us wrote."""

import contextlib
import http.client
import json
import pathlib

import harness
import npm_tools
from mock_servers import prism_mock

HERE = pathlib.Path(__file__).resolve().parent
KEY = "test-suno-key"
TASK = "5c79****be8e"  # the document's example: its id must be percent-encoded in the poll


class SunoapiPrismTest(harness.ContractTest):
    programs = None  # the folder of Node programs

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.enterClassContext(prism_mock(cls.programs, "sunoapi-org-v6.yaml", cls.folder / "prism.log"))
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, PROMPT_WRITER="template", MUSIC_PROVIDERS="suno", SUNO_DIALECT="sunoapi", SUNO_API_KEY=KEY, SUNO_RETRY_DELAY=1,
            SUNO_API_BASE_URL=cls.mock.origin, ALLOW_INSECURE_UPSTREAMS=1))

    def ask(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=harness.PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", "/api/v1/generate", json.dumps(body), {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"})
            return connection.getresponse().status

    def test_the_mock_refuses_what_the_document_refuses(self):
        good = {"customMode": True, "instrumental": True, "model": "V6", "callBackUrl": "https://example.org/x", "style": "lofi"}
        self.assertEqual(self.ask(good), 200)
        for broken in ({**good, "callBackUrl": None}, {**good, "title": "t" * 81}, {**good, "model": "V3"}):
            self.assertEqual(self.ask(broken), 422)

    def test_every_submission_and_poll_keeps_to_the_document(self):
        lyrics = "[Verse 1]\nRain on the roof\n\n[Chorus]\nNeon, neon"
        wishes = [{}, {"instrumental": True}, {"lyrics": lyrics, "title": "Neon Rain", "negative_tags": "drums"}, {"duration_seconds": 90.5}]
        for model in ("V6", "V6_MINI", "V5_5", "V5", "V4_5PLUS", "V4"):
            for wish in wishes:
                with self.subTest(model=model, **wish):
                    job = self.service.generate("rainy night in Tokyo", {"tags": "lofi, piano", "model": model, **wish})
                    # The document's example is a song that is ready; its file lies nowhere.
                    job = self.service.wait_until(job["id"], lambda job: job["done"] or job["stage"] == "fetching")
                    self.assertEqual((job.get("song_id"), job["charged"]), (TASK, "yes"), job)
                    self.assertEqual(job["workflow"]["step2_music_generation"]["polls"], 1)
                    self.service.request("POST", f"/jobs/{job['id']}/cancel")


if __name__ == "__main__":
    SunoapiPrismTest.programs = npm_tools.installed(HERE)
    harness.main()
