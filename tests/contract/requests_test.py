#!/usr/bin/env python3
"""Requests as only careless or hostile clients send them: each gets the contract's error, never a hang and never a 500."""

import concurrent.futures
import json
import select
import socket
import time

import harness

GOOD = {"theme": "rainy night in Tokyo"}


class RawAnswer:
    """What came back over a socket, read to its end."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1]) if lines[0].startswith("HTTP/1.1 ") else None
        self.headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)

    def error_type(self):
        return json.loads(self.body)["error_type"]


class RequestsTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.enterClassContext(harness.Service(cls.folder, JOB_STORE="memory", MAX_ACTIVE_JOBS=3))

    def connect(self, patience=harness.PATIENCE):
        return self.enterContext(socket.create_connection(("127.0.0.1", self.service.port), patience))

    def read_to_end(self, connection):
        raw = b""
        try:
            while piece := connection.recv(65536):
                raw += piece
        except ConnectionResetError:
            pass
        return RawAnswer(raw)

    def raw(self, data):
        """Sends bytes and reads until the service closes the connection."""
        connection = self.connect()
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; the answer is there
        return self.read_to_end(connection)

    def post(self, body, **headers):
        return self.service.request("POST", "/generate", body, **headers)

    def test_a_body_that_is_not_one_json_object_is_malformed(self):
        deep = b"[" * 60000
        for body in (b"{", b"[]", b'"text"', b"null", b'{"theme":"rainy night",}', b'{"theme":"rainy night"} {}', b"\xef\xbb\xbf{}",
                     b'{"theme":"rainy night","theme":"sunny day"}', b'{"theme":"\xff\xfe bad"}', b'{"theme":"\\ud800 lone"}',
                     b'{"theme":"a\x01b c"}', b'{"theme": NaN}', b'{"seed": 01}', deep, b'{"metadata":' + b'{"a":' * 9000 + b"1" + b"}" * 9001,
                     b"theme=rainy"):
            with self.subTest(body[:40]):
                self.assert_problem(self.post(body), 400, "malformed_json")

    def test_what_is_missing_or_wrong_is_named(self):
        self.assert_problem(self.post({}), 400, "missing_parameter", "theme")
        self.assert_problem(self.post({"tags": "lofi"}), 400, "missing_parameter", "theme")
        for field, value in (("theme", "ab"), ("theme", "  a  "), ("theme", "x" * 501), ("theme", "a <b> c"), ("theme", 7), ("theme", None),
                             ("theme", "tab \u202e bidi"), ("theme", "nul \x00 byte"), ("tags", "x" * 201), ("tags", ["lofi"]),
                             ("title", "x" * 81), ("duration_seconds", 19), ("duration_seconds", 301), ("duration_seconds", "60"),
                             ("seed", -1), ("seed", 1.5), ("format", "aiff"), ("instrumental", "yes"), ("deadline_seconds", 4),
                             ("metadata", []), ("metadata", {"a": 1}), ("metadata", {str(n): "x" for n in range(17)}),
                             ("unheard_of", 1), ("Theme", "x"), ("provider", "nobody")):
            with self.subTest(f"{field}: {str(value)[:30]}"):
                self.assert_problem(self.post({**GOOD, field: value}), 422, "validation_error", field)

    def test_a_theme_of_any_script_is_taken(self):
        for theme in ("雨の夜、東京で", "Regen für Ö", "дождь", "مطر في الليل", "🎹 rain 👩‍👩‍👧 night", "x" * 500, "é" * 500):
            with self.subTest(theme[:20]):
                answer = self.post({"theme": f"  {theme}\n", "deadline_seconds": 5})
                self.assertEqual((answer.status, answer.json()["theme"]), (202, theme))
                self.end(answer.json()["id"])

    def end(self, job_id):
        self.service.request("POST", f"/jobs/{job_id}/cancel")
        self.service.finish(job_id)

    def test_too_many_active_jobs_are_told_to_come_back_later(self):
        answers = [self.post({"theme": "rainy night", "duration_seconds": 300}) for _ in range(4)]

        self.assertEqual([answer.status for answer in answers], [202, 202, 202, 429])
        self.assert_problem(answers[3], 429, "queue_full")
        self.assertGreaterEqual(int(answers[3].headers["Retry-After"]), 1)
        for answer in answers[:3]:
            self.end(answer.json()["id"])

    def test_places_and_methods_that_do_not_exist_are_refused(self):
        for path in ("/nowhere", "/generate/", "/jobs/", "/jobs/job_0", "/jobs/../etc/passwd", "/jobs/%2e%2e", "//", "/JOBS"):
            self.assert_problem(self.service.get(path), 404, "not_found")
        for method, path, allowed in (("GET", "/generate", "POST"), ("PUT", "/generate", "POST"), ("POST", "/jobs", "GET"),
                                      ("PATCH", "/jobs/job_0", "GET"), ("DELETE", "/livez", "GET"), ("GET", "/jobs/job_0/cancel", "POST")):
            answer = self.service.request(method, path)
            self.assert_problem(answer, 405, "method_not_allowed")
            self.assertIn(allowed, answer.headers["Allow"].split(", "))

    def test_media_types_and_headers_that_do_not_fit_are_refused(self):
        body = json.dumps(GOOD).encode()
        for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application"):
            self.assert_problem(self.post(body, Content_Type=media_type), 415, "unsupported_media_type")
        self.assert_problem(self.post(body, Content_Encoding="gzip"), 415, "unsupported_media_type")
        self.assert_problem(self.post(body, Accept="text/html"), 406, "not_acceptable")
        self.assert_problem(self.post(body, Idempotency_Key="x" * 256), 400, "invalid_header")
        self.assert_problem(self.post(body, Idempotency_Key="two words"), 400, "invalid_header")
        self.assert_problem(self.post(body, Expect="tea"), 417, "expectation_failed")
        self.assert_problem(self.service.get("/" + "x" * 9000), 414, "uri_too_long")
        self.assert_problem(self.service.get("/livez", X_Filler="x" * 17000), 431, "request_header_fields_too_large")
        self.assert_problem(self.service.get("/livez", **{f"X_F{n}": "x" for n in range(80)}), 431, "request_header_fields_too_large")

    def test_requests_whose_framing_is_not_clear_end_the_connection(self):
        head = b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for framing in (b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        b"Content-Length: -1\r\n\r\n", b"Content-Length: 1e3\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n\r\n",
                        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b" folded: x\r\n\r\n", b"Bad Name: x\r\n\r\n"):
            with self.subTest(framing[:40]):
                answer = self.raw(head + framing)
                self.assertEqual((answer.status, answer.error_type()), (400, "invalid_header"))
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                        b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n"):
            with self.subTest(garbage[:40]):
                self.assertIn(self.raw(garbage).status, (400, None))
        no_length = self.raw(b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        self.assertEqual((no_length.status, no_length.error_type()), (411, "length_required"))

    def test_a_body_of_ten_megabytes_is_refused_however_it_is_announced(self):
        size = 10 * 1024 * 1024
        head = b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        announced = self.raw(head + b"Content-Length: %d\r\n\r\n" % size + b" " * size)
        self.assertEqual((announced.status, announced.error_type()), (413, "payload_too_large"))
        asked = self.raw(head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % size)
        self.assertEqual(asked.status, 413)
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        chunked = self.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (size // 65536) + b"0\r\n\r\n")
        self.assertEqual((chunked.status, chunked.error_type()), (413, "payload_too_large"))

    def drip(self, beginning, rest):
        """Sends `beginning`, then a byte of `rest` each half second until an answer or the end comes; and how long that took."""
        connection = self.connect()
        connection.sendall(beginning)
        began = time.monotonic()
        for byte in rest:
            ready, _, _ = select.select([connection], [], [], 0.5)
            if ready:
                break
            connection.sendall(bytes([byte]))
        return self.read_to_end(connection), time.monotonic() - began

    def test_a_client_that_is_slow_is_not_waited_for_and_slows_nobody(self):
        post = b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
        endless = b"x" * 100  # 50 seconds of them
        with concurrent.futures.ThreadPoolExecutor() as pool:
            header = pool.submit(self.drip, b"GET /livez HTTP/1.1\r\nX-Slow: ", endless)
            body = pool.submit(self.drip, post, endless)
            silent = pool.submit(self.drip, b"", b"")
            while waiting := [each for each in (header, body) if not each.done()]:
                self.assertEqual(self.service.get("/livez", patience=5).status, 200)
                concurrent.futures.wait(waiting, 1)
            for slow in (header, body):
                answer, seconds = slow.result()
                self.assertEqual((answer.status, answer.error_type()), (408, "request_timeout"))
                self.assertLess(seconds, 40)
            self.assertIsNone(silent.result()[0].status)  # one that never said anything is just let go

    def test_pipelined_requests_are_answered_in_order(self):
        get = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: n%d\r\n%b\r\n"
        connection = self.connect()
        connection.sendall(b"".join(get % (n, b"Connection: close\r\n" if n == 19 else b"") for n in range(20)))
        raw = b""
        while piece := connection.recv(65536):
            raw += piece

        self.assertEqual(raw.count(b"HTTP/1.1 200 OK"), 20)
        places = [raw.lower().index(b"x-request-id: n%d\r" % n) for n in range(20)]
        self.assertEqual(places, sorted(places))

    def test_the_service_describes_itself(self):
        self.assertEqual(self.service.get("/livez").json(), {"status": "ok"})
        self.assertEqual(self.service.get("/readyz").json(), {"status": "ok"})
        self.assertEqual(self.service.get("/").json()["service"], "openclaw-music")
        document = self.service.get("/openapi.yaml")
        self.assertEqual((document.status, document.body[:14]), (200, b"openapi: 3.1.0"))
        self.assertEqual(self.service.get("/openapi.yaml", If_None_Match=document.headers["ETag"]).status, 304)


if __name__ == "__main__":
    harness.main()
