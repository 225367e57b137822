#!/usr/bin/env python3
"""Killed while batches are committed, the service has each of them whole or not at all: batch_test.py PROGRAM BOUNDARY STORE"""

import collections
import concurrent.futures
import itertools
import unittest

import checks
import world
from checks import Order

CLIENTS = 4
SIZE = 12
AT_ONCE = {1: 3, 2: 9}  # by instances: most of a scenario is waiting for a dead instance's lease
POINTS = [f"accepted.{moment}" for moment in ("before", "during", "after")]
SKIPS = (0, 1, 2)  # batches that are let pass


class BatchOrder:
    """Songs that somebody asked for together."""

    def __init__(self, number):
        self.mark = f"batch-{number}"
        self.orders = [Order(f"case{number}x{place}") for place in range(SIZE)]
        self.id = None  # once a 202 was read

    def place(self, service):
        """The same key every time, so that whoever was cut off gets the same batch."""
        asked = {"requests": [order.request for order in self.orders]}
        answer = service.request("POST", "/batches", asked, Idempotency_Key=f"key-{self.mark}")
        if answer.status != 202:
            raise AssertionError(f"{answer.status} for POST /batches: {answer.body}")
        batch = answer.json()
        ids = [job["id"] for job in batch["jobs"]]
        if self.id is not None and (batch["id"] != self.id or ids != [order.id for order in self.orders]):
            raise AssertionError(f"the acknowledged batch {self.id} was lost: the key gave {batch}")
        self.id = batch["id"]
        for order, job in zip(self.orders, ids):
            order.id = job
        return answer.headers["Idempotent-Replayed"] == "true"

    def place_if_it_lives(self, service):
        try:
            self.place(service)
        except world.CUT_OFF:
            pass


def batches_in(durable):
    """How many jobs of each batch are there. A batch's id ends with its size, in base 32."""
    counted = collections.Counter(record["batch"] for record in durable.values())
    for batch, count in counted.items():
        if count != SIZE:
            raise AssertionError(f"{count} of the {SIZE} jobs of {batch} are on disk")
    return set(counted)


def finish(stage, batches, durable, service):
    """Everybody asks again, every job becomes what it must after what was durable of it, and stays so after a restart."""
    orders = [order for batch in batches for order in batch.orders]
    for batch in batches:
        batch.place(service)
    for order in orders:
        order.finish(service, world.PATIENCE)
        checks.check_outcome(order, durable.get(order.id), stage.upstream.ledger)
    stage.stop(service)
    again = stage.start_successor()
    for batch in batches:
        if not batch.place(again):
            raise AssertionError(f"the key of {batch.id} was lost")
        told = again.get(f"/batches/{batch.id}").json()
        if not told["done"] or [job["status"] for job in told["jobs"]] != [order.ended["status"] for order in batch.orders]:
            raise AssertionError(f"not as its jobs are: {told}")
    for order in orders:
        order.see(again.job(order.id))
        checks.check_costs(order, stage.upstream.ledger)
        checks.check_audio(order, again, stage.upstream)
    stage.stop(again)
    if len(stage.store.records()) != len(orders):
        raise AssertionError(f"{len(stage.store.records())} jobs for {len(orders)} songs")
    known = {order.mark for order in orders}
    if strangers := [entry for entry in stage.upstream.ledger.find("submit") if entry["mark"] not in known]:
        raise AssertionError(f"submissions of nobody's jobs: {strangers}")
    checks.check_files(stage.store, orders)
    checks.check_logs(stage.folder)


def play(point, batches_before):
    skip = batches_before * (SIZE if world.store_class().instances == 1 else 1)  # PostgreSQL: the boundary counts statements
    with world.World(world.store_class()) as stage, concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        batches = [BatchOrder(number) for number in range(CLIENTS)]
        service = stage.start_to_die_at(point, skip)
        for each in [clients.submit(batch.place_if_it_lives, service) for batch in batches]:
            each.result()
        stage.expect_death(service)
        if stage.mark.read_text() != point:
            raise AssertionError(f"it died at {stage.mark.read_text()}")
        durable = stage.store.records()
        there = batches_in(durable)
        acknowledged = {batch.id for batch in batches if batch.id is not None}
        if not acknowledged <= there:
            raise AssertionError(f"acknowledged and not on disk: {acknowledged - there}")
        if point == "accepted.after" and not there:
            raise AssertionError("committed and not on disk")
        finish(stage, batches, durable, stage.start_successor())


class BatchTest(unittest.TestCase):
    def test_killed_at_its_commit_a_batch_is_there_whole_or_not_at_all(self):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE[world.store_class().instances]) as pool:
            played = [(pair, pool.submit(play, *pair)) for pair in itertools.product(POINTS, SKIPS)]
        for (point, batches_before), outcome in played:
            with self.subTest(f"{point} after {batches_before} batches"):
                outcome.result()


if __name__ == "__main__":
    world.main()
