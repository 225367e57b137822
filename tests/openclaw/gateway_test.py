#!/usr/bin/env python3
"""Skills, MCP server and plugin in a real OpenClaw gateway, installed from npm."""

import select
import shutil
import subprocess
import sys
import time

import paths
import harness
import npm_tools
from gateway import Gateway

KEY = "test-secret-of-openclaw"
NAMES = ["chatgpt-prompt-generator", "music-orchestrator", "suno-music-generator"]


class GatewayTest(harness.ContractTest):
    programs = None  # where openclaw is

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.enterClassContext(harness.Service(cls.folder, API_KEYS=f"openclaw={KEY}", JOB_STORE="memory", LOG_LEVEL="INFO"))
        cls.service.key = KEY

    def gateway(self, **settings):
        return Gateway(self.programs, self.scratch(), **settings)

    def our_skills(self, gateway):
        listed = {skill["name"]: skill for skill in gateway.cli_json("skills", "list")["skills"]}
        return {name: listed[name] for name in NAMES}

    def test_the_skills_pass_the_platforms_validator(self):
        validator = self.programs.parent / "openclaw" / "skills" / "skill-creator" / "scripts" / "quick_validate.py"
        for name in NAMES:
            done = subprocess.run([sys.executable, validator, paths.SKILLS / name], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_skills_are_eligible_with_their_environment_and_named_as_missing_it_without(self):
        gateway = self.gateway()
        for name in NAMES:
            shutil.copytree(paths.SKILLS / name, gateway.state / "workspace" / "skills" / name)
        for name, skill in self.our_skills(gateway).items():
            self.assertFalse(skill["eligible"], name)
            self.assertEqual(skill["missing"]["env"], ["MUSIC_SERVICE_URL"], name)
            self.assertEqual(skill["missing"]["bins"], [], name)

        for name in NAMES:
            done = gateway.cli("config", "set", f"skills.entries.{name}.env.MUSIC_SERVICE_URL", self.service.address)
            self.assertEqual(done.returncode, 0, done.stderr)

        for name, skill in self.our_skills(gateway).items():
            self.assertTrue(skill["eligible"] and skill["modelVisible"], f"{name}: {skill}")
            self.assertEqual(skill["primaryEnv"], "MUSIC_SERVICE_TOKEN")

    def test_the_mcp_server_is_probed_and_its_tools_are_listed(self):
        gateway = self.gateway()
        url = f"{self.service.address}/mcp"
        refused = gateway.cli("mcp", "add", "locked", "--url", url, "--transport", "streamable-http")
        self.assertNotEqual(refused.returncode, 0, "the service wants a key")

        added = gateway.cli("mcp", "add", "music", "--url", url, "--transport", "streamable-http", "--header", f"Authorization=Bearer {KEY}")
        self.assertEqual(added.returncode, 0, added.stdout + added.stderr)

        probed = gateway.cli_json("mcp", "probe", "music")
        self.assertEqual(sorted(probed["tools"]),
                         ["music__cancel_music_job", "music__generate_music", "music__get_music_job", "music__list_styles"])
        self.assertEqual(probed["diagnostics"], [])

    def test_the_plugin_loads_and_music_generate_saves_a_song(self):
        settings = {"baseUrl": self.service.address, "apiKey": KEY}
        gateway = self.gateway(plugins={"load": {"paths": [str(paths.PLUGIN)]}, "entries": {"openclaw-music": {"enabled": True, "config": settings}}},
                               agents={"defaults": {"mediaModels": {"music": {"primary": "openclaw-music/auto", "timeoutMs": 600000}}}})
        plugin = gateway.cli_json("plugins", "inspect", "openclaw-music", "--runtime")["plugin"]
        self.assertEqual(plugin["status"], "loaded", plugin)
        self.assertEqual(plugin["musicGenerationProviderIds"], ["openclaw-music"])

        with gateway:
            started = gateway.invoke("music_generate", prompt="[Intro] rain on a window\nA slow lofi beat, a lonely piano.",
                                     durationSeconds=20, instrumental=True, format="mp3")
            self.assertTrue(started["details"]["async"], started)
            song = self.wait_for_file(gateway.state / "media" / "tool-music-generation")

        self.assertEqual(song.suffix, ".mp3")
        jobs = self.service.get("/jobs").json()["data"]
        self.assertEqual(len(jobs), 1, "one song was asked for")
        self.assertEqual(song.read_bytes(), self.service.get(jobs[0]["download_url"]).body)

    def wait_for_file(self, folder):
        """The one file in a folder, once its size is that of the finished song."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            jobs = self.service.get("/jobs?status=success").json()["data"]
            files = list(folder.glob("*")) if folder.is_dir() else []
            if jobs and files and files[0].stat().st_size == jobs[0]["tracks"][0]["size_bytes"]:
                return files[0]
            select.select([], [], [], 0.2)
        raise AssertionError(f"no song in {folder}: {self.service.log()[-1500:]}")


if __name__ == "__main__":
    GatewayTest.programs = npm_tools.installed(paths.HERE / "gateway", patience=600)
    harness.main()
