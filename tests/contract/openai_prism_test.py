#!/usr/bin/env python3
"""What the prompt writer sends, held against OpenAI's own document by Prism, which nobody of this project wrote."""

import contextlib
import http.client
import json
import pathlib

import harness
import npm_tools
from mock_servers import prism_mock

HERE = pathlib.Path(__file__).resolve().parent


class OpenAiPrismTest(harness.ContractTest):
    programs = None  # the folder of Node programs

    def setUp(self):
        self.mock = self.enterContext(prism_mock(self.programs, "openai-chat.json", self.folder / "openai-prism.log"))

    def ask(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=harness.PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", "/chat/completions", json.dumps(body),
                               {"Content-Type": "application/json", "Authorization": "Bearer test-key"})
            return connection.getresponse().status

    def write_prompt(self, form):
        """Gives the job; Prism always answers with a refusal, because its example has every field."""
        folder = self.scratch()
        with harness.Service(folder, OPENAI_API_KEY="test-openai-key", OPENAI_BASE_URL=self.mock.origin, ALLOW_INSECURE_UPSTREAMS=1,
                             OPENAI_STRUCTURED_OUTPUT=form, JOB_STORE="memory") as service:
            fields = {"style": "lofi", "tags": "warm", "instrumental": False, "lyrics": "[Verse]\nRain"}
            job = service.finish(service.generate("rainy night", fields)["id"])
        return job, service.log()  # whole once the service has ended

    def test_the_document_is_enforced(self):
        self.assertEqual(self.ask({"model": "gpt-4"}), 422)
        self.assertEqual(self.ask({"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}], "response_format": {"type": "xml"}}), 422)

    def test_every_form_of_the_request_is_one_that_the_document_allows(self):
        for form in ("json_schema", "json_object", "text"):
            with self.subTest(form=form):
                job, log = self.write_prompt(form)
                step = job["workflow"]["step1_prompt_generation"]
                self.assertEqual((job["error_type"], step["error_type"]), ("prompt_generation_failed", "content_rejected"))
                calls = [line for line in log.splitlines() if "chat_completion" in line]
                self.assertEqual(len(calls), 1, calls)
                self.assertIn(f"'form': '{form}'", calls[0])
                self.assertIn("'http_status': 200", calls[0])
        self.assertNotRegex(self.mock.log(), r"(?i)did not pass the validation|violation")


if __name__ == "__main__":
    OpenAiPrismTest.programs = npm_tools.installed(HERE)
    harness.main()
