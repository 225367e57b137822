#!/usr/bin/env python3
"""What we ask of ElevenLabs, MiniMax and Replicate, held against their own OpenAPI documents by mocks that none of us wrote.

The documents in specs/ are cut to the calls that we make, and long descriptions are left out; nothing else is changed, but that
Replicate's paths begin with the /v1 of its server.
"""

import contextlib
import http.client
import json
import pathlib

import harness
import npm_tools
from mock_servers import prism_mock

HERE = pathlib.Path(__file__).resolve().parent
LYRICS = "[Verse 1]\nRain on the roof\n\n[Chorus]\nNeon, neon"
WISHES = [{}, {"instrumental": True}, {"lyrics": LYRICS, "title": "Neon Rain", "tags": "lofi, piano"}, {"duration_seconds": 300, "seed": 7},
          {"lyrics": "\n".join(f"[Part {n}]\n" + "la " * 90 for n in range(12)), "negative_tags": "drums, bass"},
          {"quality": "high", "format": "mp3"}, {"quality": "draft", "format": "wav"}, {"seed": 0, "instrumental": True}]


class ServicesPrismTest(harness.ContractTest):
    programs = None  # the folder of Node programs

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = {"elevenlabs": "elevenlabs-music.json", "minimax": "minimax-music.json", "replicate": "replicate.json"}
        cls.mocks = {name: cls.enterClassContext(prism_mock(cls.programs, document, cls.folder / f"{name}.log"))
                     for name, document in documents.items()}
        cls.service = cls.enterClassContext(cls.start())

    @classmethod
    def start(cls, **variables):
        return harness.Service(
            cls.folder, PROMPT_WRITER="template", JOB_STORE="memory", MUSIC_PROVIDERS=",".join(cls.mocks), BREAKER_FAILURES=0,
            ALLOW_INSECURE_UPSTREAMS=1, ELEVENLABS_API_KEY="test-key", MINIMAX_API_KEY="test-key", REPLICATE_API_TOKEN="test-key",
            **{f"{name.upper()}_BASE_URL": mock.origin for name, mock in cls.mocks.items()}, **variables)

    def ask(self, name, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.mocks[name].port, timeout=harness.PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Authorization": "Bearer test-key"})
            return connection.getresponse().status

    def test_the_mocks_refuse_what_the_documents_refuse(self):
        self.assertEqual(self.ask("elevenlabs", "/v1/music", {"prompt": "p", "music_length_ms": 100}), 422)
        self.assertEqual(self.ask("minimax", "/v1/music_generation", {"prompt": "p"}), 422)
        self.assertEqual(self.ask("replicate", "/v1/predictions", {"version": "v"}), 422)

    def test_every_song_asked_of_a_direct_service_keeps_to_its_document(self):
        # What the mocks answer to a request that they accept is no audio; one that they refuse is an api_error.
        for provider, models in {"elevenlabs": ("music_v2", "music_v1"), "minimax": ("music-2.6", "music-2.0")}.items():
            for model in models:
                for wish in WISHES:
                    with self.subTest(provider, model=model, **wish):
                        job = self.service.generate("rainy night in Tokyo", {"provider": provider, "model": model, **wish})
                        job = self.service.finish(job["id"])
                        self.assertEqual(job["workflow"]["step2_music_generation"].get("error_type"), "submission_unknown", job)

    def assert_predicted(self, service, wish):
        job = service.generate("rainy night in Tokyo", {"provider": "replicate", **wish})
        job = service.wait_until(job["id"], lambda job: job["done"] or job["stage"] == "generating")
        self.assertEqual((job["stage"], job["charged"]), ("generating", "yes"), job)
        # The document's example is "starting", for ever: so a poll that is accepted changes nothing.
        later = service.get(f"/jobs/{job['id']}", Prefer="wait=4", If_None_Match=f'"{job["version"]}"')
        self.assertEqual(later.status, 304, later.body)
        self.assertIn(f"get /v1/predictions/{job['song_id']}", self.mocks["replicate"].log().lower())
        service.request("POST", f"/jobs/{job['id']}/cancel")

    def test_every_prediction_keeps_to_its_document(self):
        for wish in WISHES[:4]:
            with self.subTest(**wish):
                self.assert_predicted(self.service, wish)
        for model in ("meta/musicgen:671ac645ce5e552cc63a54a2bbff63fcf798043055d2dac5fc9e36a837eedcfb", "minimax/music-1.5"):
            with self.subTest(model), self.start(REPLICATE_MODEL=model) as service:
                self.assert_predicted(service, {"lyrics": LYRICS})


if __name__ == "__main__":
    ServicesPrismTest.programs = npm_tools.installed(HERE)
    harness.main()
