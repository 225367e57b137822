#!/usr/bin/env python3
"""No test waits for time to pass: it waits for what it tests, or turns a manual clock."""

import re

import tree

# Benchmarks measure real time; the container check starts a container engine.
ALLOWED = ("tests/bench/", "tests/docker/", "tests/lint/")
SLEEPS = {
    ".cpp": re.compile(r"\b(sleep_for|this_thread::sleep_until|u?sleep|nanosleep)\s*\("),
    ".hpp": re.compile(r"\b(sleep_for|this_thread::sleep_until|u?sleep|nanosleep)\s*\("),
    ".py": re.compile(r"\b(time|asyncio)\.sleep\s*\("),
    ".js": re.compile(r"\bsetTimeout\s*\(\s*(resolve|r|done)\b"),
    ".sh": re.compile(r"(^|[;&|]|\bdo\b|\bthen\b)\s*sleep\s+[\d$]"),
}


def main():
    top = tree.root()
    problems = []
    looked_at = 0
    for path in tree.files(top):
        if not str(path).startswith("tests/") or str(path).startswith(ALLOWED):
            continue
        suffix = path.suffix or ".sh"
        if suffix not in SLEEPS:
            continue
        looked_at += 1
        for number, line in enumerate((tree.text(top / path) or "").splitlines(), 1):
            if SLEEPS[suffix].search(line):
                problems.append(f"{path}:{number}: sleeps: {line.strip()}")
    tree.finish(problems, looked_at)


main()
