"""What is promised (contract, section 4), as checks over orders, the upstream's ledger and the store."""

import dataclasses
import hashlib
import pathlib
import re

# Every theme and tag has this word, the keys and the prompt have theirs: none may be in a log.
SECRETS = re.compile(r"Zq\w*Mark|test-openai-key|test-suno-key|slow lofi beat")


MOST_TRIES = 20  # while the store is away; each takes seconds


@dataclasses.dataclass
class Order:
    """A song that somebody asked for."""

    mark: str
    id: str = None  # once a 202 was read
    ended: dict = None  # as it was first seen ended

    @property
    def request(self):
        return {"theme": f"rainy night ZqThemeMark {self.mark}", "tags": "lofi, ZqTagsMark"}

    def place(self, service):
        """POST /generate. The same key every time, so that whoever was cut off gets the same job, and may ask again."""
        answer = service.request("POST", "/generate", self.request, Idempotency_Key=f"key-{self.mark}")
        for _ in range(MOST_TRIES):
            if answer.status != 503 or answer.json()["error_type"] != "store_unavailable":
                break
            answer = service.request("POST", "/generate", self.request, Idempotency_Key=f"key-{self.mark}")
        if answer.status != 202:
            raise AssertionError(f"{answer.status} for POST /generate: {answer.body}")
        job = answer.json()
        if self.id is not None and (job["id"] != self.id or answer.headers["Idempotent-Replayed"] != "true"):
            raise AssertionError(f"the acknowledged job {self.id} was lost: the key gave {job}")
        self.id = job["id"]
        return job

    def finish(self, service, patience):
        self.see(service.finish(self.id, patience))

    def see(self, job):
        """An ended job never changes."""
        job = {name: value for name, value in job.items() if name != "urls"}
        if self.ended is not None and self.ended != job:
            raise AssertionError(f"an ended job changed from {self.ended} to {job}")
        if job["done"]:
            self.ended = job


def check_costs(order, ledger):
    """At most one submission, and the job tells truly whether one was made."""
    submissions = ledger.find("submit", order.mark)
    if len(submissions) > 1:
        raise AssertionError(f"submitted {len(submissions)} times: {order.ended}")
    charged = order.ended["charged"]
    if (submissions and charged == "no") or (not submissions and charged == "yes"):
        raise AssertionError(f"{len(submissions)} submissions, and the job says charged: {charged}: {order.ended}")


def check_outcome(order, durable, ledger):
    """What a job that was durable like that (None: not at all) when the service died must have become."""
    intent = durable is not None and durable.get("music", {}).get("submission") == "intent"
    spoiled = any(entry["spoiled"] for entry in ledger.find("submit", order.mark))
    job = order.ended
    if intent or spoiled:
        cause = job["workflow"]["step2_music_generation"].get("error_type")
        if (job["status"], cause, job["charged"]) != ("error", "submission_unknown", "maybe"):
            raise AssertionError(f"nobody can know whether it was bought, and the job says: {job}")
    elif job["status"] != "success":
        raise AssertionError(f"nothing stood in its way, durable was {durable}, and the job says: {job}")


def check_audio(order, service, source):
    """What is served is what the upstream made."""
    job = order.ended
    if job["status"] != "success":
        return
    answer = service.get(f"/jobs/{order.id}/audio")
    digest = hashlib.sha256(answer.body).hexdigest()
    expected = hashlib.sha256(source.audio_of(f"song-{order.mark}")).hexdigest()
    if (answer.status, digest, job["tracks"][0]["sha256"]) != (200, expected, expected):
        raise AssertionError(f"the audio is not what the upstream made: {answer.status}, {len(answer.body)} bytes, {job['tracks']}")


def check_logs(folder):
    for log in pathlib.Path(folder).glob("*.log"):
        found = SECRETS.search(log.read_text(errors="replace"))
        if found:
            raise AssertionError(f"{found[0]!r} is in {log}")


def check_files(store, orders):
    """One file for each song that is served, and nothing half written."""
    finished, unfinished = store.audio_files()
    expected = sum(len(order.ended.get("tracks", [])) for order in orders)
    if unfinished or len(finished) != expected:
        served = [track["sha256"] for order in orders for track in order.ended.get("tracks", [])]
        strays = [str(each) for each in finished if not any(digest in str(each) and order.id in str(each) for order in orders
                                                            for digest in served)]
        raise AssertionError(f"{expected} songs, {len(finished)} files, of which nobody's {strays}, unfinished {unfinished}")
