#!/usr/bin/env python3
"""Following a job by server-sent events, over real sockets: every change, coming again, leaving, a restart."""

import contextlib
import http.client
import json
import os
import time

import harness
from upstreams import Reply, Script, Upstreams, make_certificates


class Stream:
    """One GET of a job's events."""

    def __init__(self, service, job_id, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=harness.PATIENCE)
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self.connection.request("GET", f"/jobs/{job_id}/events", headers=headers)
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.answer.close()
        self.connection.close()

    def events(self):
        """(event, id, data) as they come, until the stream ends."""
        fields = {}
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                yield fields["event"], int(fields["id"]), json.loads(fields["data"])
            if not name:
                fields = {}


class EventsTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(cls.certificates)
        cls.addClassCleanup(cls.upstreams.close)

    def start(self, folder=None, **variables):
        return self.enterContext(harness.Service(
            folder or self.scratch(), SSL_CERT_FILE=self.certificates / "ca.pem", OPENAI_API_KEY="test-openai-key",
            SUNO_API_KEY="test-suno-key", OPENAI_BASE_URL=f"{self.upstreams.openai.origin}/v1",
            SUNO_API_BASE_URL=self.upstreams.suno.origin, SUNO_RETRY_DELAY=0, SUNO_MAX_RETRIES=100000, **variables))

    def endless(self, service, name):
        """A job whose song is not ready before `ready` is called."""
        self.upstreams.add(name, polls=[self.upstreams.song(name, "generating")])
        return service.generate(f"rainy night {name}")

    def ready(self, name):
        self.upstreams.scenarios_[name].polls = Script(self.upstreams.finished(name))

    def test_a_job_is_followed_from_snapshot_to_done(self):
        service = self.start()
        job = self.endless(service, "casefollow")
        with Stream(service, job["id"]) as stream:
            self.assertEqual((stream.answer.status, stream.answer.headers["Content-Type"]), (200, "text/event-stream"))
            self.assertEqual(job["urls"]["events"], f"{job['urls']['self']}/events")
            seen = []
            for event in stream.events():
                seen.append(event)
                if len(seen) == 1:
                    self.ready("casefollow")
        kinds = [kind for kind, _, _ in seen]
        self.assertEqual((kinds[0], kinds[-1]), ("snapshot", "done"))
        self.assertNotIn("done", kinds[:-1])
        versions = [version for _, version, _ in seen]
        self.assertEqual(versions, sorted(set(versions)))
        for _, version, data in seen:
            self.assertEqual((data["id"], data["version"]), (job["id"], version))
        self.assertEqual(seen[-1][2], service.job(job["id"]))
        self.assertEqual(seen[-1][2]["status"], "success")

        with Stream(service, job["id"], versions[-2]) as again:
            self.assertEqual([(kind, version) for kind, version, _ in again.events()], [("done", versions[-1])])
        with Stream(service, job["id"], versions[-1]) as over:
            self.assertEqual(over.answer.status, 204)
        with Stream(service, job["id"]) as late:
            self.assertEqual([kind for kind, _, _ in late.events()], ["snapshot", "done"])

    def test_a_stream_that_a_restart_cut_goes_on_from_the_last_id(self):
        folder = self.scratch()
        service = self.start(folder)
        job = self.endless(service, "caserestart")
        with Stream(service, job["id"]) as stream:
            events = stream.events()
            last = next(events)[1]
            service.process.terminate()
            for _, last, data in events:  # the drain ends the stream in order
                self.assertFalse(data["done"])
        self.assertEqual(service.wait(30), 0)

        self.ready("caserestart")
        second = self.start(folder)
        with Stream(second, job["id"], last) as stream:
            seen = [(kind, version) for kind, version, _ in stream.events()]
        self.assertEqual(seen[-1][0], "done")
        self.assertTrue(all(version > last for _, version in seen), (last, seen))

    def test_followers_and_waiters_that_leave_are_let_go_although_nothing_changes(self):
        service = self.start(SHARDS=1)
        self.upstreams.add("casesilent", polls=[Reply(hang=True)])
        job = service.wait_until(service.generate("rainy night casesilent")["id"], lambda job: job["stage"] == "generating")
        with contextlib.ExitStack() as leavers:
            for _ in range(20):
                next(leavers.enter_context(Stream(service, job["id"])).events())
                waiter = leavers.enter_context(contextlib.closing(http.client.HTTPConnection("127.0.0.1", service.port)))
                waiter.request("GET", f"/jobs/{job['id']}", headers={"Prefer": "wait=60", "If-None-Match": f'"{job["version"]}"'})
            service.get("/livez")
            among_them = self.descriptors(service)
        self.assertGreater(among_them, 40)
        until = time.monotonic() + harness.PATIENCE
        while self.descriptors(service) > among_them - 40 and time.monotonic() < until:
            service.get("/livez")
        self.assertLessEqual(self.descriptors(service), among_them - 40)

    def descriptors(self, service):
        return len(os.listdir(f"/proc/{service.process.pid}/fd"))


if __name__ == "__main__":
    harness.main()
