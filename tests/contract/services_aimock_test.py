#!/usr/bin/env python3
"""ElevenLabs' songs and fal's queue as aimock plays them, which nobody of this project wrote."""

import base64
import http.client
import http.server
import pathlib
import threading

import harness
import npm_tools
from mock_servers import aimock
from upstreams import MP3

HERE = pathlib.Path(__file__).resolve().parent


class FalHost:
    """Passes requests on to aimock's /fal, which wants to be told in a header which of fal's hosts it is."""

    def __init__(self, port):
        host = self
        self.paths = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                host.paths.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=harness.PATIENCE)
                sent = {"Content-Type": "application/json", "Authorization": self.headers["Authorization"], "x-fal-target-host": "queue.fal.run"}
                connection.request(self.command, f"/fal{self.path}", body, sent)
                answer = connection.getresponse()
                text = answer.read()
                connection.close()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"] or "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def error(status, code):
    return {"error": {"message": "x", "type": code, "code": code}, "status": status}


class ServicesAimockTest(harness.ContractTest):
    programs = None  # the folder of Node programs

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        song = {"audio": {"b64Json": base64.b64encode(MP3).decode(), "contentType": "audio/mpeg"}}
        fixtures = [{"match": {"userMessage": name, "endpoint": kind}, "response": response} for name, kind, response in (
            ("caseeleven", "audio-gen", song), ("caserefused", "audio-gen", error(401, "invalid_api_key")))]
        fixtures += [{"match": {"userMessage": "casebusy", "endpoint": "audio-gen", "sequenceIndex": 0}, "response": error(429, "rate_limit")},
                     {"match": {"userMessage": "casebusy", "endpoint": "audio-gen"}, "response": song},
                     {"match": {"userMessage": "casequeue", "endpoint": "fal"}, "response": {"json": {"audio": {
                         "url": "https://nowhere.example/song.mp3", "content_type": "audio/mpeg"}}}}]
        cls.mock = cls.enterClassContext(aimock(cls.programs, fixtures, cls.folder))
        cls.fal = FalHost(cls.mock.port)
        cls.addClassCleanup(cls.fal.close)
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, PROMPT_WRITER="template", JOB_STORE="memory", MUSIC_PROVIDERS="elevenlabs,fal", ALLOW_INSECURE_UPSTREAMS=1,
            ELEVENLABS_API_KEY="test-key", ELEVENLABS_BASE_URL=cls.mock.origin, FAL_KEY="test-key", FAL_BASE_URL=cls.fal.origin))

    def make(self, provider, name, fields=None):
        job = self.service.generate(f"rainy night {name}", {"provider": provider, **(fields or {})})
        return self.service.finish(job["id"])

    def test_elevenlabs_songs_are_kept_byte_for_byte(self):
        for wish in ({}, {"lyrics": "[Verse]\nNeon on the water", "seed": 7}):
            job = self.make("elevenlabs", "caseeleven", wish)
            self.assertEqual(job["status"], "success", job)
            self.assertEqual(self.service.get(f"/jobs/{job['id']}/audio").body, MP3)

    def test_a_refusal_of_elevenlabs_costs_nothing(self):
        job = self.make("elevenlabs", "caserefused")
        self.assertEqual((job["workflow"]["step2_music_generation"]["error_type"], job["charged"]), ("authentication", "no"), job)

    def test_elevenlabs_is_asked_again_when_it_was_busy(self):
        self.assertEqual(self.make("elevenlabs", "casebusy")["status"], "success")

    def test_a_request_goes_through_fals_queue_to_its_result(self):
        job = self.make("fal", "casequeue")
        self.assertEqual((job["workflow"]["step2_music_generation"]["error_type"], job["charged"]), ("result_unavailable", "yes"), job)
        asked = [path.rsplit("/requests/", 1) for path in self.fal.paths]
        self.assertEqual(asked[0], ["POST /fal-ai/elevenlabs/music/v2"])
        self.assertTrue(any(path[-1].endswith("/status") for path in asked), self.fal.paths)
        self.assertIn(job["song_id"].rsplit(":", 1)[1], self.fal.paths[-1])


if __name__ == "__main__":
    ServicesAimockTest.programs = npm_tools.installed(HERE)
    harness.main()
