#!/usr/bin/env python3
"""What survives the end of the process, asked for or not."""

import harness


class SurvivalTest(harness.ContractTest):
    def long_job(self, service):
        """A job that is rendering."""
        job = service.generate("a long quiet morning, ambient", {"duration_seconds": 120})
        service.wait_until(job["id"], lambda job: job["stage"] == "generating")
        return job["id"]

    def test_the_first_line_is_the_address_and_sigterm_ends_the_process_while_a_job_runs_and_the_next_start_goes_on_with_it(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            self.assertRegex(service.first_line, r"^listening on http://127\.0\.0\.1:[1-9]\d*$")
            job_id = self.long_job(service)
            self.assertEqual(service.stop(patience=10), 0)
        with harness.Service(folder) as service:
            job = service.finish(job_id, patience=120)
            self.assertEqual(job["status"], "success", job)
            self.assertEqual(service.get(job["download_url"]).status, 200)
            self.assertEqual(service.stop(), 0)

    def test_kill_right_after_the_202_loses_no_job(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            jobs = [service.generate(f"rainy night number {n}", {"duration_seconds": 20}, Idempotency_Key=f"order-{n}")["id"] for n in range(3)]
            service.kill()
        with harness.Service(folder, LOCAL_RENDERS=2) as service:
            replayed = service.request("POST", "/generate", {"theme": "rainy night number 2", "duration_seconds": 20}, Idempotency_Key="order-2")
            self.assertEqual((replayed.json()["id"], replayed.headers["Idempotent-Replayed"]), (jobs[2], "true"))
            self.assertEqual([service.finish(job, patience=120)["status"] for job in jobs], ["success"] * 3)
            listed = [job["id"] for job in service.get("/jobs").json()["data"]]
        self.assertEqual(listed, jobs[::-1])

    def test_an_ended_job_and_its_audio_outlive_the_process(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            job = service.finish(service.generate("rainy night", {"duration_seconds": 20})["id"])
            audio = service.get(job["download_url"]).body
        with harness.Service(folder, PUBLIC_BASE_URL="https://music.example/") as service:
            again = service.job(job["id"])
            self.assertEqual(again["download_url"], f"https://music.example/jobs/{job['id']}/audio")
            self.assertEqual((again["tracks"][0]["sha256"], again["version"]), (job["tracks"][0]["sha256"], job["version"]))
            self.assertEqual(service.get(f"/jobs/{job['id']}/audio").body, audio)

    def test_the_memory_store_writes_nothing(self):
        folder = self.scratch()
        with harness.Service(folder, JOB_STORE="memory") as service:
            service.finish(service.generate("rainy night", {"duration_seconds": 20})["id"])
            self.assertEqual([path for path in folder.iterdir() if path != service.log_path], [])

    def test_a_second_process_on_the_same_data_is_refused(self):
        folder = self.scratch()
        with harness.Service(folder) as service:
            second = harness.run_program("serve", cwd=folder, PORT=0, DATA_DIR=folder / "data")
            self.assertEqual((second.returncode, second.stdout, second.stderr.count("\n")), (2, "", 1), second.stderr)
            self.assertIn("DATA_DIR", second.stderr)
            self.assertEqual(service.get("/livez").status, 200)
            port = harness.run_program("serve", cwd=folder, PORT=service.port, JOB_STORE="memory")
            self.assertEqual((port.returncode, "PORT" in port.stderr), (2, True))


if __name__ == "__main__":
    harness.main()
