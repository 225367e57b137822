"""The real binary on SQLite: what a durable POST costs beside the disk's own fsync, and how it comes back with thousands of jobs."""

import os
import pathlib
import shutil
import statistics
import time

import in_flight
import servers
import serving

CONNECTIONS = 64
PAGE = 4096


def fsync_rate(directory, seconds):
    """How often a second this disk makes an appended page durable, one after another."""
    path = pathlib.Path(directory) / "fsync"
    count = 0
    with open(path, "wb", buffering=0) as file:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            file.write(b"x" * PAGE)
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds


def on_disk(work):
    """Settings for a database of its own, empty."""
    data = pathlib.Path(work) / "durable"
    shutil.rmtree(data, ignore_errors=True)
    return {"JOB_STORE": "sqlite", "DATA_DIR": str(data)}


def post_once(binaries, work, seconds):
    """A fresh process and database; the jobs wait for an upstream that never answers."""
    with servers.start_upstream(binaries, work, mute=True) as upstream:
        settings = {**servers.upstream_settings(upstream, 10_000_000), **on_disk(work)}
        service = servers.start_service(binaries, work, **settings)
        try:
            return serving.wrk(service, "/generate", CONNECTIONS, seconds, serving.THEME)
        finally:
            service.process.kill()
            service.process.wait()


def measure_post(binaries, work, plan):
    runs, fsyncs = [], []
    for _ in range(plan.rounds):
        fsyncs.append(fsync_rate(work, min(1, plan.seconds)))
        runs.append(post_once(binaries, work, plan.seconds))
    figures = {name: round(statistics.median(run[name] for run in runs), 1) for name in ("requests_per_second", "cpu_us", "p50_us", "p99_us")}
    fsync = statistics.median(fsyncs)
    return {
        "what": "POST /generate on SQLite, synchronous=FULL: each answer comes after its job's commit; each job then makes its next "
                "commit (prompting) too and waits for an upstream that never answers",
        "connections": CONNECTIONS, "rounds": plan.rounds, "seconds_each": plan.seconds, **figures,
        "fsyncs_per_second": round(fsync, 1), "to_fsyncs": round(figures["requests_per_second"] / fsync, 2),
        "bad_answers": sum(run["bad_answers"] for run in runs),
    }


def wait_for_report(upstream, reached, patience=in_flight.PATIENCE):
    """Seconds until the upstream's report says so."""
    started = time.monotonic()
    while not reached(upstream.ask("/report")):
        if time.monotonic() - started > patience:
            raise RuntimeError(f"not reached in {patience} s: {upstream.ask('/report')}")
        time.sleep(0.002)
    return time.monotonic() - started


def measure_recovery(binaries, work, plan):
    """Killed with thousands of songs under way, started again: when is it there, when are they polled, what do they weigh?"""
    with servers.start_upstream(binaries, work, delay_ms=plan.upstream_ms) as upstream:
        settings = {**servers.upstream_settings(upstream, plan.jobs), **on_disk(work), "SUNO_RETRY_DELAY": str(plan.poll_seconds)}
        first = servers.start_service(binaries, work, **settings)
        in_flight.submit_all(first, plan.jobs)
        in_flight.wait_for(upstream, "submissions", plan.jobs)
        time.sleep(1)  # the last song ids become durable
        first.process.kill()
        first.process.wait()
        upstream.ask("/mark", {})
        started = time.monotonic()
        with servers.start_service(binaries, work, **settings) as service:
            listening = time.monotonic() - started
            wait_for_report(upstream, lambda report: report["since_mark"] > 0)
            first_poll = time.monotonic() - started
            wait_for_report(upstream, lambda report: report["since_mark"] >= plan.jobs)
            all_polled = time.monotonic() - started
            time.sleep(2 * plan.poll_seconds)
            resident = service.resident_bytes()
            steady = in_flight.measure_polls(service, upstream, plan.window_seconds)
            upstream.ask("/finish", {})
            ended = in_flight.wait_for(upstream, "downloads", plan.jobs)
    return {
        "what": "jobs that wait for classic Suno, on SQLite; the process is killed and started again",
        "jobs": plan.jobs, "poll_seconds": plan.poll_seconds,
        "listening_ms": round(listening * 1e3), "first_poll_ms": round(first_poll * 1e3), "as_many_polls_as_jobs_ms": round(all_polled * 1e3),
        "resident_mib": round(resident / 2**20, 1), "cores": steady["cores"], "polls_per_second": steady["polls_per_second"],
        "submissions": ended["submissions"], "duplicate_submissions": ended["duplicate_submissions"],
    }


def lines(part):
    return ["", f"Durable POST /generate: {part['connections']} connections, median of {part['rounds']} x {part['seconds_each']} s",
            f"  {part['requests_per_second']:.0f} requests/s, {part['cpu_us']:.1f} us CPU each, p50 {part['p50_us']:.0f} us, p99 {part['p99_us']:.0f} us",
            f"  {part['fsyncs_per_second']:.0f} fsyncs/s of the same disk: {part['to_fsyncs']:.1f} requests for each"]


def recovery_lines(part):
    return ["", f"Killed with {part['jobs']} songs under way, and started again (SQLite)",
            f"  listening after {part['listening_ms']} ms, first poll after {part['first_poll_ms']} ms, "
            f"as many polls as jobs after {part['as_many_polls_as_jobs_ms']} ms",
            f"  then            {part['resident_mib']:.0f} MiB resident, {part['polls_per_second']:.0f} polls a second on {part['cores']:.2f} core",
            f"  ledger          {part['submissions']} submissions, {part['duplicate_submissions']} duplicates"]
