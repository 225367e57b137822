#!/usr/bin/env python3
"""No key, no network: the commands and the embedded music."""

import hashlib
import json
import pathlib
import shutil
import subprocess

import harness

MAGIC = {"mp3": (b"ID3", b"\xff\xfb"), "ogg": (b"OggS",), "flac": (b"fLaC",), "wav": (b"RIFF",)}
MEDIA_TYPES = {"mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav"}


class CommandTest(harness.ContractTest):
    def run_here(self, *arguments, **variables):
        return harness.run_program(*arguments, cwd=self.folder, **variables)

    def test_generate_makes_a_song_from_a_theme_alone(self):
        folder = self.scratch()
        done = harness.run_program("generate", "rainy night in Tokyo, lofi", "--output", "x.mp3", "--json", cwd=folder, patience=120)

        self.assertEqual(done.returncode, 0, done.stderr)
        job = json.loads(done.stdout)
        self.assertEqual((job["status"], job["charged"]), ("success", "no"))
        self.assertEqual(job["workflow"]["step2_music_generation"]["provider"], "local")
        song = (folder / "x.mp3").read_bytes()
        self.assertTrue(song.startswith(MAGIC["mp3"]))
        self.assertEqual(hashlib.sha256(song).hexdigest(), job["tracks"][0]["sha256"])
        self.assertIn("x.mp3", done.stderr)
        self.assertEqual(folder.joinpath("data").stat().st_mode & 0o777, 0o700)
        self.check_with_ffprobe(folder / "x.mp3", job["tracks"][0]["duration"])

    def check_with_ffprobe(self, path, duration):
        if not shutil.which("ffprobe"):
            return
        probe = subprocess.run(["ffprobe", "-v", "error", "-show_format", "-of", "json", path], capture_output=True, check=True, timeout=30)
        facts = json.loads(probe.stdout)["format"]
        self.assertEqual(facts["format_name"], "mp3")
        self.assertAlmostEqual(float(facts["duration"]), duration, delta=1.0)
        self.assertTrue(facts["tags"]["title"])

    def test_generate_asks_a_service_that_runs_already(self):
        folder = self.scratch()
        with harness.Service(folder, JOB_STORE="memory", API_KEYS="me=test-secret-of-mine") as service:
            refused = harness.run_program("generate", "rainy night", "--server", service.address, cwd=folder)
            done = harness.run_program("generate", "rainy night", "--tags", "ambient", "--server", service.address, cwd=folder,
                                       patience=120, API_KEYS="me=test-secret-of-mine")
        self.assertEqual((refused.returncode, refused.stderr.count("\n")), (1, 1), refused.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)
        job_text, _, where = done.stdout.rstrip("\n").rpartition("\n")
        self.assertEqual(json.loads(job_text)["tags"], "ambient")
        self.assertTrue((folder / where.removeprefix("saved to ")).is_file(), where)

    def test_generate_ends_with_one_when_the_theme_is_refused_or_nobody_answers(self):
        for arguments in (["ab"], ["no <tags>"], ["rainy night", "--server", "http://127.0.0.1:1"]):
            done = self.run_here("generate", *arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertTrue(done.stderr.startswith("openclaw-music: "), done.stderr)

    def test_help_and_version_go_to_stdout(self):
        usage = self.run_here("--help")
        self.assertEqual((usage.returncode, usage.stderr), (0, ""))
        for command in ("serve", "generate THEME", "check-config", "--tags", "--output", "--json", "--server", "--version"):
            self.assertIn(command, usage.stdout)
        version = self.run_here("--version")
        self.assertEqual((version.returncode, version.stderr), (0, ""))
        self.assertRegex(version.stdout, r"^openclaw-music \d+\.\d+\.\d+\n$")

    def test_bad_usage_ends_with_two_and_says_what_is_wrong(self):
        for arguments, said in (([], "usage"), (["sing"], "usage"), (["serve", "now"], "serve"), (["generate"], "theme"),
                                (["generate", "a b c", "--tags"], "--tags"), (["generate", "a b c", "--fast"], "--output"),
                                (["generate", "one", "two"], "one theme"), (["generate", "a b c", "--server", "nonsense"], "--server")):
            with self.subTest(arguments):
                done = self.run_here(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(said, done.stderr)

    def test_a_configuration_that_cannot_be_used_ends_with_two_and_one_line_that_names_the_variable(self):
        nowhere = str(self.folder / "nowhere.pem")
        self.assertEqual(self.run_here("check-config").returncode, 0)
        for name, value in (("PORT", "http"), ("PORT", "65536"), ("HOST", "not an address"), ("API_KEYS", "0"), ("JOB_STORE", "disk"),
                            ("JOB_RETENTION", "1y"), ("JOB_DEADLINE", "1s"), ("MAX_ACTIVE_JOBS", "0"), ("OPENAI_TIMEOUT", "0"),
                            ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), ("SUNO_API_BASE_URL", "example"), ("SUNO_DIALECT", "modern"),
                            ("SUNO_MAX_RETRIES", "-1"), ("SUNO_RETRY_DELAY", "soon"), ("MUSIC_PROVIDERS", "spotify"),
                            ("PROMPT_WRITER", "me"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "xml"), ("SHARDS", "many"),
                            ("PUBLIC_BASE_URL", "here"), ("TLS_CERT_FILE", nowhere), ("ALLOW_INSECURE_UPSTREAMS", "yes")):
            with self.subTest(f"{name}={value}"):
                for command in ("check-config", "serve"):
                    done = self.run_here(command, **{name: value})
                    self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
                    self.assertRegex(done.stderr, rf"\b({name}|TLS_KEY_FILE)\b")
        public = self.run_here("check-config", HOST="0.0.0.0")
        self.assertEqual((public.returncode, "API_KEYS" in public.stderr), (2, True))
        self.assertEqual(self.run_here("check-config", HOST="0.0.0.0", ALLOW_ANONYMOUS="1").returncode, 0)
        for name, value in (("SSL_CERT_FILE", nowhere), ("DATA_DIR", "/proc/nowhere")):
            done = self.run_here("serve", **{name: value})
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn(name, done.stderr)

    def test_the_dotenv_file_is_read_and_the_environment_wins_over_it(self):
        folder = self.scratch()
        (folder / ".env").write_text("PORT=nonsense\n")
        self.assertEqual(harness.run_program("check-config", cwd=folder).returncode, 2)
        self.assertEqual(harness.run_program("check-config", cwd=folder, PORT=0).returncode, 0)
        (folder / ".env").write_text("this is not a setting\n")
        broken = harness.run_program("check-config", cwd=folder)
        self.assertEqual((broken.returncode, ".env line 1" in broken.stderr), (2, True))


class EmbeddedMusicTest(harness.ContractTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.enterClassContext(harness.Service(cls.folder, LOCAL_RENDERS=2))

    def song(self, theme, **fields):
        """The finished job and its audio."""
        job = self.service.finish(self.service.generate(theme, {"duration_seconds": 20, **fields})["id"])
        self.assertEqual(job["status"], "success", job)
        audio = self.service.get(job["download_url"])
        self.assertEqual(hashlib.sha256(audio.body).hexdigest(), job["tracks"][0]["sha256"])
        return job, audio

    def test_every_format_is_what_it_says(self):
        for extension, media_type in MEDIA_TYPES.items():
            with self.subTest(extension):
                job, audio = self.song("quiet morning, folk", format=extension, title="Quiet Morning")
                self.assertEqual((audio.headers["Content-Type"], job["tracks"][0]["content_type"]), (media_type, media_type))
                self.assertTrue(audio.body.startswith(MAGIC[extension]))
                self.assertRegex(audio.headers["Content-Disposition"], rf"\.{extension}\b")
                self.assertAlmostEqual(job["tracks"][0]["duration"], 20, delta=12)
                self.assertEqual((job["warnings"], job["charged"]), ([], "no"))

    def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_song(self):
        first = self.song("night drive, synthwave", seed=7)[0]["tracks"][0]["sha256"]
        second = self.song("night drive, synthwave", seed=7)[0]["tracks"][0]["sha256"]
        other = self.song("night drive, synthwave", seed=8)[0]["tracks"][0]["sha256"]
        self.assertEqual(first, second)
        self.assertNotEqual(first, other)

    def test_a_format_that_cannot_be_made_is_told(self):
        job = self.service.finish(self.service.generate("quiet morning", {"duration_seconds": 20, "format": "mp4"})["id"])
        told = job.get("error_type") or job["warnings"]
        self.assertTrue(told, job)

    def test_the_process_shows_no_secret_and_keeps_its_files_to_itself(self):
        folder = self.scratch()
        with harness.Service(folder, API_KEYS="me=test-secret-of-mine") as service:
            environ = pathlib.Path(f"/proc/{service.process.pid}/environ")
            try:
                self.assertNotIn(b"test-secret-of-mine", environ.read_bytes())
            except PermissionError:
                pass
            for path in (folder / "data").rglob("*"):
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)


if __name__ == "__main__":
    harness.main()
