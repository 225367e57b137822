#!/usr/bin/env python3
"""Many songs asked for at once: all of them are jobs, or none is."""

import base64
import concurrent.futures

import harness
import receivers
from upstreams import MP3, Upstreams, make_certificates

ALICE, BOB = "test-secret-of-alice", "test-secret-of-bob"
COUNTED = ("queued", "running", "canceling", "success", "error", "canceled", "expired", "erased")


def themes(count, first="rainy night"):
    return {"requests": [{"theme": f"{first} number {number}", "duration_seconds": 20} for number in range(count)]}


def jobs_of(service):
    return service.get("/jobs?limit=100").json()["data"]


def finish(service, path):
    """Asks until the batch is done. It is at the latest when its jobs' deadlines have passed."""
    while True:
        answer = service.get(path, Prefer="wait=30", patience=2 * harness.PATIENCE)
        if answer.status != 200:
            raise AssertionError(f"{answer.status} for the batch: {answer.body}")
        if answer.json()["done"]:
            return answer.json()


def cancel_all(service, jobs):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda job: service.request("POST", f"/jobs/{job['id']}/cancel"), jobs))


class BatchesTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = make_certificates(cls.folder)
        cls.upstreams = Upstreams(certificates)
        cls.addClassCleanup(cls.upstreams.close)
        cls.service = cls.enterClassContext(harness.Service(
            cls.folder, SSL_CERT_FILE=certificates / "ca.pem", API_KEYS=f"alice={ALICE},bob={BOB}", MUSIC_PROVIDERS="suno",
            OPENAI_API_KEY="test-openai-key", OPENAI_BASE_URL=f"{cls.upstreams.openai.origin}/v1",
            SUNO_API_KEY="test-suno-key", SUNO_API_BASE_URL=cls.upstreams.suno.origin, SUNO_RETRY_DELAY=0))
        cls.service.key = ALICE

    def songs(self, *names, **scripts):
        """The requests for songs that the upstreams know."""
        for name in names:
            self.upstreams.add(name, **scripts)
        return {"requests": [{"theme": f"rainy night {name}"} for name in names]}

    def test_songs_that_are_asked_for_together_are_made_each_on_its_own(self):
        asked = self.songs("caseone", "casetwo", "casethree")
        answer = self.service.request("POST", "/batches", asked)

        batch = answer.json()
        self.assertEqual(answer.status, 202, answer.body)
        self.assertEqual(answer.headers["Location"], f"/batches/{batch['id']}")
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(set(batch), {"id", "status", "done", "created_at", "counts", "jobs", "urls"})
        self.assertEqual(tuple(batch["counts"]), COUNTED)
        self.assertEqual(sum(batch["counts"].values()), 3)
        self.assertIs(batch["done"], False)
        self.assertEqual(batch["urls"], {"self": f"{self.service.address}/batches/{batch['id']}"})
        themes_made = [self.service.job(job["id"])["theme"] for job in batch["jobs"]]
        self.assertEqual(themes_made, [request["theme"] for request in asked["requests"]])

        done = finish(self.service, batch["urls"]["self"])
        self.assertEqual((done["status"], done["counts"]["success"]), ("success", 3))
        for name, job in zip(("caseone", "casetwo", "casethree"), done["jobs"]):
            self.assertEqual(self.service.get(job["download_url"]).body, MP3)
            whole = self.service.get(job["urls"]["self"]).json()
            self.assertEqual((whole["version"], whole["batch_id"], whole["song_id"]), (job["version"], batch["id"], f"song-{name}"))
            self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing=name)), 1)
        ended = self.service.get(batch["urls"]["self"])
        self.assertNotIn("Retry-After", ended.headers)
        unchanged = self.service.get(batch["urls"]["self"], If_None_Match=ended.headers["ETag"])
        self.assertEqual((unchanged.status, unchanged.body), (304, b""))
        header = self.service.request("HEAD", batch["urls"]["self"])
        self.assertEqual((header.status, header.headers["Content-Length"]), (200, str(len(ended.body))))

    def test_some_songs_may_fail_or_be_erased_without_the_others(self):
        batch = self.service.request("POST", "/batches", self.songs("casefine", "casegone")).json()
        path = f"/batches/{batch['id']}"
        finish(self.service, path)
        first, second = (job["id"] for job in batch["jobs"])
        self.assertEqual(self.service.request("DELETE", f"/jobs/{first}").status, 204)

        left = self.service.get(path).json()
        self.assertEqual(left["jobs"][0], {"id": first, "status": "erased", "done": True})
        self.assertEqual((left["status"], left["done"], left["counts"]["erased"], left["counts"]["success"]), ("success", True, 1, 1))
        self.assertEqual(self.service.request("DELETE", f"/jobs/{second}").status, 204)
        self.assert_problem(self.service.get(path), 404, "not_found")

    def test_a_canceled_job_does_not_hold_the_others_back(self):
        self.upstreams.add("caseendless", polls=[self.upstreams.song("caseendless", "generating")])
        asked = self.songs("casequick")
        asked["requests"].append({"theme": "rainy night caseendless"})
        batch = self.service.request("POST", "/batches", asked).json()
        quick, endless = (job["id"] for job in batch["jobs"])
        self.service.finish(quick)
        self.assertEqual(self.service.get(f"/batches/{batch['id']}").json()["status"], "running")

        self.service.request("POST", f"/jobs/{endless}/cancel")

        done = finish(self.service, f"/batches/{batch['id']}")
        self.assertEqual((done["status"], [job["status"] for job in done["jobs"]]), ("partial", ["success", "canceled"]))
        self.assertEqual(done["jobs"][1]["error_type"], "canceled")

    def test_what_is_wrong_is_told_at_its_place_and_nothing_is_stored(self):
        before = len(jobs_of(self.service))
        good = {"theme": "rainy night"}
        for wrong, field in (({"theme": "ab"}, "theme"), ({"tags": "lofi"}, "theme"), ({**good, "colour": "blue"}, "colour"),
                             ({**good, "seed": -1}, "seed"), ({**good, "provider": "nobody"}, "provider"),
                             ({**good, "webhook": {"url": "https://hooks.example/", "events": ["no"]}}, "webhook.events")):
            answer = self.service.request("POST", "/batches", {"requests": [good, good, good, wrong]}, Idempotency_Key="wrong-1")
            self.assert_problem(answer, 422, "validation_error", f"requests[3].{field}")
        for body in ({"requests": []}, {"requests": [good] * 101}, {"requests": good}):
            self.assert_problem(self.service.request("POST", "/batches", body), 422, "validation_error", "requests")
        self.assert_problem(self.service.request("POST", "/batches", {"requests": [good, 7]}), 422, "validation_error", "requests[1]")
        self.assert_problem(self.service.request("POST", "/batches", {"requests": [good], "webhook": {}}), 422, "validation_error", "webhook")
        self.assert_problem(self.service.request("POST", "/batches", {}), 400, "missing_parameter", "requests")
        self.assert_problem(self.service.request("POST", "/batches", b'{"requests":[{"theme":"rain","theme":"sun"}]}'), 400, "malformed_json")
        # Announced and not sent: the answer comes at once, and whoever still sends may find the connection closed.
        too_large = self.service.request("POST", "/batches", b"", Content_Length=str(1024 * 1024 + 1))
        self.assert_problem(too_large, 413, "payload_too_large")
        self.assertEqual(len(jobs_of(self.service)), before)

        kept = self.service.request("POST", "/batches", self.songs("caseafterwrong"), Idempotency_Key="wrong-1")
        self.assertEqual((kept.status, kept.headers["Idempotent-Replayed"]), (202, None))

    def test_the_same_key_and_requests_give_the_same_batch_and_others_under_it_are_refused(self):
        asked = self.songs("casekeyone", "casekeytwo")
        first = self.service.request("POST", "/batches", asked, Idempotency_Key="order-1")
        same = b'{ "requests" : [ {"theme":"rainy night casekeyone" }, { "theme":"rainy night casekeytwo"} ] }'
        second = self.service.request("POST", "/batches", same, Idempotency_Key='"order-1"')
        batch = finish(self.service, first.headers["Location"])
        third = self.service.request("POST", "/batches", same, Idempotency_Key="order-1")
        turned = {"requests": asked["requests"][::-1]}

        self.assertNotIn("Idempotent-Replayed", first.headers)
        for replay in (second, third):
            self.assertEqual((replay.status, replay.headers["Idempotent-Replayed"]), (202, "true"))
            self.assertEqual(replay.json()["id"], first.json()["id"])
        self.assertEqual(third.json(), batch)
        self.assert_problem(self.service.request("POST", "/batches", turned, Idempotency_Key="order-1"), 422, "idempotency_key_reused")
        bobs = self.service.request("POST", "/batches", same, Idempotency_Key="order-1", Authorization=f"Bearer {BOB}")
        self.assertNotEqual(bobs.json()["id"], first.json()["id"])
        self.finish_as_bob(bobs)

        self.assertEqual(self.service.request("DELETE", f"/jobs/{batch['jobs'][0]['id']}").status, 204)
        fourth = self.service.request("POST", "/batches", same, Idempotency_Key="order-1")
        self.assertEqual((fourth.json()["id"], fourth.json()["counts"]["erased"]), (batch["id"], 1))
        self.assertEqual(self.service.request("DELETE", f"/jobs/{batch['jobs'][1]['id']}").status, 204)
        self.assert_problem(self.service.request("POST", "/batches", same, Idempotency_Key="order-1"), 409, "idempotency_key_in_use")
        self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing="casekeyone")), 2)  # Alice's and Bob's

    def finish_as_bob(self, answer):
        done = self.service.get(answer.headers["Location"], Prefer="wait=60", Authorization=f"Bearer {BOB}", patience=120)
        self.assertIs(done.json()["done"], True)

    def test_racing_requests_with_one_key_make_one_batch(self):
        names = [f"caserace{number}" for number in range(5)]
        asked = self.songs(*names)

        def ask(_):
            return self.service.request("POST", "/batches", asked, Idempotency_Key="race-1")

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(32)))

        self.assertEqual({answer.status for answer in answers}, {202})
        self.assertEqual(len({answer.json()["id"] for answer in answers}), 1)
        self.assertEqual(sum(answer.headers["Idempotent-Replayed"] is None for answer in answers), 1)
        finish(self.service, answers[0].headers["Location"])
        for name in names:
            self.assertEqual(len(self.upstreams.suno.ledger.find("POST", containing=name)), 1)

    def test_somebody_elses_batch_is_not_there(self):
        batch = self.service.request("POST", "/batches", self.songs("caseforeign")).json()
        path = f"/batches/{batch['id']}"

        self.assert_problem(self.service.get(path, Authorization=f"Bearer {BOB}"), 404, "not_found")
        self.assert_problem(self.service.get(path, Authorization="Bearer wrong"), 401, "unauthorized")
        self.assert_problem(self.service.request("POST", "/batches", {}, Authorization="Bearer wrong"), 401, "unauthorized")
        changed = batch["id"][:-1] + ("2" if batch["id"][-1] != "2" else "3")  # another number of jobs
        for unknown in (changed, batch["id"][:-1], "batch_x", batch["jobs"][0]["id"]):
            self.assert_problem(self.service.get(f"/batches/{unknown}"), 404, "not_found")
        self.assertEqual(self.service.get(path).status, 200)

    def test_each_job_waits_for_its_own_request(self):
        asked = self.songs("casewaitone", "casewaittwo")
        answer = self.service.request("POST", "/batches", asked, Prefer="wait=60", patience=120)
        self.assertEqual((answer.status, answer.json()["status"]), (200, "success"))
        self.assertEqual(answer.headers["Preference-Applied"], "wait=60")


class LocalBatchesTest(harness.ContractTest):
    """Without keys and upstreams: what is rendered here takes seconds, so nothing ends by itself meanwhile."""

    def test_a_hundred_songs_are_stored_and_listed_in_their_order(self):
        with harness.Service(self.scratch(), JOB_STORE="memory", SHARDS=2) as service:
            answer = service.request("POST", "/batches", themes(100))
            self.assertEqual(answer.status, 202, answer.body[:500])
            batch = answer.json()
            self.assertEqual((len(batch["jobs"]), sum(batch["counts"].values())), (100, 100))
            self.assertEqual(len({job["id"] for job in batch["jobs"]}), 100)
            self.assertEqual({job["id"] for job in jobs_of(service)}, {job["id"] for job in batch["jobs"]})
            for place in (0, 41, 99):
                self.assertEqual(service.job(batch["jobs"][place]["id"])["theme"], f"rainy night number {place}")
            cancel_all(service, batch["jobs"])
            done = finish(service, answer.headers["Location"])
            self.assertGreater(done["counts"]["canceled"], 0)

    def test_a_batch_that_does_not_fit_is_refused_whole(self):
        with harness.Service(self.scratch(), MAX_ACTIVE_JOBS=5) as service:
            service.generate("a long quiet morning, ambient", {"duration_seconds": 300})
            refused = service.request("POST", "/batches", themes(5), Idempotency_Key="full-1")
            self.assert_problem(refused, 429, "queue_full")
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
            self.assertEqual(len(jobs_of(service)), 1)
            fits = service.request("POST", "/batches", themes(4), Idempotency_Key="full-1")
            self.assertEqual((fits.status, fits.headers["Idempotent-Replayed"]), (202, None))
            self.assertEqual(len(jobs_of(service)), 5)

    def test_kill_right_after_the_202_loses_no_job_of_the_batch_and_not_its_key(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            batch = service.request("POST", "/batches", themes(100), Idempotency_Key="order-1").json()
            service.kill()
        with harness.Service(folder, LOCAL_RENDERS=2) as service:
            again = service.get(f"/batches/{batch['id']}")
            self.assertEqual(again.status, 200)
            self.assertEqual([job["id"] for job in again.json()["jobs"]], [job["id"] for job in batch["jobs"]])
            self.assertEqual(again.json()["counts"]["erased"], 0)
            self.assertEqual(len(jobs_of(service)), 100)
            replay = service.request("POST", "/batches", themes(100), Idempotency_Key="order-1")
            self.assertEqual((replay.json()["id"], replay.headers["Idempotent-Replayed"]), (batch["id"], "true"))
            service.kill()

    def test_after_a_kill_the_songs_of_a_batch_are_made(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            batch = service.request("POST", "/batches", themes(3)).json()
            service.kill()
        with harness.Service(folder, LOCAL_RENDERS=2) as service:
            self.assertEqual([service.finish(job["id"], patience=120)["status"] for job in batch["jobs"]], ["success"] * 3)
            self.assertEqual(service.get(f"/batches/{batch['id']}").json()["status"], "success")

    def test_each_request_has_a_webhook_of_its_own_and_the_operators_hears_of_all(self):
        secret = "whsec_" + base64.b64encode(b"a secret of this test, not more.").decode()
        with receivers.Receiver() as receiver, harness.Service(
                self.scratch(), WEBHOOK_SECRET=secret, WEBHOOK_ALLOWED_HOSTS=receiver.authority,
                WEBHOOK_URL=f"{receiver.address}/operator", JOB_STORE="memory") as service:
            asked = themes(3)
            for name, request in zip("ab", asked["requests"]):
                request["webhook"] = {"url": f"{receiver.address}/{name}", "events": ["job.success", "job.canceled"]}
            batch = service.request("POST", "/batches", asked).json()
            cancel_all(service, batch["jobs"])
            received = receiver.wait_for(5)
        told = {(each.path, each.json()["data"]["job"]["id"]) for each in received}
        ids = [job["id"] for job in batch["jobs"]]
        self.assertEqual(told, {("/a", ids[0]), ("/b", ids[1]), *(("/operator", job) for job in ids)})
        self.assertEqual({each.json()["data"]["job"]["batch_id"] for each in received}, {batch["id"]})

    def test_a_page_of_another_origin_cannot_ask_for_songs(self):
        with harness.Service(self.scratch(), JOB_STORE="memory") as service:
            answer = service.request("POST", "/batches", themes(2), Origin="https://evil.example")
            self.assert_problem(answer, 403, "forbidden")
            self.assertEqual(jobs_of(service), [])


if __name__ == "__main__":
    harness.main()
