//! What changed between two tests, and whether it is more than noise.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rank::mann_whitney;
use super::{LoadTest, Model, Stretch, Window};

/// Levels of load that differ by no more than this are the same.
const SAME_LEVEL: f64 = 0.1;
/// A difference is real when chance alone makes one so great this seldom.
const SIGNIFICANT: f64 = 0.01;
/// A smaller difference is no change even when it is real: twice the percentiles' own error, and half as much.
const MATTERS: f64 = 0.03;
/// The same for the share of errors, in shares: one request in a thousand.
const ERRORS_MATTER: f64 = 0.001;

/// What a level's verdicts rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparability {
    /// The windows of both tests, by a [rank test](mann_whitney).
    RankTest,
    /// Figures of the whole level only: how much they vary is not known, so nothing is called a change.
    SummaryOnly,
}

/// What a difference means for the service under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// More throughput, less latency or fewer errors.
    Better,
    /// Less throughput, more latency or more errors.
    Worse,
    /// None that is real and large enough to matter.
    Same,
    /// Not to be told from noise: only the summary was compared.
    NotTested,
}

/// A figure in both tests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = LoadTestChange)]
pub struct Change {
    /// In the first.
    pub a: f64,
    /// In the second.
    pub b: f64,
    /// `b/a - 1`; `None` where `a` is 0.
    pub relative: Option<f64>,
    /// The rank test's, over the windows.
    pub p_value: Option<f64>,
    /// What it means.
    pub verdict: ChangeVerdict,
}

/// One level of load in both tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LevelComparison {
    /// The level in the first test.
    pub load_a: f64,
    /// The level in the second, within 10 % of it.
    pub load_b: f64,
    /// What the verdicts rest on.
    pub basis: Comparability,
    /// Successes per second.
    pub throughput: Change,
    /// The median latency in milliseconds.
    pub p50_ms: Option<Change>,
    /// The 95th percentile in milliseconds.
    pub p95_ms: Option<Change>,
    /// The 99th percentile in milliseconds.
    pub p99_ms: Option<Change>,
    /// The share of requests that failed.
    pub error_share: Option<Change>,
    /// All of it in words.
    pub verdict: String,
}

/// Two tests side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The first test's name.
    pub a: String,
    /// The second's.
    pub b: String,
    /// What the levels are: requests per second of two open tests, else requests or users at the same time.
    pub level: String,
    /// The levels that both tests have, in order.
    pub levels: Vec<LevelComparison>,
    /// Levels that only the first has.
    pub only_in_a: Vec<f64>,
    /// Levels that only the second has.
    pub only_in_b: Vec<f64>,
    /// The upshot in one sentence.
    pub verdict: String,
    /// What must be known beside it.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Whether the second test is worse at any level both have, in a way that is no chance.
    pub fn worse(&self) -> bool {
        let worse = |change: &Change| change.verdict == ChangeVerdict::Worse;
        self.levels.iter().any(|level| {
            let others = [&level.p50_ms, &level.p95_ms, &level.p99_ms, &level.error_share];
            worse(&level.throughput) || others.into_iter().flatten().any(worse)
        })
    }
}

/// Compares `b` with `a`, level by level. Levels within 10 % of each other are matched, the nearest first.
///
/// Where both tests have windows, a difference counts when a [rank test](mann_whitney) over them gives less
/// than 1 % to chance and it is at least 3 % (of errors, one request in a thousand). Windows that follow each
/// other are not quite independent, so the chance is somewhat greater than it says.
pub fn compare(a: &LoadTest, b: &LoadTest) -> Comparison {
    let open = |test: &LoadTest| test.model.model == Model::Open;
    let by_rate = open(a) && open(b);
    let (pairs, only_in_a, only_in_b) = matched(&levels(a, by_rate), &levels(b, by_rate));
    let levels: Vec<LevelComparison> = pairs.into_iter().map(|(a, b)| level(a, b)).collect();
    let mut notes = Vec::new();
    if open(a) != open(b) {
        notes.push("Not both tests are open: their high percentiles do not mean the same.".to_owned());
    }
    if a.tool != b.tool {
        notes.push("The tests are of different tools, which measure latency differently.".to_owned());
    }
    if levels.iter().any(|level| level.basis == Comparability::SummaryOnly) {
        notes.push(
            "Where a test has no windows only the summary was compared: noise cannot be told from change."
                .to_owned(),
        );
    }
    Comparison {
        a: a.name.clone(),
        b: b.name.clone(),
        level: if by_rate { "requests per second" } else { "requests or users at the same time" }.to_owned(),
        verdict: upshot(&levels),
        levels,
        only_in_a,
        only_in_b,
        notes,
    }
}

type Level<'a> = (f64, &'a Stretch);

fn levels(test: &LoadTest, by_rate: bool) -> Vec<Level<'_>> {
    let mut levels: Vec<Level<'_>> = test
        .steps
        .iter()
        .filter_map(|step| {
            let load = if by_rate { step.offered_rate.unwrap_or(step.rate) } else { step.concurrency? };
            (load > 0.0).then_some((load, step))
        })
        .collect();
    levels.sort_by(|x, y| x.0.total_cmp(&y.0));
    levels
}

type Pair<'a> = (Level<'a>, Level<'a>);

fn matched<'a>(a: &[Level<'a>], b: &[Level<'a>]) -> (Vec<Pair<'a>>, Vec<f64>, Vec<f64>) {
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for (i, (x, _)) in a.iter().enumerate() {
        for (j, (y, _)) in b.iter().enumerate() {
            let apart = (x - y).abs() / x.max(*y);
            if apart <= SAME_LEVEL {
                near.push((apart, i, j));
            }
        }
    }
    near.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (mut of_a, mut of_b) = (vec![None; a.len()], vec![false; b.len()]);
    for (_, i, j) in near {
        if of_a[i].is_none() && !of_b[j] {
            of_a[i] = Some(j);
            of_b[j] = true;
        }
    }
    let pairs = of_a.iter().enumerate().filter_map(|(i, j)| Some((a[i], b[(*j)?]))).collect();
    let only_in_a = of_a.iter().zip(a).filter(|(j, _)| j.is_none()).map(|(_, level)| level.0).collect();
    let only_in_b = of_b.iter().zip(b).filter(|(used, _)| !**used).map(|(_, level)| level.0).collect();
    (pairs, only_in_a, only_in_b)
}

/// How a figure is judged.
#[derive(Clone, Copy)]
struct Judge {
    more_is_better: bool,
    /// The least difference that matters, relative, or absolute for shares.
    least: f64,
    absolute: bool,
}

impl Judge {
    fn change(self, a: f64, b: f64, windows_a: &[f64], windows_b: &[f64]) -> Change {
        let relative = (a > 0.0).then(|| b / a - 1.0);
        let p_value = mann_whitney(windows_a, windows_b).map(|test| test.p_value);
        let matters =
            if self.absolute { (b - a).abs() >= self.least } else { (b - a).abs() >= self.least * a };
        let verdict = match p_value {
            None => ChangeVerdict::NotTested,
            Some(p) if p >= SIGNIFICANT || !matters || a == b => ChangeVerdict::Same,
            Some(_) if (b > a) == self.more_is_better => ChangeVerdict::Better,
            Some(_) => ChangeVerdict::Worse,
        };
        Change { a, b, relative, p_value, verdict }
    }
}

fn level((load_a, a): Level<'_>, (load_b, b): Level<'_>) -> LevelComparison {
    let judge = |more_is_better, least, absolute| Judge { more_is_better, least, absolute };
    let of = |step: &Stretch, figure: fn(&Window) -> Option<f64>| -> Vec<f64> {
        step.windows.iter().filter_map(figure).collect()
    };
    let both = |x: Option<f64>, y: Option<f64>, judge: Judge, figure: fn(&Window) -> Option<f64>| {
        Some(judge.change(x?, y?, &of(a, figure), &of(b, figure)))
    };
    let slower = judge(false, MATTERS, false);
    let throughput = judge(true, MATTERS, false).change(
        a.throughput,
        b.throughput,
        &of(a, |window| Some(window.throughput)),
        &of(b, |window| Some(window.throughput)),
    );
    let (x, y) = (&a.latency, &b.latency);
    let mut level = LevelComparison {
        load_a,
        load_b,
        basis: match throughput.verdict {
            ChangeVerdict::NotTested => Comparability::SummaryOnly,
            _ => Comparability::RankTest,
        },
        throughput,
        p50_ms: both(x.p50_ms, y.p50_ms, slower, |window| window.p50_ms),
        p95_ms: both(x.p95_ms, y.p95_ms, slower, |window| window.p95_ms),
        p99_ms: both(x.p99_ms, y.p99_ms, slower, |window| window.p99_ms),
        error_share: both(a.error_share(), b.error_share(), judge(false, ERRORS_MATTER, true), |window| {
            window.error_share
        }),
        verdict: String::new(),
    };
    level.verdict = level.words();
    level
}

impl LevelComparison {
    fn changes(&self) -> Vec<(&'static str, Change)> {
        let named = [
            ("throughput", Some(self.throughput)),
            ("p50", self.p50_ms),
            ("p95", self.p95_ms),
            ("p99", self.p99_ms),
            ("errors", self.error_share),
        ];
        named.into_iter().filter_map(|(name, change)| Some((name, change?))).collect()
    }

    fn has(&self, verdict: ChangeVerdict) -> bool {
        self.changes().iter().any(|(_, change)| change.verdict == verdict)
    }

    fn words(&self) -> String {
        let told = |(name, change): &(&str, Change)| match (*name, change.relative) {
            ("errors", _) => format!("errors {:.2} % instead of {:.2} %", change.b * 100.0, change.a * 100.0),
            (_, Some(relative)) if relative.abs() < 0.000_5 => format!("{name} the same"),
            (_, Some(relative)) => {
                let way = if relative < 0.0 { "lower" } else { "higher" };
                format!("{name} {:.1} % {way}", relative.abs() * 100.0)
            }
            (_, None) => format!("{name} {:.1} instead of {:.1}", change.b, change.a),
        };
        let of = |verdict| self.changes().into_iter().filter(move |(_, change)| change.verdict == verdict);
        let list = |verdict| of(verdict).map(|change| told(&change)).collect::<Vec<_>>().join(", ");
        if self.basis == Comparability::SummaryOnly {
            return format!("only the summary was compared: {}", list(ChangeVerdict::NotTested));
        }
        match (list(ChangeVerdict::Better), list(ChangeVerdict::Worse)) {
            (better, worse) if better.is_empty() && worse.is_empty() => {
                "no difference beyond noise".to_owned()
            }
            (better, worse) if worse.is_empty() => format!("better: {better}"),
            (better, worse) if better.is_empty() => format!("worse: {worse}"),
            (better, worse) => format!("better: {better}; worse: {worse}"),
        }
    }
}

fn upshot(levels: &[LevelComparison]) -> String {
    if levels.is_empty() {
        return "The tests have no level of load in common (within 10 %).".to_owned();
    }
    let tested: Vec<_> = levels.iter().filter(|level| level.basis == Comparability::RankTest).collect();
    if tested.is_empty() {
        return format!(
            "{} compared by their summaries only: whether they differ beyond noise is not known.",
            many(levels.len())
        );
    }
    let better = tested.iter().filter(|level| level.has(ChangeVerdict::Better)).count();
    let worse = tested.iter().filter(|level| level.has(ChangeVerdict::Worse)).count();
    let of = if tested.len() == 1 { "the one level".to_owned() } else { format!("{} levels", tested.len()) };
    match (better, worse) {
        (0, 0) => format!("No difference beyond noise at {of} in common."),
        (better, 0) => format!("The second is better at {better} of {of} in common and worse at none."),
        (0, worse) => format!("The second is worse at {worse} of {of} in common and better at none."),
        (better, worse) => {
            format!(
                "The second is better in something at {better} and worse in something at {worse} of {of} in common."
            )
        }
    }
}

fn many(levels: usize) -> String {
    if levels == 1 { "1 level".to_owned() } else { format!("{levels} levels") }
}
