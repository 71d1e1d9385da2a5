use crate::measured::Measured;
use crate::promise::Promise;
use crate::spec::{Method, Slo, SloSet};
use crate::testing::slo;
use crate::{Series, Slice, Timeline};

const DAY: i64 = 86_400;
const MONTH: i64 = 30 * DAY;

/// A month of minutes with `total` requests each, all good but those that `bad` says, without those that are `lost`.
fn month(total: u64, bad: impl Fn(i64) -> u64, lost: impl Fn(i64) -> bool) -> Series {
    let minutes = (0..MONTH / 60).filter(|minute| !lost(*minute));
    let slice =
        |minute| Slice { start: minute * 60, seconds: 60, good: total - bad(minute), total, observed: 1.0 };
    Series::new(minutes.map(slice).collect())
}

fn with<T>(slo: &Slo, series: &Series, ask: impl Fn(&Measured<'_>) -> T) -> T {
    let line = Timeline::new(slo, series);
    ask(&Measured::new(Promise::One(slo), |_| Some(&line)).expect("slices"))
}

fn near(found: Result<f64, String>, wanted: f64) {
    let found = found.expect("a figure");
    assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

/// An outage of 43 minutes 12 seconds is the whole budget of 99.9 % in 30 days; 43 minutes are 43 / 43.2 of it.
#[test]
fn an_outage_of_known_minutes_is_that_downtime_under_every_method() {
    let outage = |minute: i64| if (14_400..14_443).contains(&minute) { 100 } else { 0 };
    for method in [
        Method::Occurrences,
        Method::Timeslices { target: 0.9, seconds: 60 },
        Method::RatioTimeslices { seconds: 60 },
    ] {
        let slo = slo(0.999, "30d", method);
        let found = with(&slo, &month(100, outage, |_| false), |measured| measured.stretch(0, MONTH));
        near(found.downtime(), 43.0);
        near(found.availability(), 1.0 - 43.0 / 43_200.0);
        near(found.consumed(slo.target), 43.0 / 43.2);
        near(found.lowest(), 1.0 - 43.0 / 43_200.0);
        assert_eq!((found.minutes, found.seen, found.outage), (43_200.0, 43_200.0, Some(43.0)));
    }
}

#[test]
fn a_share_of_failures_is_the_time_of_as_large_a_share() {
    // 1 % fails all day long: 14.4 minutes of 1440, though no minute was mostly down.
    let slo = slo(0.995, "30d", Method::Occurrences);
    let found = with(&slo, &month(100, |_| 1, |_| false), |measured| measured.stretch(0, DAY));
    near(found.downtime(), 14.4);
    near(found.consumed(slo.target), 2.0);
    assert_eq!(found.outage, Some(0.0));
}

/// Of 720 hours two are missing: they are named, and are neither up nor down.
#[test]
fn missing_hours_are_named_and_never_up() {
    let slo = slo(0.999, "30d", Method::Occurrences);
    let series =
        month(100, |minute| if minute < 30 { 100 } else { 0 }, |minute| (600..720).contains(&minute));
    let (found, gaps, day) = with(&slo, &series, |measured| {
        (measured.stretch(0, MONTH), measured.gaps(0, MONTH), measured.stretch(0, DAY))
    });
    assert_eq!(gaps, [(36_000, 43_200)]);
    assert_eq!((found.minutes, found.seen, found.unseen()), (43_200.0, 43_080.0, 120.0));
    near(found.downtime(), 30.0);
    near(found.availability(), 1.0 - 30.0 / 43_080.0);
    near(found.lowest(), 1.0 - 150.0 / 43_200.0);
    near(day.availability(), 1.0 - 30.0 / 1_320.0);
}

#[test]
fn too_little_seen_is_no_figure_and_silence_is_no_downtime() {
    let slo = slo(0.999, "30d", Method::Occurrences);
    let half = month(100, |_| 0, |minute| minute % 2 == 1);
    let found = with(&slo, &half, |measured| measured.stretch(0, MONTH));
    assert_eq!(
        found.availability(),
        Err("only 50 % of the minutes were seen; a figure needs 90 %".to_owned())
    );
    let found = with(&slo, &month(0, |_| 0, |_| false), |measured| measured.stretch(0, MONTH));
    assert_eq!(found.availability(), Err("nothing was requested".to_owned()));
    near(found.downtime(), 0.0);
    let found = with(&slo, &Series::default(), |measured| measured.stretch(0, MONTH));
    assert_eq!(found.unseen(), 43_200.0);
    assert!(found.downtime().is_err());
}

#[test]
fn a_composite_weighs_its_parts_and_takes_the_longest_outage() {
    let text = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: j}\nspec:\n  service: order\n  \
                timeWindow: [{duration: 30d, isRolling: true}]\n  budgetingMethod: Occurrences\n  objectives:\n";
    let part = |weight: u32| {
        format!(
            "    - {{target: 0.99, compositeWeight: {weight}, indicator: {{spec: {{ratioMetric: {{counter: true, \
             good: {{metricSource: {{type: headroom, spec: {{status: not_error}}}}}}, total: {{metricSource: {{type: headroom, spec: {{}}}}}}}}}}}}}}\n"
        )
    };
    let set =
        SloSet::parse([("j.yaml", format!("{text}{}{}", part(1), part(3)).as_str())]).expect("a composite");
    let whole = set.promise("j").expect("the composite");
    let of = whole.objectives();
    let series = [
        month(10, |minute| if minute < 432 { 10 } else { 0 }, |_| false),
        month(1_000, |_| 0, |minute| minute >= 43_190),
    ];
    let lines: Vec<Timeline> =
        of.iter().zip(&series).map(|(slo, series)| Timeline::new(slo, series)).collect();
    let line = |id: &str| of.iter().position(|slo| slo.id == id).map(|n| &lines[n]);
    let measured = Measured::new(whole.clone(), line).expect("slices");
    let found = measured.stretch(0, MONTH);
    // 1 % of the first fails and nothing of the second: a quarter of 1 %.
    near(found.availability(), 0.9975);
    assert_eq!((found.seen, found.outage), (43_190.0, Some(432.0)));
    assert_eq!(measured.gaps(0, MONTH), [(43_190 * 60, MONTH)]);
}
