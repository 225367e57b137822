"""What the figures depend on beside the code: the machine, how quiet it is, how fast its disk is."""

import os
import pathlib
import statistics
import time

QUIET_SHARE = 0.10  # of all cores
FSYNCS = 200


def busy_seconds():
    """CPU seconds that all cores have worked since boot."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def busy_share(seconds=1.0):
    before = busy_seconds()
    time.sleep(seconds)
    return (busy_seconds() - before) / seconds / os.cpu_count()


def wait_until_quiet(patience):
    """Waits at most `patience` seconds until others leave the machine alone; tells how it was found."""
    started = time.monotonic()
    while True:
        share = busy_share()
        waited = time.monotonic() - started
        if share <= QUIET_SHARE or waited >= patience:
            return {"quiet": share <= QUIET_SHARE, "busy_share": round(share, 3), "waited_seconds": round(waited, 1)}


def fsync_p50_us(directory):
    """Median time of appending a page and making it durable."""
    path = pathlib.Path(directory) / "fsync"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(FSYNCS):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    path.unlink()
    return round(statistics.median(times) * 1e6, 1)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def describe(directory, patience):
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "kernel": os.uname().release,
        "load_before": os.getloadavg(),
        **wait_until_quiet(patience),
        "fsync_p50_us": fsync_p50_us(directory),
    }
