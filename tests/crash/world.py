"""One service with its store and its upstream, to be killed and started again."""

import contextlib
import http.client
import pathlib
import signal
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contract"))

import harness  # noqa: E402
import postgres  # noqa: E402

import checks  # noqa: E402
import stores  # noqa: E402
import upstream  # noqa: E402

PATIENCE = 90  # seconds until what must come counts as lost, on a machine that does other things too
STARTING = threading.Semaphore(8)  # services at once: all scenarios begin with one, and a start is what costs processor time
CUT_OFF = (ConnectionError, http.client.HTTPException, TimeoutError)


def boundary():
    """The library that kills at a labelled crossing: the second argument."""
    return pathlib.Path(sys.argv[2]).resolve()


def store_class():
    """The third argument, by its name."""
    return {each.name: each for each in (stores.Memory, stores.Sqlite, stores.Postgres)}[sys.argv[3]]


def main():
    """Runs the tests of the program, with a PostgreSQL server around them if the store needs one."""
    with contextlib.ExitStack() as around:
        if store_class() is stores.Postgres:
            postgres.need_server()
            stores.Postgres.server = around.enter_context(postgres.Server())
        unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)


class World(contextlib.ExitStack):
    """A folder of its own for everything. Use it in a `with`."""

    def __init__(self, make_store, **variables):
        super().__init__()
        self.folder = pathlib.Path(self.enter_context(tempfile.TemporaryDirectory(prefix="openclaw-crash-")))
        self.upstream = upstream.Upstream(self.folder)
        self.callback(self.upstream.close)
        self.store = make_store(self.folder)
        self.callback(self.store.close)
        self.variables = {"SHARDS": 2, "LOG_LEVEL": "DEBUG", "JOB_DEADLINE": "10m", "PUBLIC_BASE_URL": "http://music.example",
                          **self.upstream.settings(), **variables}
        self.mark = self.folder / "died-at"

    def start(self, instance=0, **variables):
        settings = {**self.variables, **self.store.settings(instance), **variables}
        with STARTING:
            service = harness.Service(self.folder, **settings)
        self.callback(self.end_, service)
        return service

    def start_successor(self):
        """Goes on after a death: the same instance again, or, where several share a store, another one."""
        return self.start(self.store.instances - 1)

    @staticmethod
    def end_(service):
        if service.process.poll() is None:
            service.kill()

    def start_to_die_at(self, point, skip):
        """A service that ends itself at that crossing of its boundary; None if it came that far before it listened."""
        self.mark.unlink(missing_ok=True)
        try:
            return self.start(LD_PRELOAD=boundary(), CRASH_POINT=point, CRASH_SKIP=skip, CRASH_MARK=self.mark)
        except AssertionError:
            if not self.mark.exists():
                raise
            return None

    def start_to_be_killed_at(self, point, skip):
        """A service that the upstream kills when that event happens."""
        service = self.start()
        self.upstream.trap = upstream.Trap(point, skip, lambda: service.process.send_signal(signal.SIGKILL))
        return service

    def expect_death(self, service):
        code = service.wait(PATIENCE)
        if code != -signal.SIGKILL:
            raise AssertionError(f"the service ended with {code}, not by SIGKILL: {service.log()[-2000:]}")

    def stop(self, service):
        code = service.stop()
        if code != 0:
            raise AssertionError(f"the service ended with {code}: {service.log()[-2000:]}")


def place_all(orders, service):
    """Orders until the service goes away. Whoever got no answer does not know whether there is a job."""
    for order in orders:
        try:
            order.place(service)
        except CUT_OFF:
            return


def settle(world, orders, service, patience=PATIENCE):
    """Everybody asks again, everything ends, and what was promised is checked; then once more after a restart."""
    for order in orders:
        order.place(service)
    for order in orders:
        order.finish(service, patience)
    world.stop(service)
    again = world.start_successor()
    for order in orders:
        order.see(again.finish(order.id, patience))
        checks.check_costs(order, world.upstream.ledger)
        checks.check_audio(order, again, world.upstream)
    world.stop(again)
    known = {order.mark for order in orders}
    strangers = [entry for entry in world.upstream.ledger.find("submit") if entry["mark"] not in known]
    if strangers:
        raise AssertionError(f"submissions of nobody's jobs: {strangers}")
    checks.check_files(world.store, orders)
    checks.check_logs(world.folder)
