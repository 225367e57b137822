"""Fakes of the Suno gateways that people use, over TLS with a ledger, after proto-docs/providers/suno.md.

Songs take `takes` seconds. Whatever goes wrong is scripted by a word in the prompt or style: see `Faults`."""

import dataclasses
import http.client
import itertools
import json
import threading
import time
import urllib.parse

from upstreams import MP3, Reply, Script, Upstream


@dataclasses.dataclass
class Faults:
    """What goes wrong with the songs of a scenario. A scenario's name begins with "case" and is in the request's words."""

    submits: Script = None  # answers instead of taking the song; None in the script lets it through
    polls: Script = None
    audio: Script = None
    links: Script = None  # audio links instead of the real ones
    silent: bool = False  # takes the song, and resets the connection instead of answering
    failure: dict = None  # how the song fails


@dataclasses.dataclass
class Song:
    id: str
    name: str  # of its scenario
    at: float  # when it was taken
    request: dict


class Gateway:
    """What the fakes have in common. `answer_submit_`, `answer_poll_` are the wire format."""

    def __init__(self, certificates, takes=1.0):
        self.takes = takes
        self.songs = {}  # by task or clip id
        self.scenarios_ = {}
        self.numbers_ = itertools.count(1)
        self.lock_ = threading.Lock()
        self.upstream = Upstream(certificates, self.answer_)
        self.ledger = self.upstream.ledger
        self.origin = self.upstream.origin

    def close(self):
        self.upstream.close()

    def add(self, name, **faults):
        assert name.startswith("case") and name.isalnum()
        self.scenarios_[name] = Faults(**{kind: Script(*what) if isinstance(what, list) else what for kind, what in faults.items()})

    def faults_of_(self, name):
        return self.scenarios_.get(name, Faults())

    def name_in_(self, body):
        text = json.dumps(body)
        return next((name for name in self.scenarios_ if name in text), "")

    def age_(self, song):
        return time.monotonic() - song.at

    def link_(self, song, number):
        faults = self.faults_of_(song.name)
        return faults.links.next() if faults.links else f"{self.origin}/files/{song.name or 'song'}-{song.id}-{number}.mp3"

    def submissions(self, name=""):
        return [call for call in self.ledger.find("POST", self.submit_path) if name in json.dumps(call.body)]

    def answer_(self, call):
        if call.method == "POST" and call.path.startswith(self.submit_path):
            return self.take_(call)
        if call.method == "GET" and call.path.startswith("/files/"):
            name = call.path.removeprefix("/files/").split("-")[0]
            audio = self.faults_of_(name).audio
            return (audio.next() if audio else None) or self.file_(call)
        if call.method == "GET" and call.path.startswith(self.poll_path):
            return self.answer_poll_(call)
        return Reply(404, {})

    def file_(self, call):
        wanted = call.headers.get("range", "")
        if not wanted:
            return Reply(body=MP3, content_type="audio/mpeg", headers={"ETag": '"song"'})
        first = int(wanted.removeprefix("bytes=").rstrip("-"))
        return Reply(206, MP3[first:], {"ETag": '"song"', "Content-Range": f"bytes {first}-{len(MP3) - 1}/{len(MP3)}"}, "audio/mpeg")

    def take_(self, call):
        name = self.name_in_(call.body)
        faults = self.faults_of_(name)
        scripted = faults.submits.next() if faults.submits else None
        if scripted is not None:
            return scripted
        with self.lock_:
            song = Song(self.new_id_(), name, time.monotonic(), call.body)
            self.songs[song.id] = song
        reply = self.answer_submit_(song)
        return Reply(reset=True) if faults.silent else reply


class RecordGateway(Gateway):
    """sunoapi.org, and kie.ai's older interface."""

    submit_path = "/api/v1/generate"
    poll_path = "/api/v1/generate/record-info"

    def new_id_(self):
        return f"task{next(self.numbers_):04}"

    def answer_submit_(self, song):
        missing = [field for field in ("customMode", "instrumental", "model", "callBackUrl") if field not in song.request]
        if missing:
            return Reply(body={"code": 400, "msg": f"{missing} required", "data": None})
        url = urllib.parse.urlsplit(song.request["callBackUrl"])
        if url.hostname == "127.0.0.1":
            threading.Thread(target=self.call_back_, args=(song, url), daemon=True).start()
        return Reply(body={"code": 200, "msg": "success", "data": {"taskId": song.id}})

    def call_back_(self, song, url):
        for stage, share in (("text", 0.2), ("first", 0.6), ("complete", 1.0)):
            if self.upstream.closing.wait(max(0, song.at + share * self.takes - time.monotonic())):
                return
            body = {"code": 200, "msg": "ok", "data": {"callbackType": stage, "task_id": song.id, "data": []}}
            connection = http.client.HTTPConnection(url.hostname, url.port, timeout=15)
            try:
                connection.request("POST", url.path, json.dumps(body), {"Content-Type": "application/json"})
                connection.getresponse().read()
            except OSError:
                pass  # a service that is down misses a callback: it must not need it
            finally:
                connection.close()

    def answer_poll_(self, call):
        task = urllib.parse.parse_qs(urllib.parse.urlsplit(call.path).query)["taskId"][0]
        song = self.songs.get(task)
        if song is None:
            return Reply(body={"code": 200, "msg": "success", "data": None})
        faults = self.faults_of_(song.name)
        scripted = faults.polls.next() if faults.polls else None
        return scripted or Reply(body={"code": 200, "msg": "success", "data": self.record_(song, faults)})

    def record_(self, song, faults):
        record = {"taskId": song.id, "param": "{}", "response": None, "status": "PENDING", "errorCode": None, "errorMessage": None}
        if faults.failure and self.age_(song) >= self.takes:
            return {**record, "response": {"sunoData": []}, **faults.failure}
        if self.age_(song) >= self.takes:
            return {**record, "status": "SUCCESS", "response": {"taskId": song.id, "sunoData": [self.track_(song, n, True) for n in (1, 2)]}}
        if self.age_(song) >= 0.6 * self.takes:
            return {**record, "status": "FIRST_SUCCESS", "response": {"sunoData": [self.track_(song, 1, True), self.track_(song, 2, False)]}}
        return record

    def track_(self, song, number, finished):
        return {"id": f"{song.id}-{number}", "audioUrl": self.link_(song, number) if finished else "",
                "streamAudioUrl": f"{self.origin}/stream/{song.id}-{number}", "title": song.request.get("title") or "Neon Rain",
                "tags": "lofi", "createTime": "2026-01-01 00:00:00", "duration": 183.4, "modelName": "chirp-v6"}


class ClipGateway(Gateway):
    """What gcui and fastapi share: two clips for each song."""

    def new_id_(self):
        return f"00000000-0000-4000-8000-{next(self.numbers_):012}"

    def clips_(self, song):
        """The song's own id is its first clip's."""
        twin = song.id[:-12] + "9" + song.id[-11:]
        self.songs[twin] = song
        return [self.clip_(song, song.id), self.clip_(song, twin)]

    def clip_(self, song, clip):
        faults = self.faults_of_(song.name)
        age = self.age_(song)
        if faults.failure and age >= self.takes:
            return {"id": clip, "status": "error", "audio_url": "", **faults.failure}
        status = "complete" if age >= self.takes else "streaming" if age >= 0.6 * self.takes else "submitted"
        url = {"complete": self.link_(song, 1), "streaming": f"{self.origin}/stream/{clip}", "submitted": ""}[status]
        return self.shaped_({"id": clip, "status": status, "audio_url": url, "title": "Neon Rain", "created_at": "2026-01-01T00:00:00Z"})

    def feed_(self, ids):
        songs = [(clip, self.songs.get(clip)) for clip in ids]
        for _, song in songs:
            faults = self.faults_of_(song.name) if song else Faults()
            scripted = faults.polls.next() if faults.polls else None
            if scripted:
                return scripted
        return Reply(body=[self.clip_(song, clip) for clip, song in reversed(songs) if song])


class Gcui(ClipGateway):
    submit_path = "/api/"
    poll_path = "/api/get"

    def answer_submit_(self, song):
        return Reply(body=self.clips_(song))

    def answer_poll_(self, call):
        return self.feed_(urllib.parse.parse_qs(urllib.parse.urlsplit(call.path).query)["ids"][0].split(","))

    def shaped_(self, clip):
        return {**clip, "tags": "lofi", "duration": 183.4}


class Fastapi(ClipGateway):
    submit_path = "/generate"
    poll_path = "/feed/"

    def answer_submit_(self, song):
        required = ("gpt_description_prompt",) if "gpt_description_prompt" in song.request else ("prompt", "mv", "title", "tags", "negative_tags")
        missing = [field for field in required if field not in song.request]
        if missing:
            return Reply(422, {"detail": [{"loc": ["body", field], "msg": "field required", "type": "missing"} for field in missing]})
        return Reply(body={"id": "batch", "clips": self.clips_(song)})

    def answer_poll_(self, call):
        return self.feed_(urllib.parse.unquote(call.path.removeprefix("/feed/")).split(","))

    def shaped_(self, clip):
        return {**clip, "metadata": {"tags": "lofi", "duration": 183.4, "prompt": "", "error_type": None}}
