//! The files in `tests/data/load_test`; its README says which tool wrote them.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;

use crate::load_test::*;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/load_test").join(name)
}

fn test(name: &str) -> LoadTest {
    import(BufReader::new(File::open(path(name)).unwrap()), name, None).unwrap()
}

fn text(written: &str) -> Result<LoadTest, String> {
    import(written.as_bytes(), "f", None).map_err(|error| error.to_string())
}

fn close(read: Option<f64>, truth: Option<f64>, relative: f64) {
    let (read, truth) = (read.unwrap(), truth.unwrap());
    assert!((read - truth).abs() <= truth * relative, "{read} for {truth}");
}

#[test]
fn wrk_at_seven_connections_is_a_curve() {
    let steps = test("wrk-steps.txt");
    insta::assert_snapshot!(steps.text(), @r"
    wrk load test http://127.0.0.1:18080/work (wrk-text), 35.0 s
    Closed model: each connection of wrk sends its next request when the last one is answered.

              load           of  asked/s  sent/s  ok/s  failed  p50 ms  p95 ms  p99 ms  max ms
      whole   18.1  connections        -     968   968  0.00 %       -       -       -    75.9
      step 1  1.00  connections        -     169   169  0.00 %    5.18       -    17.4    23.9
      step 2  2.00  connections        -     342   342  0.00 %    5.26       -    17.1    28.9
      step 3  4.00  connections        -     689   689  0.00 %    5.18       -    17.0    29.2
      step 4  8.00  connections        -    1401  1401  0.00 %    4.80       -    16.9    31.0
      step 5  16.0  connections        -    1387  1387  0.00 %    10.8       -    22.7    38.4
      step 6  32.0  connections        -    1390  1390  0.00 %    22.4       -    34.7    45.8
      step 7  64.0  connections        -    1400  1400  0.00 %    45.2       -    57.6    75.9

    Notes:
    - 7 tests put together; their steps are in order of load.
    - Only the run's summary: one point, an average over the load if the run changed it.
    - Closed model: while the server is slow it is asked less (coordinated omission), so the high percentiles are too kind; do not set objectives by them.
    - Test 1, at 169.3/s: Only 848 requests: the 99th percentile rests on a few of them.
    ");
    let points: Vec<(f64, f64)> = steps.points().iter().map(|p| (p.load, p.throughput.round())).collect();
    insta::assert_debug_snapshot!(points, @r"
    [
        (
            1.0,
            169.0,
        ),
        (
            2.0,
            342.0,
        ),
        (
            4.0,
            689.0,
        ),
        (
            8.0,
            1401.0,
        ),
        (
            16.0,
            1387.0,
        ),
        (
            32.0,
            1390.0,
        ),
        (
            64.0,
            1400.0,
        ),
    ]
    ");
}

#[test]
fn wrk_tells_errors_and_late_answers() {
    let errors = test("wrk-errors.txt");
    assert_eq!((errors.total.requests, errors.total.errors), (5_483, 110));
    let late = test("wrk-timeouts.txt");
    assert_eq!((late.total.requests, late.total.errors, late.total.latency), (4, 4, Latency::default()));
}

#[test]
fn wrk2_is_open_and_its_rates_are_those_of_the_command_lines() {
    let runs = test("wrk2.txt");
    assert_eq!((runs.tool, runs.model.model), (Tool::Wrk2, Model::Open));
    let asked: Vec<Option<f64>> = runs.steps.iter().map(|step| step.offered_rate).collect();
    assert_eq!(asked, [Some(100.0), Some(300.0), Some(480.0)]);
    assert!(runs.steps.iter().all(|step| step.latency.p95_ms.is_some() && step.latency.p999_ms.is_some()));
}

/// The example of wrk2's own README, in its shape: a longer spectrum follows in the real thing.
#[test]
fn wrk2_without_a_command_line_can_be_told_its_rate() {
    let written = "Running 30s test @ http://127.0.0.1:80/index.html\n  2 threads and 100 connections\n  \
        Thread calibration: mean lat.: 10087 usec, rate sampling interval: 22 msec\n  \
        Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     6.60ms    1.92ms  12.50ms   68.46%\n    \
        Req/Sec     1.04k     1.08k    2.50k    72.79%\n  Latency Distribution (HdrHistogram - Recorded Latency)\n \
        50.000%    6.67ms\n 99.000%   11.18ms\n100.000%   12.50ms\n  60018 requests in 30.00s, 19.81MB read\n\
        Requests/sec:   2000.28\nTransfer/sec:    676.18KB\n";
    let run = text(written).unwrap();
    assert_eq!((run.total.requests, run.total.seconds), (60_018, 30.0));
    assert!(run.notes.contains(&"wrk2 does not print the rate it was asked for (-R).".to_owned()));
    let behind = run.asked(4_000.0);
    assert_eq!(behind.steps[0].offered_rate, Some(4_000.0));
    insta::assert_snapshot!(behind.notes.last().unwrap(), @"The generator did not keep up: asked for 4000.0/s, sent 2000.6/s. What it could not send is missing from the latencies.");
}

#[test]
fn wrk_of_minutes_lasted_as_long_as_its_rate_says() {
    let written = "Running 2m test @ http://h/\n  1 threads and 4 connections\n  Thread Stats   Avg      Stdev     Max   \
        +/- Stdev\n    Latency     1.02s   0.89ms  12.92s   93.69%\n    Req/Sec    56.20k     8.07k   62.00k    86.54%\n  \
        12060 requests in 2.01m, 17.76GB read\n  Socket errors: connect 0, read 3, write 0, timeout 5\n\
        Requests/sec:    100.08\nTransfer/sec:    606.33MB\n";
    let run = text(written).unwrap();
    close(Some(run.total.seconds), Some(120.504), 1e-5);
    assert_eq!((run.total.requests, run.total.errors), (12_063, 8));
    assert_eq!((run.total.latency.mean_ms, run.total.latency.max_ms), (Some(1_020.0), Some(12_920.0)));
}

#[test]
fn jmeter_threads_are_steps() {
    insta::assert_snapshot!(test("jmeter-steps.jtl").text(), @r"
    JMeter load test jmeter-steps.jtl (jmeter-csv), started 2026-11-26 03:14:27 UTC, 27.2 s
    Closed model: threads were busy 100 % of the time: each sends its next request when the last one is answered.

              load       of  asked/s  sent/s  ok/s  failed  p50 ms  p95 ms  p99 ms  max ms
      whole   2.86  threads        -    16.8  16.1  3.95 %     124     345     389     399
      step 1  1.00  threads        -    9.75  9.25  3.85 %    93.9     164       -     185
      step 2  2.00  threads        -    20.0  19.2  4.17 %    92.1     152     205     236
      step 3  6.00  threads        -    20.1  19.3  4.26 %     294     373     389     399

    117 of 456 requests lie in no step: the load changed.

    Notes:
    - Closed model: while the server is slow it is asked less (coordinated omission), so the high percentiles are too kind; do not set objectives by them.
    - 3.9 % of the requests failed: the throughput counts successes only.
    - Only 456 requests: the 99th percentile rests on a few of them.
    ");
}

#[test]
fn jmeter_logs_and_the_dashboard_agree() {
    let (log, dashboard) = (test("jmeter-steps.jtl"), test("jmeter-statistics.json"));
    assert_eq!((log.total.requests, log.total.errors), (dashboard.total.requests, dashboard.total.errors));
    close(Some(log.total.rate), Some(dashboard.total.rate), 1e-6);
    close(log.total.latency.mean_ms, dashboard.total.latency.mean_ms, 1e-9);
    assert_eq!(log.total.latency.max_ms, dashboard.total.latency.max_ms);
    close(log.total.latency.p95_ms, dashboard.total.latency.p95_ms, 0.02);
}

#[test]
fn jmeter_requests_are_counted_once_in_every_form() {
    let count = |name: &str| {
        let log = test(name);
        (log.total.requests, log.total.errors, log.notes.into_iter().take(2).collect::<Vec<_>>())
    };
    insta::assert_debug_snapshot!(count("jmeter-transactions.jtl"), @r#"
    (
        75,
        3,
        [
            "36 transactions are left out: their requests are counted.",
            "74 redirects and embedded resources are parts of the requests they belong to.",
        ],
    )
    "#);
    insta::assert_debug_snapshot!(count("jmeter-parents.jtl"), @r#"
    (
        24,
        1,
        [
            "12 transactions are left out: their requests are counted.",
            "23 redirects and embedded resources are parts of the requests they belong to.",
        ],
    )
    "#);
    insta::assert_debug_snapshot!(count("jmeter.xml"), @r#"
    (
        32,
        2,
        [
            "16 transactions are left out: their requests are counted.",
            "32 redirects and embedded resources are parts of the requests they belong to.",
        ],
    )
    "#);
    assert_eq!(test("jmeter-dates.jtl").total.requests, 81);
}

#[test]
fn jmeter_without_column_names_by_rate_is_open() {
    let log = test("jmeter-headerless.jtl");
    assert_eq!((log.model.model, log.steps.len()), (Model::Open, 2));
    close(Some(log.steps[0].rate), Some(5.0), 0.1);
    close(Some(log.steps[1].rate), Some(12.0), 0.1);
}

#[test]
fn jmeter_stopped_while_it_wrote_is_read_as_far_as_it_goes() {
    let whole = fs::read_to_string(path("jmeter.xml")).unwrap();
    let cut = text(&whole[..whole.len() / 2]).unwrap();
    assert!(cut.total.requests >= 10 && cut.total.requests < 32);
    assert!(cut.notes.iter().any(|note| note.starts_with("The file ends before </testResults>")));
    let whole = fs::read_to_string(path("jmeter-dates.jtl")).unwrap();
    let cut = text(&whole[..whole.len() - 40]).unwrap();
    assert_eq!(cut.total.requests, 80);
    assert!(cut.notes[0].starts_with("The last line, 82, is cut short"));
}

#[test]
fn vegeta_says_the_same_in_all_its_forms() {
    let report = test("vegeta-encode-report.json");
    let printed = test("vegeta-encode-report.txt");
    let results = test("vegeta-encode.csv");
    for other in [&printed, &results] {
        assert_eq!((other.total.requests, other.total.errors), (report.total.requests, report.total.errors));
        close(Some(other.total.rate), Some(report.total.rate), 1e-3);
        close(Some(other.total.throughput), Some(report.total.throughput), 1e-3);
        close(other.total.concurrency, report.total.concurrency, 1e-2);
        let figures = |latency: &Latency| {
            let Latency { mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, max_ms, .. } = *latency;
            [mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, max_ms]
        };
        for (read, truth) in figures(&other.total.latency).into_iter().zip(figures(&report.total.latency)) {
            close(read, truth, RELATIVE_ERROR);
        }
    }
    let (json, dump) = (test("vegeta-encode.json"), test("vegeta-dump.csv"));
    assert_eq!((json.total.requests, dump.total.requests), (40, 200));
    assert_eq!((json.name.as_str(), json.started), ("quotes", results.started));
}

#[test]
fn vegeta_at_five_rates_is_one_curve() {
    let reports = [220, 50, 180, 100, 150].map(|rate| test(&format!("vegeta-report-{rate}.json")));
    let requests: u64 = reports.iter().map(|report| report.total.requests).sum();
    let curve = merge(reports.to_vec()).unwrap();
    assert_eq!(curve.total.requests, requests);
    insta::assert_snapshot!(curve.text(), @r"
    vegeta load test vegeta-report-220.json and 4 more (vegeta-report), started 2026-03-02 09:30:50 UTC, 153.1 s
    Open model: vegeta sends by the clock, as long as it has workers left.

              load            of  asked/s  sent/s  ok/s  failed  p50 ms  p95 ms  p99 ms  max ms
      whole   62.0  Little's law        -     142   136  1.07 %       -       -       -    3092
      step 1  1.24  Little's law        -    50.0  50.0  0.00 %    20.2    56.6    81.2     134
      step 2  2.50  Little's law        -     100  99.9  0.00 %    20.6    54.2    82.2     144
      step 3  3.85  Little's law        -     150   150  0.00 %    20.9    55.7    80.1     145
      step 4  5.43  Little's law        -     180   176  1.80 %    26.1    62.6    86.7     155
      step 5   275  Little's law        -     220   196  1.94 %    1336    2801    3026    3092

    Notes:
    - 5 tests put together; their steps are in order of load.
    - Only the run's summary: one point, an average over the load if the run changed it.
    - The file does not say how many requests were under way: the concurrency is rate times mean latency (Little's law).
    - Test 1, at 220.0/s: 1.9 % of the requests failed: the throughput counts successes only.
    - Test 1, at 220.0/s: The server did not keep up: sent 220.0/s, answered 199.7/s. What was under way grew as long as that went on: its concurrency is no steady load.
    - Test 3, at 180.0/s: 1.8 % of the requests failed: the throughput counts successes only.
    ");
    // All of them written into one file are the same.
    let names = [50, 100, 150, 180, 220].map(|rate| format!("vegeta-report-{rate}.json"));
    let one: String = names.iter().map(|name| fs::read_to_string(path(name)).unwrap()).collect();
    assert_eq!(text(&one).unwrap().steps, curve.steps);
    // States of one run, as -every writes them, share the time of the first request: the last one counts.
    let last = fs::read_to_string(path(&names[4])).unwrap();
    assert_eq!(text(&format!("{last}{last}")).unwrap().total.requests, 6_600);
}

/// The example of vegeta's README, which an older version wrote.
#[test]
fn vegeta_of_older_versions_is_read() {
    let report = text(
        "{\"latencies\":{\"total\":237119463,\"mean\":2371194,\"50th\":2854306,\"95th\":3478629,\"99th\":3530000,\"max\":3660505},\
         \"bytes_in\":{\"total\":606700,\"mean\":6067},\"bytes_out\":{\"total\":0,\"mean\":0},\
         \"earliest\":\"2015-09-19T14:45:50.645818631+02:00\",\"latest\":\"2015-09-19T14:45:51.635818575+02:00\",\
         \"end\":\"2015-09-19T14:45:51.639325797+02:00\",\"duration\":989999944,\"wait\":3507222,\"requests\":100,\
         \"rate\":101.01010672380401,\"success\":1,\"status_codes\":{\"200\":100},\"errors\":[]}",
    )
    .unwrap();
    assert_eq!((report.total.requests, report.total.errors, report.total.latency.p90_ms), (100, 0, None));
    close(Some(report.total.throughput), Some(100.0 / 0.993_507_166), 1e-9);
    let printed = text(
        "Requests      [total, rate]             1200, 120.00\n\
         Duration      [total, attack, wait]     10.094965987s, 9.949883921s, 145.082066ms\n\
         Latencies     [mean, 50, 95, 99, max]   113.172398ms, 108.272568ms, 140.18235ms, 247.771566ms, 264.815246ms\n\
         Bytes In      [total, mean]             3714690, 3095.57\n\
         Success       [ratio]                   55.42%\n\
         Status Codes  [code:count]              0:535  200:665\nError Set:\n\
         Get http://localhost:6060: dial tcp 127.0.0.1:6060: connection refused\n",
    )
    .unwrap();
    assert_eq!((printed.total.requests, printed.total.errors), (1_200, 535));
    assert_eq!(printed.total.latency.p99_ms, Some(247.771_566));
}

#[test]
fn k6_points_are_requests_and_what_was_dropped_was_asked_for() {
    let points = test("k6.json");
    assert_eq!((points.total.requests, points.total.errors), (16, 1));
    insta::assert_snapshot!(points.model.why, @"k6 dropped iterations, which only its arrival-rate executors do");
    insta::assert_snapshot!(points.text(), @r"
    k6 load test k6.json (k6-points), started 2026-03-02 09:30:00 UTC, 7.7 s
    Open model: k6 dropped iterations, which only its arrival-rate executors do.

               load         of  asked/s  sent/s  ok/s  failed  p50 ms  p95 ms  p99 ms  max ms
      whole   0.320  under way     2.22    2.09  1.96  6.25 %     140       -       -     406
      step 1  0.305  under way     2.14    2.00  1.86  7.14 %     140       -       -     406

    2 of 16 requests lie in no step: the load changed.

    Notes:
    - 6.2 % of the requests failed: the throughput counts successes only.
    - The generator did not keep up: asked for 2.1/s, sent 2.0/s. What it could not send is missing from the latencies.
    - Only 16 requests: the 99th percentile rests on a few of them.
    ");
}

/// Lines in the shape of the example in k6's documentation ("JSON output"): an older version, without the tag
/// expected_response and with the fields in another order.
#[test]
fn k6_points_of_older_versions_are_read() {
    let lines = concat!(
        r#"{"type":"Metric","data":{"type":"gauge","contains":"default","tainted":null,"thresholds":[],"submetrics":null},"metric":"vus"}"#,
        "\r\n",
        r#"{"type":"Point","data":{"time":"2017-05-09T14:34:45.625742514+02:00","value":5,"tags":null},"metric":"vus"}"#,
        "\r\n",
        r#"{"type":"Point","data":{"time":"2017-05-09T14:34:45.239531499+02:00","value":459.865729,"tags":{"group":"::my group","method":"GET","status":"200","url":"https://test.example"}},"metric":"http_req_duration"}"#,
        "\r\n",
        r#"{"type":"Point","data":{"time":"2017-05-09T14:34:45.739531499+02:00","value":200,"tags":{"method":"GET","status":"0","url":"https://test.example"}},"metric":"http_req_duration"}"#,
    );
    let points = text(lines).unwrap();
    assert_eq!((points.total.requests, points.total.errors), (2, 1));
    close(Some(points.total.seconds), Some(0.959_865_729), 1e-6);
    assert_eq!(points.started.unwrap().to_rfc3339(), "2017-05-09T12:34:44.779665770+00:00");
}

#[test]
fn k6_summaries_of_all_three_forms_are_read() {
    let exported = test("k6-summary-export.json");
    assert_eq!(
        (exported.total.requests, exported.total.errors, exported.model.model),
        (6_000, 60, Model::Closed)
    );
    assert_eq!((exported.total.concurrency, exported.total.latency.p99_ms), (Some(10.0), None));
    let handled = test("k6-handle-summary.json");
    assert_eq!((handled.total.seconds, handled.total.latency.p999_ms), (60.5, Some(870.5)));
    insta::assert_snapshot!(handled.notes[1], @"The generator did not keep up: asked for 297.5/s, sent 236.5/s. What it could not send is missing from the latencies.");
    let machine = test("k6-machine-readable.json");
    assert_eq!(
        (machine.name.as_str(), machine.total.requests, machine.total.errors),
        ("quotes.js", 1_500, 30)
    );
}

#[test]
fn what_is_missing_is_named() {
    let error = |written: &str| text(written).unwrap_err();
    insta::assert_snapshot!(error("{\"latencies\":{},\"duration\":1}"), @"f: field requests is missing or not a number");
    insta::assert_snapshot!(error("{\"metrics\":{},\"root_group\":{}}"), @"f: neither state.testRunDurationMs nor config.duration nor the rate of http_reqs is given");
    insta::assert_snapshot!(error("timeStamp,elapsed,label\n"), @"f: no requests in it (no sample in the log); was the test stopped before its first answer");
    insta::assert_snapshot!(error("timeStamp,elapsed\n1795662867310,12\n1795662867311\n1795662867312,13\n"), @"f:3: 1 columns where there should be 2 (1 of 4 lines cannot be read, more than one in a thousand); check that the file is whole and nothing else was written into it");
    insta::assert_snapshot!(error("timeStamp,elapsed\n1795662867310,0\n1795662867310,0\n"), @"f: all requests lie at one instant, so there is no rate; is the time column right");
    insta::assert_snapshot!(error("Running 10s test @ http://h/\n  1 threads and 1 connections\n"), @"f: no line `… requests in …`: the run was stopped before its end; run it again");
    insta::assert_snapshot!(error("{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026-03-02T09:30:00Z\",\"value\":1,\"tags\":null}}"), @"f: no requests in it (no point of http_req_duration, grpc_req_duration or iteration_duration); was the test stopped before its first answer");
    insta::assert_snapshot!(import(&b"<testResults><sample ts=\"x\" t=\"1\"/></testResults>"[..], "f", None).unwrap_err(), @"f: byte 35: timeStamp `x` is not a time");
}
