"""What the checks of this folder share: the files of the tree, and how a check ends."""

import pathlib
import subprocess
import sys

SKIPPED = {".git", "build", "data", "node_modules", "__pycache__"}


def root():
    """The tree to look at: the first argument, else this repository."""
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()


def files(top):
    """Every file that is tracked or would be, relative to `top`; without git, every file outside the skipped folders."""
    listing = subprocess.run(
        ["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False,
    ) if (top / ".git").exists() else None
    if listing and listing.returncode == 0:
        names = [pathlib.PurePath(name) for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [path.relative_to(top) for path in top.rglob("*")]
    kept = [name for name in names if not SKIPPED & set(name.parts) and (top / name).is_file()]
    return sorted(set(kept))


def text(path):
    """The file's text, or None for a binary file."""
    data = path.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", "replace")


def finish(problems, looked_at):
    """Ends the check. One that looked at nothing fails: it would never find anything."""
    if not looked_at:
        problems = problems + ["nothing to look at: the check does not fit the tree any more"]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems in {looked_at} files")
    sys.exit(1 if problems else 0)
