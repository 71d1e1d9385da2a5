//! How long a question takes, and what it costs: shared by the benchmarks.

use std::time::{Duration, Instant};

/// Requests per question, and the fewest of one that takes long.
const TIMES: usize = 40;
const LEAST: usize = 7;
/// How long one question is asked when it was asked often enough.
const LONGEST: Duration = Duration::from_secs(20);

/// Asks many times, one after another, and prints a row: median and 95th percentile, and CPU for each. Gives the median in
/// milliseconds.
pub(crate) async fn ask(what: &str, mut question: impl AsyncFnMut()) -> f64 {
    question().await;
    let mut times: Vec<Duration> = Vec::with_capacity(TIMES);
    let (cpu, first) = (cpu_seconds(), Instant::now());
    while times.len() < TIMES && (times.len() < LEAST || first.elapsed() < LONGEST) {
        let begin = Instant::now();
        question().await;
        times.push(begin.elapsed());
    }
    let cpu = (cpu_seconds() - cpu) / times.len() as f64 * 1e3;
    times.sort_unstable();
    let ms = |at: usize| times[at * (times.len() - 1) / 100].as_secs_f64() * 1e3;
    println!("| {what} | {:.1} | {:.1} | {cpu:.0} |", ms(50), ms(95));
    ms(50)
}

/// Runs a benchmark at each size that the command line names in millions, at ten millions where it names none.
#[allow(dead_code, reason = "not every benchmark has one size")]
pub(crate) fn at_sizes(run: impl AsyncFn(u64)) {
    let mut millions: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    if millions.is_empty() {
        millions.push(10);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for size in millions {
        runtime.block_on(run(size * 1_000_000));
    }
}

/// CPU seconds of this process, its children, and the server that is told.
pub(crate) fn cpu_seconds() -> f64 {
    let own = std::process::id();
    let server = std::env::var("HEADROOM_BENCH_PID").ok().and_then(|pid| pid.parse().ok());
    let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
    let all_children: Vec<u32> = std::fs::read_dir(format!("/proc/{own}/task"))
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
        .chain([children])
        .flat_map(|pids| pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect();
    let mut processes: Vec<u32> = all_children.into_iter().chain([own]).chain(server).collect();
    processes.sort_unstable();
    processes.dedup();
    processes.into_iter().map(ticks).sum::<f64>() / 100.0
}

/// Of user and system, as `/proc` counts them: a hundred a second.
fn ticks(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
}
