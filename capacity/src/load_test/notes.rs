//! What a reader must know before trusting a test's figures.

use super::{ConcurrencyFrom, LoadTest, Model, Stretch};

/// Errors from this share on change what the throughput means.
const ERRORS: f64 = 0.01;
/// A generator that sends less than this share of what it was asked for has not kept up.
const KEPT_UP: f64 = 0.98;
/// A server that answers less than this share of what it is sent has not kept up.
const ANSWERED: f64 = 0.95;
/// With fewer requests a 99th percentile rests on less than ten of them.
const FEW: u64 = 1_000;

/// Adds the notes that hold for any tool.
pub(super) fn add(test: &mut LoadTest) {
    let mut notes = Vec::new();
    match test.model.model {
        Model::Closed => notes.push(
            "Closed model: while the server is slow it is asked less (coordinated omission), so the high \
             percentiles are too kind; do not set objectives by them."
                .to_owned(),
        ),
        Model::Unknown => {
            notes.push("Open or closed cannot be told: take the high percentiles for too kind.".to_owned());
        }
        Model::Open => {}
    }
    if let Some(share) = test.total.error_share().filter(|share| *share > ERRORS) {
        notes.push(format!(
            "{:.1} % of the requests failed: the throughput counts successes only.",
            share * 100.0
        ));
    }
    let fell_behind: Vec<String> = test.steps.iter().filter_map(kept_up).collect();
    match fell_behind.first() {
        Some(first) if fell_behind.len() == 1 => notes.push(first.clone()),
        Some(first) => notes.push(format!("In {} steps: {first}", fell_behind.len())),
        None => notes.extend(kept_up(&test.total)),
    }
    notes.extend(test.steps.iter().filter(|_| test.model.model == Model::Open).find_map(answered));
    if test.total.requests < FEW {
        notes.push(format!(
            "Only {} requests: the 99th percentile rests on a few of them.",
            test.total.requests
        ));
    }
    if test.total.concurrency_from == Some(ConcurrencyFrom::LittlesLaw) {
        notes.push(
            "The file does not say how many requests were under way: the concurrency is rate times mean latency \
             (Little's law)."
                .to_owned(),
        );
    }
    test.notes.extend(notes);
}

/// Whether the server answered what it was sent, failures too.
fn answered(step: &Stretch) -> Option<String> {
    let answered = step.throughput + step.errors as f64 / step.seconds;
    (answered < ANSWERED * step.rate && step.requests >= FEW).then(|| {
        format!(
            "The server did not keep up: sent {:.1}/s, answered {answered:.1}/s. What was under way grew as long as \
             that went on: its concurrency is no steady load.",
            step.rate
        )
    })
}

/// The note of a summary: one point, whatever the load did.
pub(super) const SUMMARY: &str =
    "Only the run's summary: one point, an average over the load if the run changed it.";

/// Whether the generator sent what it was asked for.
pub(super) fn kept_up(stretch: &Stretch) -> Option<String> {
    let offered = stretch.offered_rate.filter(|offered| stretch.rate < KEPT_UP * offered)?;
    Some(format!(
        "The generator did not keep up: asked for {offered:.1}/s, sent {:.1}/s. What it could not send is missing \
         from the latencies.",
        stretch.rate
    ))
}
