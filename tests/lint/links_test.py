#!/usr/bin/env python3
"""Every relative link of a document leads to a file, and every #anchor to a heading."""

import re
import urllib.parse

import tree

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)


def anchors(markdown):
    """GitHub's ids of the headings: lower case, punctuation gone, blanks to hyphens."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*?)\s*$", FENCE.sub("", markdown), re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def main():
    top = tree.root()
    problems = []
    documents = [path for path in tree.files(top) if path.suffix == ".md"]
    for path in documents:
        content = (top / path).read_text()
        for target in LINK.findall(FENCE.sub("", content)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            name, _, anchor = urllib.parse.unquote(target).partition("#")
            file = (top / path).parent / name if name else top / path
            if not file.exists():
                problems.append(f"{path}: {target} leads nowhere")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
                problems.append(f"{path}: {target}: no such heading")
    tree.finish(problems, len(documents))


main()
