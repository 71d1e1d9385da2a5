//! Charts as SVG.

use headroom_reports::chart::{
    Axis, Band, Bar, BarChart, HeatChart, Lane, LaneSpan, Limit, Mark, Order, Scale, ScatterChart, Series,
    Size, TimelineChart,
};
use headroom_reports::{Chart, Severity, Theme};
use proptest::prelude::*;

use crate::make::{at, line};

fn svg(chart: &Chart) -> String {
    chart.svg(Theme::Page, chart.natural(600))
}

/// No number that is none, and nothing far outside the picture.
fn sound(svg: &str) {
    assert!(!svg.contains("NaN") && !svg.contains("inf\"") && !svg.contains("not complete"), "{svg}");
    for attribute in svg.split('"').skip(1).step_by(2) {
        for number in attribute.split([' ', ',']).filter_map(|n| n.parse::<f64>().ok()) {
            assert!((-2_000.0..=70_000.0).contains(&number), "{number} in {attribute}");
        }
    }
}

fn bars(bars: Vec<Bar>) -> Chart {
    let axis = Axis::new("Growth", "x", Scale::Zero);
    let limits = vec![Limit { label: "2x".into(), at: 2.0, severity: Severity::Info }];
    Chart::Bar(BarChart { title: "Walls".into(), axis, bars, order: Order::Ascending, limits })
}

fn bar(label: &str, value: Result<f64, String>, interval: Option<(f64, f64)>) -> Bar {
    Bar { label: label.into(), value, interval, note: String::new(), severity: None }
}

#[test]
fn a_small_line_chart() {
    let chart = Chart::Line(line(vec![(1_793_577_600.0, 2.0), (1_793_581_200.0, 9.0)], Scale::Zero));
    insta::assert_snapshot!(chart.svg(Theme::Light, Size { width: 240, height: 120 }), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" role="img" width="240" height="120" viewBox="0 0 2400 1200" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif" stroke-linejoin="round">
    <title>Requests</title>
    <desc>Line chart of Requests, per second against Time, UTC. orders: 2 to 9, last 9.</desc>
    <rect x="0" y="0" width="2400" height="1200" fill="#FFFFFF"/>
    <text x="0" y="80" dy="0.5ex" text-anchor="start" font-size="110" fill="#565E69">
    Requests, per second
    </text>
    <polyline fill="none" stroke="#ECEEF1" stroke-width="10" points="240,840 2280,840"/>
    <text x="160" y="840" dy="0.5ex" text-anchor="end" font-size="110" fill="#565E69">
    0
    </text>
    <polyline fill="none" stroke="#ECEEF1" stroke-width="10" points="240,540 2280,540"/>
    <text x="160" y="540" dy="0.5ex" text-anchor="end" font-size="110" fill="#565E69">
    5
    </text>
    <polyline fill="none" stroke="#ECEEF1" stroke-width="10" points="240,240 2280,240"/>
    <text x="160" y="240" dy="0.5ex" text-anchor="end" font-size="110" fill="#565E69">
    10
    </text>
    <polyline fill="none" stroke="#1F62B8" stroke-width="20" points="240,720 2279,300"/>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="240,840 2280,840"/>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="240,840 240,880"/>
    <text x="240" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    00:00
    </text>
    <text x="350" y="1120" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    2 Nov 2026
    </text>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="750,840 750,880"/>
    <text x="750" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    00:15
    </text>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="1260,840 1260,880"/>
    <text x="1260" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    00:30
    </text>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="1770,840 1770,880"/>
    <text x="1770" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    00:45
    </text>
    <polyline fill="none" stroke="#868E99" stroke-width="10" points="2280,840 2280,880"/>
    <text x="2223" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="#565E69">
    01:00
    </text>
    <text x="2280" y="1120" dy="0.5ex" text-anchor="end" font-size="110" fill="#565E69">
    Time, UTC
    </text>
    </svg>
    "##);
}

#[test]
fn a_small_bar_chart() {
    let chart = bars(vec![bar("wallet", Ok(3.5), Some((3.0, 4.2))), bar("order", Ok(1.4), None)]);
    insta::assert_snapshot!(chart.svg(Theme::Page, Size { width: 300, height: 120 }), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" role="img" width="300" height="120" viewBox="0 0 3000 1200" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif" stroke-linejoin="round">
    <title>Walls</title>
    <desc>Bar chart of Growth, x. order 1.4; wallet 3.5.</desc>
    <polyline fill="none" stroke="var(--grid)" stroke-width="10" points="496,320 496,840"/>
    <polyline fill="none" stroke="var(--grid)" stroke-width="10" points="1197,320 1197,840"/>
    <polyline fill="none" stroke="var(--grid)" stroke-width="10" points="1899,320 1899,840"/>
    <polyline fill="none" stroke="var(--grid)" stroke-width="10" points="2600,320 2600,840"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,300 1197,350"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,390 1197,440"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,480 1197,530"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,570 1197,620"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,660 1197,710"/>
    <polyline fill="none" stroke="var(--mark)" stroke-width="12" points="1197,750 1197,800"/>
    <text x="1197" y="220" dy="0.5ex" text-anchor="middle" font-size="110" fill="var(--mark)">
    2x
    </text>
    <text x="396" y="450" dy="0.5ex" text-anchor="end" font-size="120.00000000000001" fill="var(--text)">
    order
    </text>
    <rect x="496" y="380" width="491" height="140" opacity="0.85" fill="var(--series-1)"/>
    <rect x="1037" y="370" width="320" height="160" fill="var(--bg)"/>
    <text x="1067" y="450" dy="0.5ex" text-anchor="start" font-size="110" fill="var(--text)">
    1.4x
    </text>
    <text x="396" y="710" dy="0.5ex" text-anchor="end" font-size="120.00000000000001" fill="var(--text)">
    wallet
    </text>
    <rect x="496" y="640" width="1227" height="140" opacity="0.85" fill="var(--series-1)"/>
    <polyline fill="none" stroke="var(--text)" stroke-width="15" points="1548,710 1969,710"/>
    <polyline fill="none" stroke="var(--text)" stroke-width="15" points="1548,670 1548,750"/>
    <polyline fill="none" stroke="var(--text)" stroke-width="15" points="1969,670 1969,750"/>
    <rect x="2019" y="630" width="320" height="160" fill="var(--bg)"/>
    <text x="2049" y="710" dy="0.5ex" text-anchor="start" font-size="110" fill="var(--text)">
    3.5x
    </text>
    <polyline fill="none" stroke="var(--line-2)" stroke-width="10" points="496,840 2600,840"/>
    <polyline fill="none" stroke="var(--line-2)" stroke-width="10" points="496,840 496,880"/>
    <text x="496" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="var(--text-2)">
    0
    </text>
    <polyline fill="none" stroke="var(--line-2)" stroke-width="10" points="1197,840 1197,880"/>
    <text x="1197" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="var(--text-2)">
    2
    </text>
    <polyline fill="none" stroke="var(--line-2)" stroke-width="10" points="1899,840 1899,880"/>
    <text x="1899" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="var(--text-2)">
    4
    </text>
    <polyline fill="none" stroke="var(--line-2)" stroke-width="10" points="2600,840 2600,880"/>
    <text x="2600" y="980" dy="0.5ex" text-anchor="middle" font-size="110" fill="var(--text-2)">
    6
    </text>
    <text x="2600" y="1120" dy="0.5ex" text-anchor="end" font-size="110" fill="var(--text-2)">
    Growth, x
    </text>
    </svg>
    "##);
}

#[test]
fn what_a_chart_says_in_words() {
    let mut chart = line(vec![(0.0, 120.0), (60.0, 480.0), (120.0, f64::NAN), (180.0, 300.0)], Scale::Zero);
    chart.marks.push(Mark { label: "deploy".into(), from: 60.0, to: None });
    chart.limits.push(Limit { label: "wall".into(), at: 500.0, severity: Severity::Critical });
    insta::assert_snapshot!(
        Chart::Line(chart).summary(),
        @"Line chart of Requests, per second against Time, UTC. orders: 120 to 480, last 300. Limits: wall at 500. Marks: deploy at 1970-01-01 00:01:00."
    );
    let chart = bars(vec![
        bar("b", Ok(3.0), None),
        bar("c", Err("never seen".into()), None),
        bar("a", Ok(1.0), None),
    ]);
    insta::assert_snapshot!(chart.summary(), @"Bar chart of Growth, x. a 1; b 3; c: never seen.");
}

#[test]
fn themes_differ_in_colours_only() {
    let chart = Chart::Line(line(vec![(0.0, 1.0), (60.0, 2.0)], Scale::Zero));
    let size = chart.natural(600);
    let (light, dark, page) =
        (chart.svg(Theme::Light, size), chart.svg(Theme::Dark, size), chart.svg(Theme::Page, size));
    assert!(light.contains("#1F62B8") && dark.contains("#6FA8F5") && page.contains("var(--series-1)"));
    assert!(!page.contains("#0102"), "no stand-in colour stays");
    assert_eq!(light.lines().count(), dark.lines().count());
}

#[test]
fn odd_data_makes_a_sound_picture() {
    let odd: [Vec<(f64, f64)>; 10] = [
        vec![],
        vec![(0.0, 5.0)],
        vec![(0.0, 0.0), (60.0, 0.0)],
        vec![(0.0, 7.0), (60.0, 7.0)],
        vec![(0.0, f64::NAN), (f64::INFINITY, 1.0), (60.0, f64::NEG_INFINITY)],
        vec![(f64::MIN, f64::MAX), (f64::MAX, f64::MIN)],
        vec![(1e300, 1e-300), (1e301, 5e-324)],
        vec![(60.0, 1.0), (0.0, 2.0), (30.0, -3.0)],
        vec![(0.0, 1e15), (1.0, 1e15 + 1.0)],
        (0..100_000).map(|n| (f64::from(n), f64::from(n % 1_000))).collect(),
    ];
    for points in odd {
        for scale in [Scale::Zero, Scale::Fit, Scale::Log] {
            let chart = line(points.clone(), scale);
            let picture = svg(&Chart::Line(chart));
            sound(&picture);
            assert!(picture.len() < 400_000, "{} points make {} bytes", points.len(), picture.len());
            let axis = Axis::new("Load", "", scale);
            sound(&svg(&Chart::Scatter(ScatterChart {
                title: String::new(),
                x: axis.clone(),
                y: axis,
                points: vec![Series::new("", points.iter().copied().take(2_000).collect())],
                curves: vec![Series::dashed("fit", points.clone())],
                bands: vec![Band {
                    name: "band".into(),
                    of: 0,
                    points: points.iter().map(|p| (p.0, p.1, p.1)).collect(),
                }],
                marks: vec![Mark { label: "here".into(), from: 3.0, to: Some(f64::NAN) }],
                limits: vec![],
            })));
        }
    }
}

#[test]
fn bars_timelines_and_heat_maps_of_odd_things() {
    sound(&svg(&bars(vec![])));
    let reason = || Err("no load test".to_owned());
    let picture = svg(&bars(vec![
        bar("zero", Ok(0.0), Some((0.0, 0.0))),
        bar("open", Ok(4.0), Some((2.0, f64::INFINITY))),
        bar("turned", Ok(-4.0), Some((2.0, -9.0))),
        bar("none", reason(), Some((f64::NAN, f64::NAN))),
        bar("nan", Ok(f64::NAN), None),
        bar(&"long name ".repeat(50), Ok(1e9), None),
    ]));
    sound(&picture);
    assert!(picture.contains("no load test") && picture.contains("…"));
    sound(&svg(&bars((0..200).map(|n| bar(&n.to_string(), Ok(f64::from(n)), None)).collect())));

    let span = |from: &str, to: Option<&str>| LaneSpan {
        label: "x".repeat(90),
        from: at(from),
        to: to.map(at),
        severity: None,
    };
    let lane = |spans| Lane { label: "lane".into(), spans };
    for lanes in [
        vec![],
        vec![lane(vec![])],
        vec![lane(vec![span("2026-01-01T00:00:00Z", None)])],
        vec![lane(vec![span("2026-05-01T00:00:00Z", Some("2026-01-01T00:00:00Z"))])],
        vec![lane((0..300).map(|_| span("2026-01-01T00:00:00Z", Some("2026-02-01T00:00:00Z"))).collect()); 3],
    ] {
        sound(&svg(&Chart::Timeline(TimelineChart {
            title: String::new(),
            lanes,
            now: Some(at("2030-01-01T00:00:00Z")),
        })));
    }

    for (rows, columns, cells) in [
        (0, 0, vec![]),
        (2, 3, vec![vec![1.0]]),
        (1, 1, vec![vec![f64::NAN]]),
        (2, 2, vec![vec![1.0, 1.0], vec![1.0, 1.0]]),
        (90, 500, vec![vec![1e300; 600]; 100]),
    ] {
        for scale in [Scale::Zero, Scale::Log, Scale::Time] {
            let names = |n: usize| (0..n).map(|i| format!("name {i}")).collect();
            sound(&svg(&Chart::Heat(HeatChart {
                title: String::new(),
                x: "hour".into(),
                y: "service".into(),
                columns: names(columns),
                rows: names(rows),
                cells: cells.clone(),
                value: Axis::new("use", "%", scale),
            })));
        }
    }
}

#[test]
fn what_is_not_drawn_is_said() {
    let mut chart = line(vec![(0.0, 1.0)], Scale::Zero);
    chart.series = vec![chart.series[0].clone(); 11];
    assert!(svg(&Chart::Line(chart)).contains("3 more series are not drawn"));
    let picture = svg(&bars((0..43).map(|n| bar(&n.to_string(), Ok(1.0), None)).collect()));
    assert!(picture.contains("3 more are not drawn"));
    let lane = Lane { label: "l".into(), spans: vec![] };
    let span = LaneSpan { label: "s".into(), from: at("2026-01-01T00:00:00Z"), to: None, severity: None };
    let lanes = vec![Lane { spans: vec![span], ..lane }; 42];
    let timeline = TimelineChart { title: String::new(), lanes, now: None };
    assert!(svg(&Chart::Timeline(timeline)).contains("2 more lanes are not drawn"));
}

/// The boxes of all texts in a picture: x from, x to, y from, y to, in its own units. Six tenths of the size is
/// about the width of a letter.
fn boxes(svg: &str) -> Vec<(f64, f64, f64, f64, String)> {
    let attribute = |tag: &str, name: &str| -> f64 {
        let rest = tag.split(&format!(" {name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    svg.split("<text")
        .skip(1)
        .map(|tag| {
            let text = tag.split(">\n").nth(1).unwrap().split('\n').next().unwrap().to_owned();
            let (x, y, size) = (attribute(tag, "x"), attribute(tag, "y"), attribute(tag, "font-size"));
            let width = text.chars().count() as f64 * size * 0.5;
            let left = match () {
                () if tag.contains("\"middle\"") => x - width / 2.0,
                () if tag.contains("\"end\"") => x - width,
                () => x,
            };
            (left, left + width, y - size * 0.5, y + size * 0.5, text)
        })
        .collect()
}

#[test]
fn labels_do_not_overlap() {
    for width in [330, 600, 900] {
        let mut chart = line((0..50).map(|n| (f64::from(n) * 3_600.0, f64::from(n))).collect(), Scale::Zero);
        chart.marks = (0..12)
            .map(|n| Mark { label: format!("deploy {n}"), from: f64::from(n * n) * 1_000.0, to: None })
            .collect();
        chart.limits = (0..6)
            .map(|n| Limit {
                label: format!("limit {n}"),
                at: 40.0 + f64::from(n),
                severity: Severity::Warning,
            })
            .collect();
        chart.series = (0..6)
            .map(|n| Series::new(format!("s {n}"), vec![(0.0, 1.0), (176_400.0, 30.0 + f64::from(n) * 0.1)]))
            .collect();
        let chart = Chart::Line(chart);
        let boxes = boxes(&chart.svg(Theme::Light, chart.natural(width)));
        assert!(boxes.len() > 20);
        for (i, a) in boxes.iter().enumerate() {
            for b in &boxes[i + 1..] {
                let apart = a.1 <= b.0 || b.1 <= a.0 || a.3 <= b.2 || b.3 <= a.2;
                assert!(apart, "at {width}: {} {} overlap: {a:?} {b:?}", a.4, b.4);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_points_make_a_sound_picture(points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..40), x in 0..4usize, y in 0..4usize) {
        let scales = [Scale::Zero, Scale::Fit, Scale::Log, Scale::Time];
        let mut chart = line(points.clone(), scales[y]);
        chart.x.scale = scales[x];
        chart.bands.push(Band { name: "b".into(), of: 99, points: points.iter().map(|p| (p.0, p.1, p.0)).collect() });
        chart.marks = points.iter().take(5).map(|p| Mark { label: "m".into(), from: p.0, to: Some(p.1) }).collect();
        let chart = Chart::Line(chart);
        sound(&chart.svg(Theme::Light, chart.natural(400)));
        prop_assert!(!chart.summary().contains("NaN"));
    }
}
