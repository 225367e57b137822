"""Thousands of jobs that wait for their songs at once: what each holds and what each poll costs, in the real binary."""

import http.client
import json
import time

import servers

PATIENCE = 120


def submit_all(service, jobs):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    for number in range(jobs):
        body = json.dumps({"theme": f"bench song {number}", "tags": "lofi"})
        connection.request("POST", "/generate", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise RuntimeError(f"job {number}: status {answer.status}")
    connection.close()


def wait_for(upstream, figure, count):
    until = time.monotonic() + PATIENCE
    while True:
        report = upstream.ask("/report")
        if report[figure] >= count:
            return report
        if time.monotonic() > until:
            raise RuntimeError(f"{figure}: {report[figure]} of {count} after {PATIENCE} s")
        time.sleep(0.1)


def measure_polls(service, upstream, seconds):
    """A window in which nothing happens but polls."""
    upstream.ask("/mark", {})
    cpu, started = service.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    cpu, elapsed = service.cpu_seconds() - cpu, time.monotonic() - started
    report = upstream.ask("/report")
    return {"polls_per_second": round(report["since_mark"] / elapsed, 1), "cores": round(cpu / elapsed, 4),
            "cpu_us_per_poll": round(cpu * 1e6 / report["since_mark"], 2), "spacing_ms": report["spacing_ms"]}


def measure(binaries, work, plan):
    with servers.start_upstream(binaries, work, delay_ms=plan.upstream_ms) as upstream:
        settings = servers.upstream_settings(upstream, plan.jobs)
        with servers.start_service(binaries, work, **settings, SUNO_RETRY_DELAY=str(plan.poll_seconds)) as service:
            empty, cpu = service.resident_bytes(), service.cpu_seconds()
            submit_all(service, plan.jobs)
            wait_for(upstream, "submissions", plan.jobs)
            time.sleep(2 * plan.poll_seconds)  # until every song has been polled
            full = service.resident_bytes()
            steady = measure_polls(service, upstream, plan.window_seconds)
            upstream.ask("/finish", {})
            ended = wait_for(upstream, "downloads", plan.jobs)
            cpu = service.cpu_seconds() - cpu
    spacing, interval = steady.pop("spacing_ms"), plan.poll_seconds * 1000
    return {
        "what": "jobs that wait for classic Suno, all at once; lateness is the time from a poll's answer to the next poll of "
                "the same song beyond SUNO_RETRY_DELAY, as the upstream sees it",
        "jobs": plan.jobs, "poll_seconds": plan.poll_seconds, "upstream_ms": plan.upstream_ms,
        "bytes_per_job": round((full - empty) / plan.jobs), **steady,
        "lateness_ms": {name: round(spacing[name] - interval, 2) for name in ("p50", "p99", "max")},
        "prompts": ended["prompts"], "submissions": ended["submissions"],
        "duplicate_submissions": ended["duplicate_submissions"], "songs_fetched": ended["downloads"],
        "polls_per_job": round(ended["polls"] / plan.jobs, 1), "cpu_ms_per_whole_job": round(cpu * 1e3 / plan.jobs, 3),
    }
