#!/usr/bin/env python3
"""Killed again and again at moments nobody chose, the service goes on as promised: random_test.py PROGRAM BOUNDARY STORE

MUSIC_CRASH_LIVES: how often (12). MUSIC_CRASH_SEED: which moments; the test says which it took.
"""

import os
import random
import subprocess
import unittest

import world
from checks import Order, check_outcome

JOBS_A_LIFE = 8
POISON = 3  # a job that saw so many deaths in a row without a step in between is given up
CROSSINGS_OF_A_JOB = 20  # at least: three for each of seven commits
LONGEST_LIFE = 0.4  # seconds from the last order; most of a job's life on an idle machine


class Chronicle:
    """What was durable whenever the service died."""

    def __init__(self):
        self.intents = {}  # id -> the record that says that a submission was about to be sent
        self.ended = {}    # id -> the record of an ended job
        self.stuck = {}    # id -> the version at the last death, and how many deaths in a row it has had it

    def write(self, durable, orders):
        lost = [order.id for order in orders if order.id is not None and order.id not in durable]
        if lost:
            raise AssertionError(f"acknowledged and not on disk: {lost}")
        for job, record in durable.items():
            if job in self.ended and self.ended[job] != record:
                raise AssertionError(f"an ended job changed from {self.ended[job]} to {record}")
            version, deaths = self.stuck.get(job, (0, 0))
            self.stuck[job] = (record["version"], deaths + 1 if record["version"] == version else 1)
            if record["stage"] == "finished":
                self.ended[job] = record
            elif record.get("music", {}).get("submission") == "intent":
                self.intents[job] = record

    def check(self, order, ledger):
        if self.stuck.get(order.id, (0, 0))[1] >= POISON and order.ended.get("error_type") == "unexpected":
            return  # as far as the service can know, it was this job that ended it
        check_outcome(order, self.intents.get(order.id), ledger)


def live_and_die(stage, orders, doomed, dice):
    """One life: either the service ends itself after so many crossings of its boundary, or it is killed after so long."""
    if doomed:
        service = stage.start_to_die_at("any", dice.randrange(JOBS_A_LIFE * CROSSINGS_OF_A_JOB))
        if service is None:
            return  # it died while it recovered
        world.place_all(orders, service)
    else:
        service = stage.start()
        world.place_all(orders, service)
        try:
            service.process.wait(dice.uniform(0, LONGEST_LIFE))
        except subprocess.TimeoutExpired:
            service.process.kill()
    stage.expect_death(service)


class RandomTest(unittest.TestCase):
    def test_a_service_that_dies_again_and_again_loses_no_job_and_buys_nothing_twice(self):
        lives = int(os.environ.get("MUSIC_CRASH_LIVES", "12"))
        seed = int(os.environ.get("MUSIC_CRASH_SEED", random.SystemRandom().randrange(2**32)))
        print(f"MUSIC_CRASH_SEED={seed}", flush=True)
        dice = random.Random(seed)
        with world.World(world.store_class()) as stage:
            orders = []
            chronicle = Chronicle()
            for life in range(lives):
                fresh = [Order(f"case{life}x{number}") for number in range(JOBS_A_LIFE)]
                orders += fresh
                live_and_die(stage, fresh, life % 2 == 0, dice)
                chronicle.write(stage.store.records(), orders)
            world.settle(stage, orders, stage.start_successor())
            for order in orders:
                chronicle.check(order, stage.upstream.ledger)
        songs = sum(order.ended["status"] == "success" for order in orders)
        print(f"{lives} lives, {len(orders)} jobs, {songs} songs, {len(orders) - songs} that may have been bought", flush=True)


if __name__ == "__main__":
    world.main()
