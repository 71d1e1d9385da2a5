//! A replay as a picture: demand, capacity, and where capacity was short.

use std::fmt::Write;

use chrono::{DateTime, Duration, Utc};

use crate::outcome::{Outcome, Sample};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 360.0;
/// Room around the curves: left, right, top, bottom.
const MARGIN: [f64; 4] = [64.0, 16.0, 44.0, 32.0];
/// Samples are drawn in at most so many columns, each with its highest demand and its capacity at that instant.
const COLUMNS: usize = 800;
/// A shortage is drawn at least so wide, or a short one in a long replay could not be seen.
const LEAST_WIDTH: f64 = 2.0;

/// Colours for light pages, and for dark ones where the viewer asks for them.
const STYLE: &str = "
text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#8883;stroke-width:1}
.demand{fill:none;stroke:#1f5fa8;stroke-width:1.5}.capacity{fill:none;stroke:#8a6100;stroke-width:1.5;stroke-dasharray:5 2}
.short{fill:#c6282855}.k1{fill:#1f5fa8}.k2{fill:#8a6100}.k3{fill:#c62828}
@media (prefers-color-scheme:dark){text{fill:#ddd}.demand{stroke:#7db4ee}.capacity{stroke:#e0b34c}
.short{fill:#ff6b6b66}.k1{fill:#7db4ee}.k2{fill:#e0b34c}.k3{fill:#ff6b6b}}
";

/// The picture as SVG. It stands on its own: no fonts, scripts or files are needed to show it.
pub fn picture(outcome: &Outcome) -> String {
    let columns = columns(&outcome.samples);
    let top = columns.iter().map(|s| s.demand.max(s.capacity)).fold(0.0, f64::max);
    let top = if top > 0.0 { top * 1.05 } else { 1.0 };
    let start = outcome.samples.first().map_or(DateTime::UNIX_EPOCH, |s| s.ts);
    let [left, right, above, below] = MARGIN;
    let x = |ts: DateTime<Utc>| {
        left + (ts - start).num_seconds() as f64 / f64::from(outcome.seconds.max(1)) * (WIDTH - left - right)
    };
    let y = |value: f64| above + (1.0 - value / top) * (HEIGHT - above - below);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{}</title><style>{STYLE}</style>",
        summary(outcome)
    );
    for tick in 0..=4 {
        let value = top * f64::from(tick) / 4.0;
        let at = y(value);
        line(&mut svg, format_args!("<path class=\"grid\" d=\"M{left} {at:.1}H{:.1}\"/>", WIDTH - right));
        line(
            &mut svg,
            format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 6.0,
                at + 4.0,
                rate(value)
            ),
        );
    }
    for tick in 0..=4 {
        let ts = start + Duration::seconds(i64::from(outcome.seconds) * tick / 4);
        let format = if outcome.seconds > 2 * 86_400 { "%d %b" } else { "%H:%M" };
        let anchor = ["start", "middle", "middle", "middle", "end"][tick as usize];
        line(
            &mut svg,
            format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                x(ts),
                HEIGHT - 10.0,
                ts.format(format)
            ),
        );
    }
    for shortage in &outcome.shortages {
        let from = x(shortage.start);
        let width =
            (x(shortage.start + Duration::seconds(i64::from(shortage.seconds))) - from).max(LEAST_WIDTH);
        let height = HEIGHT - above - below;
        line(
            &mut svg,
            format_args!(
                "<rect class=\"short\" x=\"{from:.1}\" y=\"{above}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
            ),
        );
    }
    let mut demand = String::new();
    let mut capacity = String::new();
    for (index, sample) in columns.iter().enumerate() {
        let (at, pen) = (x(sample.ts), if index == 0 { 'M' } else { 'L' });
        line(&mut demand, format_args!("{pen}{at:.1} {:.1}", y(sample.demand)));
        // Capacity comes in steps: level until the next sample.
        let step = if index == 0 {
            format!("M{at:.1} {:.1}", y(sample.capacity))
        } else {
            format!("H{at:.1}V{:.1}", y(sample.capacity))
        };
        capacity.push_str(&step);
    }
    line(
        &mut svg,
        format_args!("<path class=\"capacity\" d=\"{capacity}\"/><path class=\"demand\" d=\"{demand}\"/>"),
    );
    for (index, (class, text)) in
        [("k1", "demand"), ("k2", "capacity"), ("k3", "short")].into_iter().enumerate()
    {
        let at = left + 90.0 * index as f64;
        line(
            &mut svg,
            format_args!(
                "<rect class=\"{class}\" x=\"{at}\" y=\"10\" width=\"12\" height=\"12\"/><text x=\"{}\" y=\"20\">{text}</text>",
                at + 18.0
            ),
        );
    }
    line(
        &mut svg,
        format_args!(
            "<text x=\"{:.1}\" y=\"20\" text-anchor=\"end\">{}</text></svg>",
            WIDTH - right,
            summary(outcome)
        ),
    );
    svg
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(text);
}

fn summary(outcome: &Outcome) -> String {
    format!(
        "{} s short (longest {} s), {:.3} % unserved, {:.1} replica-hours",
        outcome.under_provisioned_seconds,
        outcome.longest_run_seconds,
        outcome.unserved_share * 100.0,
        outcome.replica_hours
    )
}

/// A rate for an axis, in requests a second.
fn rate(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{:.0}k/s", value / 1000.0)
    } else if value >= 10.0 || value == 0.0 {
        format!("{value:.0}/s")
    } else {
        format!("{value:.2}/s")
    }
}

/// The samples in few enough columns: of each the one with the least room.
fn columns(samples: &[Sample]) -> Vec<Sample> {
    let size = samples.len().div_ceil(COLUMNS).max(1);
    let tightest = |chunk: &[Sample]| {
        chunk.iter().copied().min_by(|a, b| (a.capacity - a.demand).total_cmp(&(b.capacity - b.demand)))
    };
    samples.chunks(size).filter_map(tightest).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Cluster, Demand, Hpa, Policy, Startup, picture, run};

    #[test]
    fn the_picture_shows_what_was_short() {
        let counts: Vec<f64> = (0..1200).map(|t| if t < 600 { 3.5 } else { 35.0 }).collect();
        let demand = Demand::from_counts("2026-12-09T14:20:00Z".parse().unwrap(), 1, &counts).unwrap();
        let cluster = Cluster {
            hpa: Hpa { min_replicas: 5, ..Hpa::default() },
            startup: Startup { replica_seconds: 30, nodes: None },
            replica_per_second: 1.0,
        };
        let reactive = picture(&run(&demand, &cluster, Policy::Reactive, &[]).unwrap());
        assert!(reactive.starts_with("<svg") && reactive.ends_with("</svg>"), "{reactive}");
        assert_eq!(reactive.matches("class=\"short\"").count(), 1);
        assert!(reactive.contains("<title>90 s short (longest 90 s)"), "{reactive}");
        let fixed = picture(&run(&demand, &cluster, Policy::Static, &[]).unwrap());
        assert!(!fixed.contains("class=\"short\"") && !fixed.contains("NaN"));
    }
}
