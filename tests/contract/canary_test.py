#!/usr/bin/env python3
"""No key, theme, tag, prompt or upstream's word is in a log line or in an error body: each is a marker that is searched for."""

import json
import re

import harness
from upstreams import Reply, Upstreams, completion, make_certificates, openai_error

THEME, TAGS, TITLE, PROMPT = "ZqThemeMark", "ZqTagsMark", "ZqTitleMark", "ZqPromptMark"
OPENAI_KEY, SUNO_KEY, CLIENT_KEY, WRONG_KEY = "ZqOpenaiKeyMark", "ZqSunoKeyMark", "ZqClientKeyMark", "ZqWrongKeyMark"
UPSTREAM, SONG_TITLE, METADATA, IDEMPOTENCY, QUERY = "ZqUpstreamMark", "ZqSongTitleMark", "ZqMetadataMark", "ZqIdempotencyMark", "ZqQueryMark"
MARK = re.compile("Zq[A-Za-z]*Mark", re.IGNORECASE)

TEXT_LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z - \w+ - (DEBUG|INFO|WARNING|ERROR) - "
                       r"API: [^|]+ \| Operation: [^|]+ \| Status: [^|]+ \| Details: \{.*\}$")


class CanaryTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(cls.certificates)
        cls.addClassCleanup(cls.upstreams.close)

    def start(self, log_format, **variables):
        settings = {"SSL_CERT_FILE": self.certificates / "ca.pem", "SUNO_RETRY_DELAY": 0, "API_KEYS": f"alice={CLIENT_KEY}",
                    "OPENAI_API_KEY": OPENAI_KEY, "OPENAI_BASE_URL": f"{self.upstreams.openai.origin}/v1",
                    "SUNO_API_KEY": SUNO_KEY, "SUNO_API_BASE_URL": self.upstreams.suno.origin,
                    "LOG_LEVEL": "DEBUG", "LOG_FORMAT": log_format}
        service = self.enterContext(harness.Service(self.scratch(), **{**settings, **variables}))
        service.key = CLIENT_KEY
        return service

    def script(self, mode):
        """One song that succeeds and one for each way in which an upstream's words could get into an error."""
        say = {"error": {"message": UPSTREAM, "type": UPSTREAM, "code": UPSTREAM}}
        for name, scripts in {
            "well": {"polls": [self.upstreams.finished(f"case{mode}well", title=SONG_TITLE, tags=SONG_TITLE)]},
            "writer": {"writes": [openai_error(401, UPSTREAM, UPSTREAM, UPSTREAM, **{"x-request-id": "upstream-1"})]},
            "garbage": {"writes": [Reply(body=f"{UPSTREAM} {THEME}")]},
            "submit": {"submits": [Reply(400, say)]},
            "unknown": {"submits": [Reply(500, say)]},
            "poll": {"polls": [self.upstreams.song(f"case{mode}poll", "error", error_message=UPSTREAM)]},
            "status": {"polls": [Reply(body={"id": UPSTREAM, "status": UPSTREAM})]},
            "audio": {"polls": [self.upstreams.finished(f"case{mode}audio", audio_url=f"https://{UPSTREAM}.localhost/{UPSTREAM}")]},
        }.items():
            scenario = f"case{mode}{name}"
            written = completion(f"{PROMPT} for a slow lofi beat, {scenario}")
            self.upstreams.add(scenario, **{"writes": [written], **scripts})
            yield scenario

    def ask_wrongly(self, service):
        """Every refusal of the HTTP interface with a marker in what is refused; gives the answers."""
        good = {"theme": THEME}
        yield service.request("POST", "/generate", {"theme": f"{THEME}<script>", "tags": f"{TAGS}\\", "title": f"{TITLE}{{"})
        yield service.request("POST", "/generate", {"theme": THEME * 60})
        yield service.request("POST", "/generate", {**good, "format": UPSTREAM, "seed": THEME, "provider": 7, "metadata": {"a b": METADATA}})
        yield service.request("POST", "/generate", {**good, "provider": UPSTREAM})
        yield service.request("POST", "/generate", f'{{"theme": "{THEME}'.encode())
        yield service.request("POST", "/generate", f'{{"theme": "{THEME}\xff"}}'.encode("latin-1"))
        yield service.request("POST", "/generate", THEME.encode(), Content_Type=f"text/{UPSTREAM}")
        yield service.request("POST", "/generate", good, Idempotency_Key=f"{IDEMPOTENCY}\xe9")
        yield service.request("POST", "/generate", good, Authorization=f"Bearer {WRONG_KEY}")
        yield service.get(f"/{THEME}?{QUERY}=1")
        yield service.get(f"/jobs/{THEME}")
        yield service.get(f"/jobs?cursor={QUERY}")
        yield service.request(UPSTREAM.upper(), "/generate")

    def run_everything(self, log_format):
        service = self.start(log_format)
        jobs = []
        for name in self.script(log_format):
            fields = {"tags": TAGS, "title": TITLE, "metadata": {"ref": METADATA}}
            jobs.append(service.generate(f"{THEME} {name}", fields, Idempotency_Key=f"{IDEMPOTENCY}-{name}"))
        ends = [service.finish(job["id"])["status"] for job in jobs]
        self.assertEqual(ends, ["success"] + ["error"] * (len(jobs) - 1))
        for answer in self.ask_wrongly(service):
            self.assertGreaterEqual(answer.status, 400)
            self.assertLess(answer.status, 500, answer.body)
            self.assertEqual(MARK.findall(answer.body.decode()), [], answer.body)
            self.assertEqual(MARK.findall(str(answer.headers)), [])
        conflict = service.request("POST", "/generate", {"theme": THEME}, Idempotency_Key=f"{IDEMPOTENCY}-{name}")
        self.assert_problem(conflict, 422, "idempotency_key_reused")
        self.assertEqual(MARK.findall(conflict.body.decode()), [])
        self.assertEqual(service.stop(), 0)
        lines = service.log().splitlines()
        self.assertGreater(len(lines), 30)
        for line in lines:
            self.assertEqual(MARK.findall(line), [], line)
        return lines

    def test_the_text_log_has_the_documented_form_and_no_marker(self):
        for line in self.run_everything("text"):
            self.assertRegex(line, TEXT_LINE)

    def test_the_json_log_is_one_object_a_line_and_has_no_marker(self):
        for line in self.run_everything("json"):
            self.assertEqual(list(json.loads(line)), ["time", "level", "component", "api", "operation", "status", "details"])

    def test_a_configuration_that_is_refused_shows_no_secret(self):
        for variables in ({"API_KEYS": f"alice={CLIENT_KEY},{WRONG_KEY}"}, {"API_KEYS": f"a b={CLIENT_KEY}"},
                          {"OPENAI_API_KEY": f"{OPENAI_KEY} x"}, {"SUNO_API_KEY": f"{SUNO_KEY}\x01"},
                          {"OPENAI_BASE_URL": f"https://user:{OPENAI_KEY}@localhost/v1"}, {"SUNO_API_BASE_URL": f"ftp://{SUNO_KEY}"}):
            with self.subTest(next(iter(variables))):
                done = harness.run_program("serve", cwd=self.folder, **variables)
                self.assertEqual(done.returncode, 2)
                self.assertIn(next(iter(variables)), done.stderr)
                self.assertEqual(MARK.findall(done.stdout + done.stderr), [])


if __name__ == "__main__":
    harness.main()
