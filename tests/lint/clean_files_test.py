#!/usr/bin/env python3
"""Nothing of a machine, of a registry or of a key is in a tracked file."""

import re

import tree

# Written in pieces, so that this file passes its own check.
REGISTRIES = ["deb.debian" + ".org", "security.debian" + ".org", "snapshot.debian" + ".org", "registry.npmjs" + ".org",
              "registry.yarnpkg" + ".com", "pypi" + ".org", "files.pythonhosted" + ".org", "index.docker" + ".io",
              "docker.pkg" + ".dev", "proxy.golang" + ".org"]
RULES = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(work|home|Users)/(?!NAME\b|USER\b)\w+|(?<![\w.$}/])/root/\w+"),
    "a registry's host name": re.compile("|".join(re.escape(host) for host in REGISTRIES)),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
    "what looks like a key": re.compile(
        r"\bsk-(?!test|fake|example)[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b|"
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{35}\b|\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}"),
    "white space at the end of a line": re.compile(r"[ \t]+$"),
    "a conflict marker": re.compile(r"^(<{7}|>{7}) "),
}


def main():
    top = tree.root()
    problems = []
    looked_at = 0
    for path in tree.files(top):
        content = tree.text(top / path)
        if content is None or path.suffix in (".svg", ".pem") or "corpus" in path.parts:
            continue
        looked_at += 1
        for number, line in enumerate(content.split("\n"), 1):
            for what, pattern in RULES.items():
                if what.startswith("white") and path.suffix in (".md", ".tsv"):
                    continue
                if pattern.search(line):
                    problems.append(f"{path}:{number}: {what}")
        if content and not content.endswith("\n"):
            problems.append(f"{path}: no newline at the end")
    tree.finish(problems, looked_at)


main()
