"""A fake OpenAI and a fake classic Suno over TLS, with a ledger of what they were asked and a script of what they answer."""

import dataclasses
import http.server
import json
import pathlib
import socket
import ssl
import struct
import subprocess
import threading
import time

MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x90\x64" + b"\x00" * 413) * 100
MP3_SECONDS = 2.612  # 100 frames of 1152 samples at 44,100 Hz: read from the bytes, whatever the gateway says


def make_certificates(folder):
    """A CA (`ca.pem`) and a leaf for localhost and 127.0.0.1 (`leaf.pem`, `leaf.key`), by the openssl command."""
    folder = pathlib.Path(folder)
    extensions = folder / "leaf.ext"
    extensions.write_text("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"]
    for command in (
        ["req", "-x509", *key, "-subj", "/CN=contract test CA", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem",
         "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
        ["req", *key, "-subj", "/CN=localhost", "-keyout", "leaf.key", "-out", "leaf.csr"],
        ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-sha256",
         "-extfile", "leaf.ext", "-out", "leaf.pem"],
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True, timeout=30)
    return folder


@dataclasses.dataclass
class Call:
    """One request as it arrived; `at` is seconds on the monotonic clock."""

    at: float
    method: str
    path: str
    headers: dict  # names in lower case
    body: object  # decoded JSON, the text of anything else, or None


def decoded(raw, content_type):
    if not raw:
        return None
    return raw.decode() if content_type.startswith("multipart/") else json.loads(raw)


@dataclasses.dataclass
class Reply:
    """One scripted answer. `body` may be bytes, text, or anything that becomes JSON."""

    status: int = 200
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)
    content_type: str = "application/json"
    reset: bool = False  # read the request, then reset the connection
    hang: bool = False  # read the request, then never answer
    cut: int = None  # close the connection after so many bytes of the body

    def encoded(self):
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


PAGE = "<!doctype html><title>upstream</title>"


def page(status, **headers):
    """What a proxy says before an upstream is reached."""
    return Reply(status, PAGE, headers, content_type="text/html")


def compressed(reply):
    """The same, in a coding that nobody asked for."""
    return dataclasses.replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"})


class Script:
    """The answers to one kind of request, one after another; the last one is given for ever."""

    def __init__(self, *replies):
        self.replies_ = list(replies)
        self.lock_ = threading.Lock()

    def next(self):
        with self.lock_:
            return self.replies_.pop(0) if len(self.replies_) > 1 else self.replies_[0]


class Ledger:
    def __init__(self):
        self.calls_ = []
        self.changed_ = threading.Condition()

    def add(self, call):
        with self.changed_:
            self.calls_.append(call)
            self.changed_.notify_all()

    def find(self, method=None, path=None, containing=None):
        """The calls so far whose path begins with `path` and whose path or body has the text `containing`."""
        with self.changed_:
            return [call for call in self.calls_ if
                    (method is None or call.method == method) and (path is None or call.path.startswith(path)) and
                    (containing is None or containing in call.path or containing in json.dumps(call.body))]

    def wait_for(self, count, patience=20, **wanted):
        """Waits until that many such calls have come."""
        with self.changed_:
            if not self.changed_.wait_for(lambda: len(self.find(**wanted)) >= count, patience):
                raise AssertionError(f"{count} calls like {wanted} did not come in {patience} s")
        return self.find(**wanted)


class Upstream:
    """A TLS server on a free port of 127.0.0.1 that gives every request to `answer(call) -> Reply`."""

    def __init__(self, certificates, answer):
        self.ledger = Ledger()
        self.closing = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "leaf.pem", certificates / "leaf.key")
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def setup(self):  # in the connection's own thread: a slow handshake must not hold up the accepting one
                self.request = context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self):
                super().finish()
                self.connection.close()

            def handle_call(self):
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length) if length else b""
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(time.monotonic(), self.command, self.path, headers, decoded(raw, headers.get("content-type", "")))
                upstream.ledger.add(call)
                self.give(answer(call))

            def give(self, reply):
                if reply.hang:
                    upstream.closing.wait(60)
                if reply.reset or reply.hang:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    return
                body = reply.encoded()
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.content_type, "Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[:reply.cut])
                self.close_connection = self.close_connection or reply.cut is not None

            do_GET = do_POST = do_HEAD = handle_call

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):  # a client that went away; what it missed shows in the test
                pass

        self.server_ = Server(("127.0.0.1", 0), Handler)
        self.origin = f"https://localhost:{self.server_.server_address[1]}"
        self.thread_ = threading.Thread(target=self.server_.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread_.start()

    def close(self):
        self.closing.set()
        self.server_.shutdown()
        self.server_.server_close()
        self.thread_.join(10)


def completion(text, tokens=145, **message):
    """The answer of POST /chat/completions."""
    return Reply(body={"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4-0613", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, **message}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": tokens - 100, "total_tokens": tokens}})


def openai_error(status, kind, code, message, **headers):
    return Reply(status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, headers)


@dataclasses.dataclass
class Scenario:
    """What both upstreams do for one song. The scenario's name is in the theme, the prompt and the song's id."""

    writes: Script = None
    submits: Script = None
    polls: Script = None
    audio: Script = None


class Upstreams:
    """Both fakes, which tell scenarios apart by a word that begins with "case" in what they are asked."""

    def __init__(self, certificates):
        self.scenarios_ = {}
        self.openai = Upstream(certificates, self.answer_openai_)
        self.suno = Upstream(certificates, self.answer_suno_)

    def add(self, name, **scripts):
        """`name` must begin with "case". Whatever is not scripted goes well: one poll says generating, the next complete."""
        assert name.startswith("case") and name.isalnum()
        self.scenarios_[name] = Scenario(**{kind: Script(*replies) for kind, replies in scripts.items()})

    def close(self):
        self.openai.close()
        self.suno.close()

    def song(self, name, status, **fields):
        """The answer of GET /v1/songs/<id>."""
        return Reply(body={"id": f"song-{name}", "status": status, **fields})

    def finished(self, name, **fields):
        song = {"audio_url": f"{self.suno.origin}/files/{name}.mp3", "title": "Neon Rain", "duration": 183.4,
                "created_at": "2026-02-15T10:31:20Z", "tags": "lofi, piano", **fields}
        return self.song(name, "complete", **song)

    def find_(self, text):
        return next(((name, scenario) for name, scenario in self.scenarios_.items() if name in text), ("", None))

    def answer_openai_(self, call):
        name, scenario = self.find_(json.dumps(call.body))
        if scenario is None or call.method != "POST" or call.path != "/v1/chat/completions":
            return Reply(404, {})
        return scenario.writes.next() if scenario.writes else completion(f"A slow lofi beat with soft rain for {name}.")

    def answer_suno_(self, call):
        name, scenario = self.find_(call.path + json.dumps(call.body))
        if scenario is None:
            return Reply(404, {})
        if call.method == "POST" and call.path == "/v1/generate":
            return scenario.submits.next() if scenario.submits else Reply(body={"id": f"song-{name}"})
        if call.method == "GET" and call.path == f"/v1/songs/song-{name}":
            if scenario.polls is None:
                scenario.polls = Script(self.song(name, "generating"), self.finished(name))
            return scenario.polls.next()
        if call.method == "GET" and call.path.startswith("/files/"):
            return scenario.audio.next() if scenario.audio else Reply(body=MP3, content_type="audio/mpeg")
        return Reply(404, {})
