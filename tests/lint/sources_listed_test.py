#!/usr/bin/env python3
"""Every source file is named by the CMakeLists.txt above it: what is not listed is not compiled, and nobody notices."""

import re

import tree


def is_listed(top, path):
    names = []
    if path.parts[0] == "tests":  # where a list of names is turned into targets, the stem is enough
        stem = re.escape(re.sub(r"(_test)?\.cpp$", "", path.name))
        names.append(rf"(?<![\w./]){stem}(?![\w.])")
    for folder in path.parents:
        lists = top / folder / "CMakeLists.txt"
        if lists.is_file():
            relative = re.escape(str(path.relative_to(folder)))
            if re.search("|".join(names + [rf"(?<![\w/]){relative}(?!\w)"]), lists.read_text()):
                return True
    return False


def main():
    top = tree.root()
    sources = [path for path in tree.files(top) if path.suffix == ".cpp" and path.parts[0] in ("lib", "service", "tests")]
    problems = [f"{path}: no CMakeLists.txt above it names it" for path in sources if not is_listed(top, path)]
    tree.finish(problems, len(sources))


main()
