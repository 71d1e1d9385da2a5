//! The charts of the sample.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_reports::Severity;
use headroom_reports::chart::{
    Axis, Band, Bar, BarChart, Chart, HeatChart, Lane, LaneSpan, Limit, LineChart, Mark, Order, Scale,
    ScatterChart, Series, TimelineChart,
};

pub(crate) fn day(text: &str) -> DateTime<Utc> {
    format!("{text}T00:00:00Z").parse().unwrap_or_default()
}

/// A number between 0 and 1 that is the same each time.
fn noise(n: u32) -> f64 {
    f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1u32 << 24)
}

pub(crate) fn demand() -> Chart {
    let start = day("2026-10-27");
    let at = |hour: i64| (start + TimeDelta::hours(hour)).timestamp() as f64;
    let rate = |hour: i64| {
        let phase = (hour % 24) as f64;
        let open = if (13.0..21.0).contains(&phase) { 1.0 } else { 0.25 };
        let weekend = if matches!((hour / 24 + 1) % 7, 5 | 6) { 0.3 } else { 1.0 };
        let peak =
            1.0 + 1.1 * (-(phase - 14.0).powi(2) / 2.0).exp() + 0.6 * (-(phase - 20.0).powi(2) / 2.0).exp();
        let event = if (566..590).contains(&hour) { 1.3 } else { 1.0 };
        (620.0 + hour as f64 * 0.35) * open * weekend * peak * event
    };
    let measured = (456..696).map(|h| (at(h), rate(h) * (0.94 + 0.12 * noise(h as u32)))).collect();
    let forecast: Vec<(f64, f64)> = (696..864).map(|h| (at(h), rate(h))).collect();
    let band =
        |share: f64| forecast.iter().map(|(x, y)| (*x, y * (1.0 - share), y * (1.0 + share))).collect();
    Chart::Line(LineChart {
        title: "Orders per second, measured and expected".into(),
        x: Axis::time(),
        y: Axis::new("Orders", "per second", Scale::Zero),
        series: vec![Series::new("Measured", measured), Series::dashed("Expected", forecast.clone())],
        bands: vec![
            Band { name: "90 % of outcomes".into(), of: 1, points: band(0.35) },
            Band { name: "50 %".into(), of: 1, points: band(0.15) },
        ],
        marks: vec![
            Mark { label: "order 2.30".into(), from: at(478), to: None },
            Mark { label: "US CPI".into(), from: at(566), to: Some(at(590)) },
            Mark { label: "order 2.31".into(), from: at(640), to: None },
            Mark { label: "Thanksgiving".into(), from: at(720), to: Some(at(744)) },
            Mark { label: "FOMC".into(), from: at(854), to: None },
        ],
        limits: vec![Limit {
            label: "order-service saturates, 3,100/s".into(),
            at: 3_100.0,
            severity: Severity::Critical,
        }],
    })
}

pub(crate) fn curve() -> Chart {
    let latency = |load: f64| 18.0 + 14.0 / (1.0 - load / 3_260.0);
    let measured = (0..240)
        .map(|n| {
            let load = 150.0 + 2_500.0 * noise(n * 7 + 3).powf(1.4);
            (load, latency(load) * (0.82 + 0.4 * noise(n * 13 + 1)))
        })
        .collect();
    let tested = [1_000.0, 1_800.0, 2_400.0, 2_800.0, 3_000.0].map(|x| (x, latency(x) * 1.04)).to_vec();
    let xs = || (3..=62).map(|n| f64::from(n) * 50.0);
    Chart::Scatter(ScatterChart {
        title: "Latency of order-service by load".into(),
        x: Axis::new("Load", "requests per second", Scale::Zero),
        y: Axis::new("p99 latency", "ms", Scale::Log),
        points: vec![Series::new("Production minutes", measured), Series::new("Load test, 12 Nov", tested)],
        curves: vec![Series::new("Fitted curve", xs().map(|x| (x, latency(x))).collect())],
        bands: vec![Band {
            name: "95 % interval".into(),
            of: 0,
            points: xs().map(|x| (x, latency(x) * 0.86, latency(x) * (1.1 + x / 9_000.0))).collect(),
        }],
        marks: vec![Mark { label: "today's peak".into(), from: 2_240.0, to: None }],
        limits: vec![Limit { label: "SLO: 250 ms".into(), at: 250.0, severity: Severity::Warning }],
    })
}

pub(crate) fn walls() -> Chart {
    let bar = |label: &str, value: f64, interval: (f64, f64), note: &str, severity| Bar {
        label: label.into(),
        value: Ok(value),
        interval: Some(interval),
        note: note.into(),
        severity: Some(severity),
    };
    Chart::Bar(BarChart {
        title: "Growth until each service's wall".into(),
        axis: Axis::new("Growth of demand until the wall", "x", Scale::Zero),
        bars: vec![
            bar("payments-ledger (Postgres)", 2.6, (2.1, 3.3), "Mar 2027", Severity::Warning),
            bar("order-service", 1.4, (1.3, 1.5), "Jan 2027", Severity::Critical),
            bar("market-data-fanout", 7.8, (5.2, f64::INFINITY), "after 2028", Severity::Good),
            bar("portfolio-valuation", 3.9, (3.0, 5.1), "Jul 2027", Severity::Warning),
            bar("wallet-service", 5.4, (4.4, 6.8), "Dec 2027", Severity::Good),
            Bar {
                label: "kyc-provider (third party)".into(),
                value: Err("no figure: never above 12 % of its quota".into()),
                interval: None,
                note: String::new(),
                severity: None,
            },
        ],
        order: Order::Ascending,
        limits: [2.0, 5.0, 10.0]
            .map(|at| Limit { label: format!("{at:.0}x"), at, severity: Severity::Info })
            .to_vec(),
    })
}

pub(crate) fn roadmap() -> Chart {
    let span = |label: &str, from: &str, to: &str, severity| LaneSpan {
        label: label.into(),
        from: day(from),
        to: Some(day(to)),
        severity,
    };
    let moment =
        |label: &str, at: &str, severity| LaneSpan { label: label.into(), from: day(at), to: None, severity };
    let lane = |label: &str, spans| Lane { label: label.into(), spans };
    Chart::Timeline(TimelineChart {
        title: "Plan until the end of 2027".into(),
        lanes: vec![
            lane(
                "order-service",
                vec![
                    span("Split matching from booking", "2026-12-01", "2027-02-15", None),
                    moment("Wall at today's growth", "2027-01-20", Some(Severity::Critical)),
                    span("Shard by account", "2027-04-01", "2027-08-31", None),
                ],
            ),
            lane(
                "payments-ledger",
                vec![
                    span("Read replicas", "2027-01-10", "2027-02-20", None),
                    span("Partition by month", "2027-02-10", "2027-05-10", None),
                    moment("Wall", "2027-03-28", Some(Severity::Warning)),
                ],
            ),
            lane(
                "portfolio-valuation",
                vec![
                    span("Incremental valuation", "2027-03-01", "2027-06-30", None),
                    moment("Wall", "2027-07-25", Some(Severity::Warning)),
                ],
            ),
            lane(
                "Events",
                vec![
                    moment("Year end", "2026-12-31", None),
                    moment("Index review", "2027-06-25", None),
                    moment("Retail launch, India", "2027-09-15", None),
                ],
            ),
        ],
        now: Some(day("2026-11-25")),
    })
}

pub(crate) fn heat() -> Chart {
    let services =
        ["order-service", "payments-ledger", "portfolio-valuation", "wallet-service", "market-data-fanout"];
    let cells = (0..services.len() as u32)
        .map(|row| {
            (0..24u32)
                .map(|hour| {
                    let session = (-(f64::from(hour) - 14.5).powi(2) / 9.0).exp();
                    let close = 0.7 * (-(f64::from(hour) - 20.5).powi(2) / 3.0).exp();
                    let own = 1.0 - f64::from(row) * 0.15;
                    if row == 3 && hour == 4 {
                        f64::NAN
                    } else {
                        8.0 + 84.0 * own * session.max(close) + 4.0 * noise(row * 24 + hour)
                    }
                })
                .collect()
        })
        .collect();
    Chart::Heat(HeatChart {
        title: "Use of the tightest resource by hour".into(),
        x: "Hour of the day, UTC".into(),
        y: "Service".into(),
        columns: (0..24).map(|h| format!("{h:02}")).collect(),
        rows: services.map(str::to_owned).to_vec(),
        cells,
        value: Axis::new("Use of the tightest resource", "%", Scale::Zero),
    })
}
