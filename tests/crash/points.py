"""Where the service is killed, and in what company."""

import dataclasses
import itertools

import upstream

CHECKPOINTS = ("accepted", "prompting", "prompt_written", "intent", "song_id", "song_ready", "ended")
FILE_STEPS = ("audio_synced", "audio_placed")
BEHAVIOURS = ("answers", "hangs", "dies")

COMMITS = [f"{checkpoint}.{moment}" for checkpoint in CHECKPOINTS for moment in ("before", "during", "after")]
FILES = [f"{step}.{moment}" for step in FILE_STEPS for moment in ("before", "after")]
CALLS = [f"{kind}.{moment}" for kind in upstream.KINDS for moment in upstream.MOMENTS]


@dataclasses.dataclass(frozen=True)
class Scenario:
    point: str
    behaviour: str
    skip: int  # so many jobs pass the point first

    def __str__(self):
        return f"{self.point} of job {self.skip + 1}, then the upstream {self.behaviour}"

    @property
    def by_upstream(self):
        return self.point in CALLS


def scenarios(whole, jobs, files):
    """Every point in every behaviour; or every point once and the behaviours in turn. `files`: songs are files."""
    points = COMMITS + (FILES if files else []) + CALLS
    if whole:
        pairs = itertools.product(points, BEHAVIOURS)
    else:
        pairs = zip(points, itertools.cycle(BEHAVIOURS))
    return [Scenario(point, behaviour, number % jobs) for number, (point, behaviour) in enumerate(pairs)]
