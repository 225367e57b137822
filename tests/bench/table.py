"""The figures as a person reads them."""

import durable

AIM_GET_TO_FLOOR = 1.15
AIM_POST_TO_NGINX = 1 / 0.85


def machine_lines(machine):
    state = "quiet" if machine["quiet"] else f"NOT QUIET, {machine['busy_share']:.0%} busy with something else"
    if machine["realtime"]:
        state += ", real-time priority"
    load = " ".join(f"{value:.2f}" for value in machine["load_before"])
    return [f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}",
            f"load before: {load}; {state} after {machine['waited_seconds']} s; fsync p50 {machine['fsync_p50_us']:.0f} us"]


def serving_lines(title, part):
    lines = ["", f"{title}: {part['answer_bytes']} bytes an answer ({part['body_bytes']} of body), "
                 f"median of {part['rounds']} x {part['seconds_each']} s",
             f"  {'server':8} {'conns':>5} {'CPU us':>7} {'to floor':>8} {'to nginx':>8} {'requests/s':>10} {'core':>5} "
             f"{'p50 us':>7} {'p99 us':>7}"]
    for row in part["rows"]:
        lines.append(f"  {row['server']:8} {row['connections']:5} {row['cpu_us']:7.2f} {row['cpu_to_floor']:8.2f} "
                     f"{row['cpu_to_nginx']:8.2f} {row['requests_per_second']:10.0f} {row['busy']:5.0%} "
                     f"{row['p50_us']:7.0f} {row['p99_us']:7.0f}")
        if row["bad_answers"]:
            lines.append(f"  {row['bad_answers']} bad answers")
    return lines


def aim(what, value, limit):
    return f"  aim: {what} <= {limit:.2f}: {value:.2f} {'reached' if value <= limit else 'MISSED'}"


def get_lines(part):
    ours = [row for row in part["rows"] if row["server"] == "service"]
    return serving_lines("GET /jobs/<id>", part) + [
        aim("CPU to the floor's", max(row["cpu_to_floor"] for row in ours), AIM_GET_TO_FLOOR),
        aim("CPU to nginx's", max(row["cpu_to_nginx"] for row in ours), 1)]


def post_lines(part):
    ours = [row for row in part["rows"] if row["server"] == "service"]
    return serving_lines("POST /generate", part) + [
        f"  the service grows by {part['bytes_per_job'] / 1024:.1f} KiB for each job that waits",
        aim("CPU to nginx's", max(row["cpu_to_nginx"] for row in ours), AIM_POST_TO_NGINX)]


def in_flight_lines(part):
    late = part["lateness_ms"]
    return ["", f"{part['jobs']} jobs in flight, polled every {part['poll_seconds']} s, "
                f"upstream answers in {part['upstream_ms']} ms",
            f"  memory          {part['bytes_per_job'] / 1024:.1f} KiB a job",
            f"  polls           {part['polls_per_second']:.0f} a second on {part['cores']:.2f} core, "
            f"{part['cpu_us_per_poll']:.1f} us each",
            f"  lateness        p50 {late['p50']:.1f} ms, p99 {late['p99']:.1f} ms, max {late['max']:.1f} ms",
            f"  a whole job     {part['cpu_ms_per_whole_job']:.2f} ms CPU with {part['polls_per_job']:.0f} polls",
            f"  ledger          {part['prompts']} prompts, {part['submissions']} submissions, "
            f"{part['duplicate_submissions']} duplicates, {part['songs_fetched']} songs fetched"]


def store_lines(part):
    lines = ["", f"Stores: {part['fsyncs_per_second']:.0f} durable appends a second",
             f"  {'store':8} {'waiting':>7} {'inserts/s':>10} {'CPU us':>7} {'p50 us':>8} {'p99 us':>8}"]
    for run in part["runs"]:
        lines.append(f"  {run['store']:8} {run['waiting']:7} {run['inserts_per_second']:10.0f} {run['cpu_us_per_insert']:7.1f} "
                     f"{run['p50_us']:8.0f} {run['p99_us']:8.0f}")
    return lines


SECTIONS = {"get": get_lines, "post": post_lines, "durable": durable.lines, "in_flight": in_flight_lines,
            "recovery": durable.recovery_lines, "store": store_lines}


def render(result):
    lines = machine_lines(result["machine"])
    for name, section in SECTIONS.items():
        if name in result:
            lines += section(result[name])
    return "\n".join(lines)
