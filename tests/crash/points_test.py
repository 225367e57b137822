#!/usr/bin/env python3
"""Killed at every labelled point, the service goes on as promised: points_test.py PROGRAM BOUNDARY STORE

MUSIC_CRASH_MATRIX=whole: every point in every behaviour of the upstream; otherwise the behaviours take turns.
MUSIC_CRASH_ONLY=TEXT: the scenarios whose description has that text.
"""

import concurrent.futures
import os
import unittest

import world
from checks import Order, check_outcome
from points import scenarios

JOBS = 3
AT_ONCE = {1: 12, 2: 36}  # by instances: most of a scenario is waiting for an upstream that hangs, or for a dead instance's lease
SHORT_PATIENCE = {"OPENAI_TIMEOUT": 3, "SUNO_TIMEOUT": 3}  # so that a hanging upstream is given up soon


def play(scenario):
    variables = {} if scenario.behaviour == "answers" else SHORT_PATIENCE
    with world.World(world.store_class(), **variables) as stage:
        orders = [Order(f"case{number}") for number in range(JOBS)]
        begin = stage.start_to_be_killed_at if scenario.by_upstream else stage.start_to_die_at
        service = begin(scenario.point, scenario.skip)
        world.place_all(orders, service)
        stage.expect_death(service)
        if not scenario.by_upstream and stage.mark.read_text() != scenario.point:
            raise AssertionError(f"it died at {stage.mark.read_text()}")
        durable = stage.store.records()
        lost = [order.id for order in orders if order.id is not None and order.id not in durable]
        if lost:
            raise AssertionError(f"acknowledged and not on disk: {lost}")
        stage.upstream.behave(scenario.behaviour)
        world.settle(stage, orders, stage.start_successor())
        for order in orders:
            check_outcome(order, durable.get(order.id), stage.upstream.ledger)


class PointsTest(unittest.TestCase):
    def test_killed_at_any_point_the_service_loses_no_job_and_buys_nothing_twice(self):
        store = world.store_class()
        chosen = [each for each in scenarios(os.environ.get("MUSIC_CRASH_MATRIX") == "whole", JOBS, store.instances == 1)
                  if os.environ.get("MUSIC_CRASH_ONLY", "") in str(each)]
        self.assertTrue(chosen)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE[store.instances]) as pool:
            played = [(scenario, pool.submit(play, scenario)) for scenario in chosen]
        for scenario, outcome in played:
            with self.subTest(str(scenario)):
                outcome.result()
        print(f"{len(chosen)} kills", flush=True)


if __name__ == "__main__":
    world.main()
