"""Writes the files of vegeta, wrk2 and k6 in this folder: see README.md.

A queue is simulated (a number of servers, exponential service on top of a least time) and its requests are
written down in the tools' formats. python3 generate.py
"""

import base64
import datetime
import heapq
import json
import random

UTC = datetime.timezone.utc
BEGIN = datetime.datetime(2026, 3, 2, 9, 30, 0, 250_113, UTC)


def open_loop(rate, seconds, servers, least, mean, fail, seed):
    """(start, latency, failed) of requests sent by the clock, in nanoseconds."""
    rng = random.Random(seed)
    free = [0.0] * servers
    hits = []
    for k in range(int(rate * seconds)):
        start = k / rate
        begin = max(start, heapq.heappop(free))
        end = begin + least + rng.expovariate(1 / mean)
        heapq.heappush(free, end)
        hits.append((round(start * 1e9), round((end - start) * 1e9), rng.random() < fail))
    return hits


def stamp(ns):
    """RFC 3339 with nanoseconds, as Go writes it."""
    whole = BEGIN.replace(microsecond=0) + datetime.timedelta(seconds=(250_113_000 + ns) // 10**9)
    fraction = f"{(250_113_000 + ns) % 10**9:09d}".rstrip("0")
    return whole.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"


def unix(ns):
    return int(BEGIN.replace(microsecond=0).timestamp()) * 10**9 + 250_113_000 + ns


def rank(sorted_values, q):
    return sorted_values[max(1, -(-round(q * 1e6) * len(sorted_values) // 10**6)) - 1]


def vegeta_report(hits, later=0):
    """What vegeta reports of an attack that began `later` seconds after the first."""
    latencies = sorted(latency for _, latency, _ in hits)
    n, good = len(hits), sum(not failed for _, _, failed in hits)
    earliest, latest = hits[0][0], hits[-1][0]
    end = max(start + latency for start, latency, _ in hits)
    codes = {"200": good, "503": n - good} if good < n else {"200": n}
    return {
        "latencies": {
            "total": sum(latencies), "mean": sum(latencies) // n, "50th": rank(latencies, 0.5),
            "90th": rank(latencies, 0.9), "95th": rank(latencies, 0.95), "99th": rank(latencies, 0.99),
            "max": latencies[-1], "min": latencies[0],
        },
        "bytes_in": {"total": 2 * n, "mean": 2}, "bytes_out": {"total": 0, "mean": 0},
        "earliest": stamp(earliest + later * 10**9), "latest": stamp(latest + later * 10**9),
        "end": stamp(end + later * 10**9),
        "duration": latest - earliest, "wait": end - latest, "requests": n,
        "rate": n / ((latest - earliest) / 1e9), "throughput": good / ((end - earliest) / 1e9),
        "success": good / n, "status_codes": codes,
        "errors": ["503 Service Unavailable"] if good < n else [],
    }


def go_duration(ns):
    """Rounded as vegeta rounds, and printed as Go prints."""
    for unit, step in ((10**9, 10**6), (10**6, 10**3)):
        if ns >= unit:
            ns = (ns + step // 2) // step * step
            name = "s" if unit == 10**9 else "ms"
            return f"{ns / unit:.6f}".rstrip("0").rstrip(".") + name
    return f"{ns / 1000:.3f}".rstrip("0").rstrip(".") + "µs"


def vegeta_text(report):
    latency = report["latencies"]
    order = ("min", "mean", "50th", "90th", "95th", "99th", "max")
    codes = "  ".join(f"{code}:{count}" for code, count in report["status_codes"].items())
    lines = [
        f"Requests      [total, rate, throughput]         {report['requests']}, {report['rate']:.2f}, {report['throughput']:.2f}",
        "Duration      [total, attack, wait]             "
        + ", ".join(go_duration(ns) for ns in (report["duration"] + report["wait"], report["duration"], report["wait"])),
        "Latencies     [min, mean, 50, 90, 95, 99, max]  " + ", ".join(go_duration(latency[name]) for name in order),
        f"Bytes In      [total, mean]                     {report['bytes_in']['total']}, {report['bytes_in']['mean']:.2f}",
        "Bytes Out     [total, mean]                     0, 0.00",
        f"Success       [ratio]                           {report['success'] * 100:.2f}%",
        f"Status Codes  [code:count]                      {codes}  ",
        "Error Set:", *report["errors"],
    ]
    return "\n".join(lines) + "\n"


def vegeta():
    for rate in (50, 100, 150, 180, 220):
        hits = open_loop(rate, 30, 5, 0.010, 0.015, 0.0 if rate < 180 else 0.02, rate)
        with open(f"vegeta-report-{rate}.json", "w") as out:
            out.write(json.dumps(vegeta_report(hits, rate), separators=(",", ":")) + "\n")
    hits = open_loop(40, 8, 2, 0.010, 0.020, 0.015, 8)
    report = vegeta_report(hits)
    with open("vegeta-encode-report.json", "w") as out:
        out.write(json.dumps(report, separators=(",", ":")) + "\n")
    with open("vegeta-encode-report.txt", "w") as out:
        out.write(vegeta_text(report))
    headers = base64.b64encode(b"Content-Length: 2\r\nContent-Type: text/plain\r\n").decode()
    # Results are written as answers come back, not as requests go out.
    order = sorted(range(len(hits)), key=lambda k: hits[k][0] + hits[k][1])
    with open("vegeta-encode.csv", "w") as out, open("vegeta-dump.csv", "w") as dump:
        for at, k in enumerate(order):
            start, latency, failed = hits[k]
            code, error = (503, "503 Service Unavailable") if failed else (200, "")
            out.write(f"{unix(start)},{code},{latency},0,2,{error},b2s=,quotes,{k},GET,http://127.0.0.1:8080/,{headers}\n")
            if at < 200:
                dump.write(f'{unix(start)},{code},{latency},0,2,"{error}"\n')
    with open("vegeta-encode.json", "w") as out:
        for k in order[:40]:
            start, latency, failed = hits[k]
            code, error = (503, "503 Service Unavailable") if failed else (200, "")
            out.write(json.dumps({
                "attack": "quotes", "seq": k, "code": code, "timestamp": stamp(start), "latency": latency,
                "bytes_out": 0, "bytes_in": 2, "error": error, "body": "b2s=", "method": "GET",
                "url": "http://127.0.0.1:8080/", "headers": {"Content-Type": ["text/plain"]},
            }, separators=(",", ":")) + "\n")


SPECTRUM = [0, .1, .2, .3, .4, .5, .55, .6, .65, .7, .75, .775, .8, .825, .85, .875, .8875, .9, .9125, .925, .9375,
            .94375, .95, .95625, .9625, .96875, .975, .98125, .984375, .9875, .990625, .99375, .996875, .998437,
            .999219, 1.0]


def wrk_time(us):
    for unit, name in ((60_000_000, "m"), (1_000_000, "s"), (1_000, "ms")):
        if us >= unit:
            return f"{us / unit:.2f}{name}"
    return f"{us:.2f}us"


def wrk2_run(rate, seconds):
    hits = open_loop(rate, seconds, 4, 0.003, 0.005, 0.0, rate)
    done = [hit for hit in hits if hit[0] + hit[1] <= seconds * 10**9]
    recorded = sorted(latency / 1000 for start, latency, _ in done if start + latency > 10 * 10**9)
    mean = sum(recorded) / len(recorded)
    deviation = (sum((us - mean) ** 2 for us in recorded) / len(recorded)) ** 0.5
    lines = [
        f"$ wrk -t2 -c16 -d{seconds}s -R{rate} --latency http://127.0.0.1:8080/quote",
        f"Running {seconds}s test @ http://127.0.0.1:8080/quote",
        "  2 threads and 16 connections",
        f"  Thread calibration: mean lat.: {mean / 1000:.3f}ms, rate sampling interval: 22ms",
        f"  Thread calibration: mean lat.: {mean / 1010:.3f}ms, rate sampling interval: 21ms",
        "  Thread Stats   Avg      Stdev     Max   +/- Stdev",
        f"    Latency   {wrk_time(mean):>8}  {wrk_time(deviation):>8} {wrk_time(recorded[-1]):>8}   68.46%",
        f"    Req/Sec   {rate / 2:6.2f}     12.10   150.00     72.79%",
        "  Latency Distribution (HdrHistogram - Recorded Latency)",
    ]
    for q in (.5, .75, .9, .99, .999, .9999, .99999, 1.0):
        lines.append(f"{q * 100:7.3f}%  {wrk_time(rank(recorded, q)):>8}")
    lines += ["", "  Detailed Percentile spectrum:", "       Value   Percentile   TotalCount 1/(1-Percentile)", ""]
    for q in SPECTRUM:
        beyond = f"{1 / (1 - q):12.2f}" if q < 1 else "         inf"
        value = rank(recorded, q)
        count = sum(us <= value for us in recorded)
        lines.append(f"{value / 1000:12.3f} {q:12.6f} {count:12d} {beyond}")
    lines += [
        f"#[Mean    = {mean / 1000:12.3f}, StdDeviation   = {deviation / 1000:12.3f}]",
        f"#[Max     = {recorded[-1] / 1000:12.3f}, Total count    = {len(recorded):12d}]",
        "#[Buckets =           27, SubBuckets     =         2048]",
        "----------------------------------------------------------",
        f"  {len(done)} requests in {seconds}.00s, {len(done) * 120 / 1024 / 1024:.2f}MB read",
        f"Requests/sec: {len(done) / seconds:9.2f}", f"Transfer/sec: {len(done) * 120 / 1024 / seconds:9.2f}KB",
    ]
    return "\n".join(lines) + "\n"


def k6():
    """Constant arrival rate: 2 iterations a second of one request, one of them dropped, one answer a 500."""
    url = "http://127.0.0.1:8080/quote"
    lines, seen = [], set()
    kinds = {"http_reqs": ("counter", "default"), "checks": ("rate", "default"), "http_req_failed": ("rate", "default"),
             "data_sent": ("counter", "data"), "data_received": ("counter", "data"), "iterations": ("counter", "default"),
             "vus": ("gauge", "default"), "vus_max": ("gauge", "default"), "dropped_iterations": ("counter", "default")}

    def point(metric, time, value, tags):
        if metric not in seen:
            seen.add(metric)
            kind, contains = kinds.get(metric, ("trend", "time"))
            submetrics = None
            if metric == "http_req_duration":
                submetrics = [{"name": "http_req_duration{expected_response:true}", "suffix": "expected_response:true",
                               "tags": {"expected_response": "true"}}]
            data = {"name": metric, "type": kind, "contains": contains, "thresholds": [], "submetrics": submetrics}
            lines.append(json.dumps({"type": "Metric", "data": data, "metric": metric}, separators=(",", ":")))
        data = {"time": stamp(time), "value": value, "tags": tags}
        lines.append(json.dumps({"metric": metric, "type": "Point", "data": data}, separators=(",", ":")))

    hits = open_loop(2, 8, 2, 0.080, 0.060, 0.0, 3)
    for k, (start, latency, _) in enumerate(hits):
        failed, end, ms = k == 11, start + latency, latency / 1e6
        tags = {"expected_response": str(not failed).lower(), "group": "", "method": "GET", "name": url,
                "proto": "HTTP/1.1", "scenario": "quotes", "status": "500" if failed else "200", "url": url}
        point("http_reqs", end, 1, tags)
        point("http_req_duration", end, ms, tags)
        for part, share in (("blocked", 0), ("connecting", 0), ("tls_handshaking", 0), ("sending", .001),
                            ("waiting", .998), ("receiving", .001)):
            point(f"http_req_{part}", end, round(ms * share, 6), tags)
        point("http_req_failed", end, int(failed), tags)
        plain = {"group": "", "scenario": "quotes"}
        point("checks", end + 90_000, int(not failed), {"check": "status is 200", **plain})
        point("data_sent", end + 120_000, 86, plain)
        point("data_received", end + 120_000, 181, plain)
        point("iteration_duration", end + 120_000, ms + 0.2, plain)
        point("iterations", end + 120_000, 1, plain)
        if k % 2 == 1:
            point("vus", start + 400_000_000, 3, {})
            point("vus_max", start + 400_000_000, 3, {})
        if k == 13:
            point("dropped_iterations", start + 10_000, 1, {"scenario": "quotes"})
    with open("k6.json", "w") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    vegeta()
    with open("wrk2.txt", "w") as out:
        out.write("".join(wrk2_run(rate, 30) for rate in (100, 300, 480)))
    k6()
