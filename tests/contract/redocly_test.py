#!/usr/bin/env python3
"""openapi.yaml is sound by Redocly's rules. The linter is the one of ./dev lint."""

import os
import pathlib
import subprocess
import sys

import npm_tools

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    redocly = npm_tools.installed(ROOT / "tests" / "lint") / "redocly"
    done = subprocess.run([redocly, "lint", "openapi.yaml"], cwd=ROOT, env={**os.environ, "REDOCLY_TELEMETRY": "off"},
                          stdin=subprocess.DEVNULL, timeout=60)
    sys.exit(1 if done.returncode else 0)


main()
