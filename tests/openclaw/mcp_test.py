#!/usr/bin/env python3
"""The official MCP client, the inspector and the conformance suite, from npm, against the program."""

import json
import os
import re
import subprocess

import paths
import harness
import npm_tools

# Everything that a server with nothing but tools has to pass. `FIXTURES` names the checks that need tools of the suite's own.
SCENARIOS = {
    "2025-11-25": ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"],
    "2026-07-28": ["tools-list", "dns-rebinding-protection", "http-header-validation", "server-stateless"],
}
FIXTURES = ["test_missing_capability", "test_streaming_elicitation", "test_logging_tool"]


class McpTest(harness.ContractTest):
    programs = None  # where the programs are

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.enterClassContext(harness.Service(cls.folder, JOB_STORE="memory", LOG_LEVEL="INFO"))
        cls.url = f"http://localhost:{cls.service.port}/mcp"

    def run_node(self, *command, patience=120):
        environment = {**harness.environment(HOME=self.scratch(), NO_COLOR=1), "PATH": f"{self.programs}:{os.environ['PATH']}"}
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment, cwd=self.scratch(),
                              stdin=subprocess.DEVNULL, timeout=patience)

    def test_the_official_client_lists_and_calls_the_tools_in_both_eras(self):
        for version in ("2025-11-25", "2026-07-28"):
            with self.subTest(version):
                done = self.run_node("node", paths.HERE / "mcp_client.mjs", self.programs.parent, self.url, version)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                told = json.loads(done.stdout)
                self.assertEqual(told["version"], version)
                self.assertEqual(told["tools"], ["generate_music", "get_music_job", "cancel_music_job", "list_styles"])
                self.assertTrue(told["refused"]["isError"])
                self.assertEqual(told["first"]["job_id"], told["again"]["job_id"], "the same key is the same job")
                self.assertEqual(told["done"]["status"], "success")
                audio = self.service.get(told["done"]["download_url"].replace("localhost", "127.0.0.1"))
                self.assertEqual(len(audio.body), told["done"]["tracks"][0]["size_bytes"])

    def test_the_inspector_lists_and_calls_the_tools(self):
        listed = self.run_node("mcp-inspector", "--cli", self.url, "--transport", "http", "--method", "tools/list")
        self.assertEqual(listed.returncode, 0, listed.stdout + listed.stderr)
        self.assertEqual(len(json.loads(listed.stdout)["tools"]), 4)

        called = self.run_node("mcp-inspector", "--cli", self.url, "--transport", "http", "--method", "tools/call",
                               "--tool-name", "generate_music", "--tool-arg", "theme=rainy night", "--tool-arg", "duration_seconds=20")
        self.assertEqual(called.returncode, 0, called.stdout + called.stderr)
        self.assertEqual(json.loads(called.stdout)["structuredContent"]["theme"], "rainy night")

    def test_the_conformance_suite_passes_where_it_applies(self):
        for version, scenarios in SCENARIOS.items():
            for scenario in scenarios:
                with self.subTest(f"{version} {scenario}"):
                    done = self.run_node("conformance", "server", "--url", self.url, "--scenario", scenario, "--spec-version", version)
                    told = re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr)
                    self.assertRegex(told, r"Passed: [1-9]\d*/\d+", told[-2000:])
                    failed = re.findall(r"^\s+Error: (.*)$", told, re.MULTILINE)
                    beyond = [why for why in failed if not any(f"does not list the diagnostic tool '{tool}'" in why for tool in FIXTURES)]
                    self.assertEqual(beyond, [])
                    if not failed:
                        self.assertIn(" 0 failed", told)


if __name__ == "__main__":
    McpTest.programs = npm_tools.installed(paths.HERE / "mcp", patience=300)
    harness.main()
