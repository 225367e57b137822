"""Two instances on one PostgreSQL: any of them answers for any job, and both outlive their database's absence."""

import hashlib

import harness
import postgres

RENDERING = 200  # seconds: songs wait for each other, and a debug build is slow


class SharedStoreTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(postgres.Server())
        url = cls.server.url("postgres")
        cls.first = cls.enterClassContext(harness.Service(cls.folder, JOB_STORE=url, DATA_DIR="/proc/nowhere"))
        cls.second = cls.enterClassContext(harness.Service(cls.folder, JOB_STORE=url, DATA_DIR="/proc/nowhere"))

    def test_a_song_is_served_by_the_instance_that_did_not_make_it(self):
        job = self.second.finish(self.first.generate("rainy night in Tokyo, lofi", {"duration_seconds": 20})["id"], RENDERING)
        self.assertEqual(job["status"], "success", job)
        track = job["tracks"][0]
        path = f"/jobs/{job['id']}/audio"
        whole = self.second.get(path)
        self.assertEqual(hashlib.sha256(whole.body).hexdigest(), track["sha256"])
        part = self.second.get(path, Range="bytes=1000-1999")
        self.assertEqual((part.status, part.body), (206, whole.body[1000:2000]))
        self.assertEqual(self.first.get(path).body, whole.body)

    def test_a_key_means_the_same_job_everywhere(self):
        one = self.first.generate("a key that is shared", {"duration_seconds": 20}, Idempotency_Key="shared-1")
        other = self.second.generate("a key that is shared", {"duration_seconds": 20}, Idempotency_Key="shared-1")
        self.assertEqual(one["id"], other["id"])

    def test_a_batch_is_the_same_everywhere(self):
        asked = {"requests": [{"theme": f"a song that is shared, number {number}", "duration_seconds": 20} for number in range(4)]}
        made = self.first.request("POST", "/batches", asked, Idempotency_Key="shared-batch").json()
        replay = self.second.request("POST", "/batches", asked, Idempotency_Key="shared-batch")
        path = f"/batches/{made['id']}"
        seen = self.second.get(path).json()
        self.assertEqual((replay.json()["id"], replay.headers["Idempotent-Replayed"]), (made["id"], "true"))
        self.assertEqual([job["id"] for job in seen["jobs"]], [job["id"] for job in made["jobs"]])
        self.assertEqual(seen["counts"]["erased"], 0)
        for job in made["jobs"]:
            self.second.request("POST", f"/jobs/{job['id']}/cancel")
        for job in made["jobs"]:
            self.second.finish(job["id"], RENDERING)
        self.assertIs(self.second.get(path).json()["done"], True)
        for job in made["jobs"]:
            self.assertEqual(self.second.request("DELETE", f"/jobs/{job['id']}").status, 204)
        self.assertEqual(self.first.get(path).status, 404)

    def test_a_job_is_cancelled_and_deleted_through_the_other_instance(self):
        job = self.first.generate("a song that nobody waits for", {"duration_seconds": 20})
        self.second.request("POST", f"/jobs/{job['id']}/cancel")
        ended = self.second.finish(job["id"], RENDERING)
        self.assertIn(ended["status"], ("canceled", "success"), ended)
        self.assertEqual(self.second.request("DELETE", f"/jobs/{job['id']}").status, 204)
        self.assertEqual(self.first.get(f"/jobs/{job['id']}").status, 404)

    def test_without_its_database_the_service_says_so_and_comes_back(self):
        self.server.kill()
        try:
            refused = self.first.request("POST", "/generate", {"theme": "nobody can write this down"})
            ready = self.first.get("/readyz")
        finally:
            self.server.start()
        self.assertEqual(refused.status, 503)
        self.assertEqual(ready.status, 503)
        self.assertIn(b"store_unavailable", ready.body)
        job = self.first.finish(self.first.generate("and now it can", {"duration_seconds": 20})["id"], RENDERING)
        self.assertEqual(job["status"], "success", job)
        self.assertEqual(self.first.get("/readyz").status, 200)


if __name__ == "__main__":
    postgres.need_server()
    harness.main()
