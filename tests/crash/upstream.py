"""OpenAI and classic Suno on one loopback port: every request is in a ledger on disk before it is answered, and any of them
can end the service that sent it."""

import asyncio
import collections
import dataclasses
import hashlib
import json
import os
import re
import threading

MARK = re.compile(r"case[a-z0-9]+")  # a job's own word: in its theme, its prompt, its song's id
KINDS = ("prompt", "submit", "poll", "download")
MOMENTS = ("before", "during", "after")  # nothing taken yet; taken, not answered; answered


class Ledger:
    """One JSON object a line, on the disk before `add` returns: what a bill would be made from."""

    def __init__(self, path):
        self.path = path
        self.file_ = open(path, "ab", buffering=0)
        self.changed_ = threading.Condition()
        self.entries_ = []

    def add(self, kind, mark, **details):
        entry = {"kind": kind, "mark": mark, **details}
        self.file_.write(json.dumps(entry).encode() + b"\n")
        os.fdatasync(self.file_.fileno())
        with self.changed_:
            self.entries_.append(entry)
            self.changed_.notify_all()
        return entry

    def find(self, kind, mark=None):
        """As it stands on disk."""
        entries = map(json.loads, self.path.read_text().splitlines())
        return [entry for entry in entries if entry["kind"] == kind and mark in (None, entry["mark"])]

    def wait_for(self, kind, count, patience=60):
        """Until that many such requests were taken."""
        def reached():
            return sum(entry["kind"] == kind for entry in self.entries_) >= count
        with self.changed_:
            if not self.changed_.wait_for(reached, patience):
                raise AssertionError(f"{count} x {kind} did not come in {patience} s")

    def close(self):
        self.file_.close()


@dataclasses.dataclass
class Trap:
    """Ends the service at `point` ("poll.during") after letting `skip` such events pass."""

    point: str
    skip: int
    spring: object  # called once
    sprung: bool = False


class Upstream:
    """Runs on a thread of its own. `behave` tells what becomes of the requests from then on:

    answers  every request goes well
    hangs    the first request of each kind is taken and never answered
    dies     the first request of each kind is taken, and its connection is reset in the middle of the answer
    """

    def __init__(self, folder):
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.trap = None
        self.behaviour_ = "answers"
        self.spoiled_ = set()
        self.polls_ = collections.Counter()
        self.frames = 40  # of a song, 417 bytes each
        self.polls_needed = 2  # the last of them says that the song is complete
        self.songs_held_ = threading.Event()
        self.gates_ = {}
        self.loop_ = asyncio.new_event_loop()
        started = threading.Event()
        self.thread_ = threading.Thread(target=self.run_, args=(started,), daemon=True)
        self.thread_.start()
        if not started.wait(20):
            raise AssertionError("the fake upstream did not start")

    def run_(self, started):
        asyncio.set_event_loop(self.loop_)
        self.gates_ = {kind: asyncio.Event() for kind in KINDS}
        for gate in self.gates_.values():
            gate.set()
        self.server_ = self.loop_.run_until_complete(asyncio.start_server(self.serve_, "127.0.0.1", 0, backlog=256))
        self.origin = f"http://127.0.0.1:{self.server_.sockets[0].getsockname()[1]}"
        started.set()
        self.loop_.run_forever()
        self.loop_.close()

    def settings(self):
        """What the service must be told to use it."""
        return {"ALLOW_INSECURE_UPSTREAMS": 1, "MUSIC_PROVIDERS": "suno", "SUNO_RETRY_DELAY": 0, "SUNO_MAX_RETRIES": 100_000,
                "OPENAI_API_KEY": "test-openai-key", "OPENAI_BASE_URL": f"{self.origin}/v1",
                "SUNO_API_KEY": "test-suno-key", "SUNO_API_BASE_URL": self.origin}

    def behave(self, behaviour):
        self.spoiled_ = set()
        self.behaviour_ = behaviour

    def audio_of(self, song):
        """Bytes that are an MP3 to the service and no other song's."""
        frame = b"\xff\xfb\x90\x64" + hashlib.sha512(song.encode()).digest() + b"\x00" * 349
        return b"ID3\x04\x00\x00\x00\x00\x00\x00" + frame * self.frames

    def hold_songs(self, held=True):
        """No song gets ready."""
        self.songs_held_.set() if held else self.songs_held_.clear()

    def hold(self, kind, held=True):
        """Requests of that kind are taken, and answered when they are let go."""
        gate = self.gates_[kind]
        self.loop_.call_soon_threadsafe(gate.clear if held else gate.set)

    def close(self):
        self.loop_.call_soon_threadsafe(self.stop_)
        self.thread_.join(10)
        self.ledger.close()

    def stop_(self):
        self.server_.close()
        for each in asyncio.all_tasks(self.loop_):
            each.cancel()
        self.loop_.call_soon(self.loop_.stop)

    # --- one connection

    async def serve_(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, _ = head.decode().split(" ", 2)
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await self.take_(method, path, body.decode(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the service went away, or was made to, or the test is over
        finally:
            writer.transport.abort()

    async def take_(self, method, path, body, reader, writer):
        kind = {"/v1/chat/completions": "prompt", "/v1/generate": "submit"}.get(path) or \
               ("poll" if path.startswith("/v1/songs/") else "download")
        mark = MARK.search(path + body)[0]
        self.event_(kind, "before")
        spoiled = self.behaviour_ != "answers" and kind not in self.spoiled_
        if spoiled:
            self.spoiled_.add(kind)
        answer = self.answer_(kind, mark, path, spoiled)
        head = (f"HTTP/1.1 200 OK\r\nContent-Type: {'audio/mpeg' if kind == 'download' else 'application/json'}\r\n"
                f"Content-Length: {len(answer)}\r\n\r\n").encode()
        if kind == "download":  # "during" is in the middle of the file
            await self.send_(writer, head + answer[:len(answer) // 2])
            head, answer = b"", answer[len(answer) // 2:]
        self.event_(kind, "during")
        await self.gates_[kind].wait()
        if spoiled and self.behaviour_ == "hangs":
            await reader.read()  # until the service gives up
            raise ConnectionResetError
        if spoiled:
            await self.send_(writer, (head + answer)[:len(head + answer) // 2])
            raise ConnectionResetError
        await self.send_(writer, head + answer)
        self.event_(kind, "after")

    @staticmethod
    async def send_(writer, data):
        writer.write(data)
        await writer.drain()

    def event_(self, kind, moment):
        trap = self.trap
        if trap is None or trap.sprung or trap.point != f"{kind}.{moment}":
            return
        if trap.skip > 0:
            trap.skip -= 1
            return
        trap.sprung = True
        trap.spring()
        if moment != "after":
            raise ConnectionResetError

    def answer_(self, kind, mark, path, spoiled):
        entry = self.ledger.add(kind, mark, spoiled=spoiled)
        if kind == "prompt":
            text = f"A slow lofi beat with soft rain for {mark}."
            return json.dumps({"id": "chatcmpl-1", "model": "gpt-4-0613", "usage": {"total_tokens": 145}, "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}).encode()
        if kind == "submit":
            return json.dumps({"id": f"song-{mark}"}).encode()
        song = re.search(r"song-case[a-z0-9]+", path)[0]
        if kind == "download":
            return self.audio_of(song)
        self.polls_[song] += 1
        if self.songs_held_.is_set() or self.polls_[song] < self.polls_needed:
            return json.dumps({"id": song, "status": "generating"}).encode()
        self.ledger.add("complete", mark)
        return json.dumps({"id": song, "status": "complete", "audio_url": f"{self.origin}/files/{song}.mp3", "title": "Neon Rain",
                           "duration": 183.4, "created_at": "2026-02-15T10:31:20Z", "tags": "lofi"}).encode()
