#!/usr/bin/env python3
"""The plugin's JavaScript against a scripted service, with the node of the platform's version."""

import subprocess
import sys

import paths
import npm_tools

programs = npm_tools.installed(paths.HERE / "mcp", patience=300)
sys.exit(subprocess.run([programs / "node", "--test", paths.HERE / "plugin_cases.mjs"], timeout=300).returncode)
