//! What one evaluation costs: a hundred objectives with 10,000 slices each, then twice, four and eight times as many
//! of either.
//!
//! ```sh
//! cargo bench -p headroom-slo --bench tick
//! ```
//!
//! A tick is what the evaluator does for each objective once its slices have come from the store: order them, sum them
//! up, assess budget and seven burn rates, read every rule's two windows, and step both alerts. Of ten objectives
//! six count requests, two time slices of a minute and one of five minutes, and one only counts while New York trades.
//! CPU seconds are those of the process's one thread, the mean of as many ticks as fit into two seconds.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use headroom_slo::machine::{Track, step};
use headroom_slo::{Reading, Series, Slice, SloSet, Timeline, assess};

/// A Friday in New York: 2026-06-05 at 18:00 UTC.
const END: i64 = 1_780_682_400;

fn main() {
    println!("objectives  slices each   slices in all   CPU-ms a tick   ns a slice");
    for (slos, slices) in [
        (100, 10_000),
        (200, 10_000),
        (400, 10_000),
        (800, 10_000),
        (100, 20_000),
        (100, 40_000),
        (100, 80_000),
    ] {
        let seconds = measured(slos, slices);
        let all = slos * slices;
        println!(
            "{slos:>10}  {slices:>11}  {all:>14}  {:>14.1}  {:>11.1}",
            seconds * 1e3,
            seconds * 1e9 / all as f64
        );
    }
}

fn measured(slos: usize, slices: usize) -> f64 {
    let text: String = (0..slos).map(document).collect();
    let set = SloSet::parse([("bench.yaml", text.as_str())]).unwrap();
    let stored: Vec<Vec<Slice>> = (0..slos).map(|slo| made_up(slo as i64, slices as i64)).collect();
    let begin = (Instant::now(), cpu_seconds());
    let mut ticks = 0;
    while begin.0.elapsed() < Duration::from_secs(2) {
        // The store's rows are new in each tick; to copy them is part of what is measured.
        let firing: usize =
            set.slos.iter().zip(&stored).map(|(slo, slices)| evaluated(slo, slices.clone())).sum();
        black_box(firing);
        ticks += 1;
    }
    (cpu_seconds() - begin.1) / f64::from(ticks)
}

/// One objective's part of a tick: how many of its alerts change.
fn evaluated(slo: &headroom_slo::Slo, slices: Vec<Slice>) -> usize {
    let line = Timeline::new(slo, &Series::new(slices));
    black_box(assess(slo, &line, DateTime::from_timestamp(END + 60, 0).unwrap()));
    let readings: Vec<Reading> =
        line.rules(slo.target).into_iter().map(|rule| Reading::new(slo, &line, rule, 1e-3)).collect();
    let changes = |track: &Track| {
        let own: Vec<Reading> =
            readings.iter().copied().filter(|reading| Track::of(reading.rule.severity) == *track).collect();
        !matches!(step(None, &own, END), headroom_slo::machine::Step::Stay)
    };
    [Track::Page, Track::Ticket].iter().filter(|track| changes(track)).count()
}

fn document(n: usize) -> String {
    let (method, objective) = match n % 10 {
        6 | 7 => ("Timeslices", "{target: 0.999, timeSliceTarget: 0.95, timeSliceWindow: 1m}"),
        8 => ("RatioTimeslices", "{target: 0.999, timeSliceWindow: 5m}"),
        _ => ("Occurrences", "{target: 0.999}"),
    };
    let session = if n % 10 == 9 { "headroom.io/session: XNYS" } else { "" };
    format!(
        "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: slo-{n}, annotations: {{{session}}}}}\nspec:\n  service: order\n  \
         indicator: {{spec: {{ratioMetric: {{good: {{metricSource: {{type: headroom, spec: {{status: not_error}}}}}}, \
         total: {{metricSource: {{type: headroom, spec: {{}}}}}}}}}}}}\n  timeWindow: [{{duration: 30d, isRolling: true}}]\n  \
         budgetingMethod: {method}\n  objectives: [{objective}]\n"
    )
}

/// Minutes with about a thousand requests each, of which now and then one fails.
fn made_up(slo: i64, slices: i64) -> Vec<Slice> {
    (0..slices)
        .map(|n| {
            let total = 900 + ((n * 7_919 + slo * 104_729) % 200) as u64;
            let good = total - u64::from(n % 3 == 0);
            Slice { start: END - (slices - n) * 60, seconds: 60, good, total, observed: 1.0 }
        })
        .collect()
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [fields[11], fields[12]].into_iter().map(|n| n.parse::<u64>().unwrap()).sum();
    ticks as f64 / 100.0
}
