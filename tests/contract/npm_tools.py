"""Node programs that tests use, installed once into a cache outside the tree: at the versions of a lock file, without scripts."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def installed(folder, patience=150):
    """The folder with the programs of `folder`/package-lock.json. Ends the test as skipped where npm or its registry is missing."""
    lock = folder / "package-lock.json"
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "openclaw-music" / "npm"
    target = cache / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not target.is_dir():
        if not shutil.which("npm"):
            skip("npm is not installed")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as making:  # renamed when it is whole: two tests may install at once
            fresh = pathlib.Path(making) / "fresh"
            fresh.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(folder / name, fresh)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
            try:
                done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=patience, stdin=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                skip(f"npm did not end in {patience} s")
            if done.returncode != 0:
                skip(f"npm could not install {folder.name}'s programs: {done.stderr.strip()[-300:]}")
            try:
                fresh.rename(target)
            except OSError:
                pass  # the other one was first
    return target / "node_modules" / ".bin"
