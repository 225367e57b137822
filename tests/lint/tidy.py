#!/usr/bin/env python3
"""clang-tidy on every source file of build/lint's compilation database, several at a time.

A file that was clean is not looked at again until it, a header of the project, its flags or the list of checks changes:
what a file depends on comes from the compiler (-MM), so that the answer is the same as without this memory. --all forgets it.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATABASE = ROOT / "build/lint"
MEMORY = ROOT / "build/tidy"
TIDY = "clang-tidy-19"


def state_of(entry):
    """A digest of everything of ours that clang-tidy's answer depends on."""
    words = shlex.split(entry["command"])
    words = words[next(i for i, word in enumerate(words) if "clang++" in word):]
    scan = [word for word in words if word != "-c"]
    if "-o" in scan:
        del scan[scan.index("-o"):scan.index("-o") + 2]
    listing = subprocess.run(scan + ["-MM"], cwd=entry["directory"], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + entry["command"].encode())
    for name in re.split(r"\s+", listing.replace("\\\n", " ").partition(":")[2].strip()):
        path = pathlib.Path(entry["directory"], name).resolve()
        if ROOT in path.parents:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def look_at(entry, forget):
    """(file, output) where the output is empty for a clean file."""
    name = str(pathlib.Path(entry["file"]).relative_to(ROOT))
    remembered = MEMORY / (name.replace("/", "_") + ".clean")
    try:
        state = state_of(entry)
    except subprocess.CalledProcessError as failure:
        return name, failure.stderr or "does not compile"
    if not forget and remembered.exists() and remembered.read_text() == state:
        return name, ""
    ended = subprocess.run([TIDY, "-p", str(DATABASE), "--quiet", entry["file"]], capture_output=True, text=True, check=False)
    if ended.returncode:
        return name, ended.stdout + ended.stderr
    remembered.write_text(state)
    return name, ""


def main():
    forget = "--all" in sys.argv[1:]
    MEMORY.mkdir(parents=True, exist_ok=True)
    entries = json.loads((DATABASE / "compile_commands.json").read_text())
    entries = [entry for entry in entries if DATABASE.parent not in pathlib.Path(entry["file"]).parents]
    dirty = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, output in pool.map(lambda entry: look_at(entry, forget), entries):
            if output:
                dirty += 1
                print(f"{name}:\n{output}", flush=True)
    print(f"{dirty} of {len(entries)} files have findings")
    sys.exit(1 if dirty else 0)


main()
