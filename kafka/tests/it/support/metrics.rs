//! What the page `/metrics` of this process says.

use std::sync::LazyLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static RECORDER: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().unwrap());

/// Begins to keep metrics. Sources that are started before are not seen.
pub(crate) fn keep() {
    LazyLock::force(&RECORDER);
}

/// The page.
pub(crate) fn page() -> String {
    RECORDER.render()
}

/// The sum of a metric's values whose labels hold all of `labels`, for example `topic="a"`;
/// `None` when there is none.
pub(crate) fn value(name: &str, labels: &[&str]) -> Option<f64> {
    let page = page();
    let lines = page.lines().filter(|line| {
        let end = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        end && labels.iter().all(|label| line.contains(label))
    });
    let values: Vec<f64> = lines.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    (!values.is_empty()).then(|| values.iter().sum())
}
