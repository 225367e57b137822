"""Where things are; importing it makes the contract tests' harness importable."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SKILLS = TOP / "openclaw" / "skills"
PLUGIN = TOP / "openclaw" / "plugin"

sys.path.insert(0, str(TOP / "tests" / "contract"))
