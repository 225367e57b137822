#!/usr/bin/env python3
"""Three processes of one program: the orchestrator reaches the prompt generator and the music generator by URL."""

import harness

KEY = "test-secret-between-skills"
SONG = {"duration_seconds": 20, "tags": "lofi", "title": "Two Houses"}


class RolesTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prompts = cls.serve(ROLE="prompt", API_KEYS=f"front={KEY}", JOB_STORE="memory")
        cls.music = cls.serve(ROLE="music", API_KEYS=f"front={KEY}", JOB_STORE="memory")
        cls.prompts.key = cls.music.key = KEY

    @classmethod
    def serve(cls, **variables):
        return cls.enterClassContext(harness.Service(cls.folder, SHARDS=1, **{"LOG_LEVEL": "INFO", **variables}))

    def front(self, folder, **variables):
        return harness.Service(folder, SHARDS=1, PROMPT_SKILL_URL=self.prompts.address, MUSIC_SKILL_URL=self.music.address,
                               SKILL_API_KEY=KEY, ALLOW_INSECURE_UPSTREAMS=1, **variables)

    def jobs_there(self):
        return self.music.get("/jobs?limit=100").json()["data"]

    def test_each_process_serves_its_own_skills_only(self):
        names = {"prompts": ["chatgpt-prompt-generator"], "music": ["suno-music-generator"]}
        for process, expected in names.items():
            service = getattr(self, process)
            listed = [skill["name"] for skill in service.get("/skills").json()["data"]]
            self.assertEqual(listed, expected)
            self.assertEqual(service.get("/readyz").status, 200)
            for path in ("/generate", "/skills/music-orchestrator", "/mcp", "/webhooks/openclaw"):
                self.assert_problem(service.request("POST", path, {"theme": "rainy night"}), 404, "not_found")
        self.assert_problem(self.prompts.get("/jobs"), 404, "not_found")
        self.assert_problem(self.music.request("POST", "/skills/chatgpt-prompt-generator", {"theme": "rainy night"}), 404, "not_found")

    def test_a_song_is_made_by_the_three_together(self):
        with self.front(self.scratch(), JOB_STORE="memory") as front:
            job = front.finish(front.generate("rainy night in two houses", SONG)["id"])
            self.assertEqual((job["status"], job["charged"]), ("success", "yes"), job)
            music = job["workflow"]["step2_music_generation"]
            self.assertEqual(music["provider"], "remote")
            there = next(each for each in self.jobs_there() if each["id"] == job["song_id"])
            self.assertEqual(there["workflow"]["step1_prompt_generation"]["generated_prompt"],
                             job["workflow"]["step1_prompt_generation"]["generated_prompt"])
            self.assertEqual((there["theme"], there["tags"], job["tracks"][0]["title"]), (job["theme"], "lofi", "Two Houses"))
            self.assertEqual(front.get(job["download_url"]).body, self.music.get(there["download_url"]).body)

    def test_a_front_that_dies_finds_its_song_again_and_orders_no_other(self):
        folder = self.scratch()
        before = len(self.jobs_there())
        front = self.front(folder)
        job_id = front.generate("rainy night that dies", {**SONG, "duration_seconds": 60})["id"]
        front.wait_until(job_id, lambda job: job["stage"] == "generating" or job["done"])
        front.kill()

        with self.front(folder) as again:
            job = again.finish(job_id)
            self.assertEqual(job["status"], "success", job)
        self.assertEqual(len(self.jobs_there()), before + 1)

    def test_a_music_generator_that_is_gone_costs_nothing(self):
        with harness.Service(self.scratch(), ROLE="music", JOB_STORE="memory") as gone:
            address = gone.address
        lonely = harness.Service(self.scratch(), SHARDS=1, JOB_STORE="memory", MUSIC_SKILL_URL=address, ALLOW_INSECURE_UPSTREAMS=1)
        with lonely:
            job = lonely.finish(lonely.generate("rainy night alone", {"deadline_seconds": 30})["id"])
            self.assertEqual((job["error_type"], job["charged"]), ("music_generation_failed", "no"), job)


if __name__ == "__main__":
    harness.main()
