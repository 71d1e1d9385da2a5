//! Objectives in plain text, from the bodies of the HTTP API.

use headroom_query::slo::words::length;
use serde_json::Value;
use std::fmt::Write as _;

/// One objective as it stands.
pub(super) fn row(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let mut lines =
        format!("{}  {}\n  {}\n  {}\n", text("name"), text("service"), text("objective"), text("sentence"));
    if let (Some(status), Some(left)) = (row["status"].as_f64(), row["budget_remaining"].as_f64()) {
        let _ = writeln!(lines, "  kept {:.4} %, budget left {:.1} %", status * 100.0, left * 100.0);
        let burns: Vec<String> = row["burn"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(window, burn)| Some(format!("{window} {:.2}x", burn.as_f64()?)))
            .collect();
        if !burns.is_empty() {
            let _ = writeln!(lines, "  burn {}", burns.join(", "));
        }
    }
    lines
}

/// What the rules of an objective would have done.
pub(super) fn history(name: &str, tested: &Value) -> String {
    let (Some(from), Some(until)) = (tested["from"].as_str(), tested["until"].as_str()) else {
        return format!("{name}: nothing is stored of that time\n");
    };
    let mut text = format!("{name}: {} steps from {from} to {until}\n", tested["steps"]);
    let _ = writeln!(
        text,
        "{:<34}{:>9}{:>7}{:>12}  {:<22}last",
        "rule", "burns at", "fired", "open for", "first"
    );
    for rule in tested["rules"].as_array().into_iter().flatten() {
        let of = &rule["rule"];
        let seconds = |key: &str| length(of[key].as_i64().unwrap_or_default());
        let name = format!(
            "{}: {} and {}",
            of["severity"].as_str().unwrap_or_default(),
            seconds("long"),
            seconds("short")
        );
        let threshold = format!("{:.2}x", of["threshold"].as_f64().unwrap_or_default());
        line(&mut text, &name, &threshold, &rule["fired"]);
    }
    line(&mut text, "all together: pages", "", &tested["pages"]);
    line(&mut text, "all together: tickets", "", &tested["tickets"]);
    text
}

fn line(text: &mut String, name: &str, threshold: &str, fired: &Value) {
    let moment = |key: &str| fired[key].as_str().unwrap_or("-").to_owned();
    let open = fired["seconds"].as_i64().filter(|seconds| *seconds > 0).map_or("-".to_owned(), length);
    let still = if fired["open"] == true { " (still open)" } else { "" };
    let _ = writeln!(
        text,
        "{name:<34}{threshold:>9}{:>7}{open:>12}  {:<22}{}{still}",
        fired["count"].as_u64().unwrap_or_default(),
        moment("first"),
        moment("last"),
    );
}
