#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn calendar(text: &str, start: &str, zone: Tz) -> Window {
    let start = NaiveDateTime::parse_from_str(start, "%Y-%m-%d %H:%M:%S").unwrap();
    Window::new(text, Span::parse(text).unwrap(), Some(Calendar { start, zone }))
}

fn rolling(text: &str) -> Window {
    Window::new(text, Span::parse(text).unwrap(), None)
}

fn time(text: &str) -> i64 {
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
}

fn bounds(window: &Window, end: &str) -> (String, String) {
    let (from, to) = window.bounds(time(end));
    let words = |seconds| at(seconds).format("%Y-%m-%dT%H:%MZ").to_string();
    (words(from), words(to))
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[test]
fn rolling_windows_end_at_the_newest_slice() {
    assert_eq!(
        bounds(&rolling("30d"), "2026-03-31T12:00:00Z"),
        pair("2026-03-01T12:00Z", "2026-03-31T12:00Z")
    );
    assert_eq!(
        bounds(&rolling("1M"), "2026-03-31T12:00:00Z"),
        pair("2026-02-28T12:00Z", "2026-03-31T12:00Z")
    );
    assert_eq!(
        bounds(&rolling("1Q"), "2026-03-31T12:00:00Z"),
        pair("2025-12-31T12:00Z", "2026-03-31T12:00Z")
    );
    assert_eq!(
        bounds(&rolling("1Y"), "2024-02-29T00:00:00Z"),
        pair("2023-02-28T00:00Z", "2024-02-29T00:00Z")
    );
}

#[test]
fn calendar_windows_follow_the_wall_clock() {
    let month = calendar("1M", "2020-01-01 00:00:00", Tz::America__New_York);
    assert_eq!(bounds(&month, "2026-03-20T00:00:00Z"), pair("2026-03-01T05:00Z", "2026-04-01T04:00Z"));
    assert_eq!(
        bounds(&month, "2026-04-01T04:00:00Z").0,
        "2026-03-01T05:00Z",
        "its last second belongs to it"
    );
    assert_eq!(bounds(&month, "2026-04-01T04:01:00Z").0, "2026-04-01T04:00Z");
    let day = calendar("1d", "2026-01-01 00:00:00", Tz::Europe__Zurich);
    assert_eq!(
        bounds(&day, "2026-03-29T12:00:00Z"),
        pair("2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        "23 hours"
    );
    assert_eq!(
        bounds(&day, "2026-10-25T12:00:00Z"),
        pair("2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        "25 hours"
    );
    let quarter = calendar("1Q", "2026-01-31 09:30:00", Tz::Asia__Kolkata);
    assert_eq!(bounds(&quarter, "2026-05-01T00:00:00Z"), pair("2026-04-30T04:00Z", "2026-07-31T04:00Z"));
    let week = calendar("2w", "2022-01-01 12:00:00", Tz::UTC);
    assert_eq!(
        bounds(&week, "2021-12-31T00:00:00Z"),
        pair("2021-12-18T12:00Z", "2022-01-01T12:00Z"),
        "before its start too"
    );
    assert_eq!(
        bounds(&calendar("6h", "2026-01-01 03:00:00", Tz::UTC), "2026-05-01T08:00:00Z").0,
        "2026-05-01T03:00Z"
    );
}

#[test]
fn windows_longer_than_all_dates_have_bounds() {
    for text in ["4000000000Y", "4000000000M", "4000000000d", "4000000000w", "4000000000h"] {
        let window = calendar(text, "2026-01-01 00:00:00", Tz::UTC);
        for end in ["1970-01-01T00:00:00Z", "2026-06-01T00:00:00Z"] {
            let (from, to) = window.bounds(time(end));
            assert!(from < time(end) && time(end) <= to, "{text} {from} {to}");
        }
        assert!(rolling(text).start(0) < 0);
    }
}

#[test]
fn words() {
    let said = |window: &Window| window.words();
    assert_eq!(
        ["30d", "4w", "36h", "1M", "2Q"].map(|text| said(&rolling(text))),
        ["30 days", "28 days", "36 hours", "1 month", "2 quarters"]
    );
    assert_eq!(
        ["1M", "2w"].map(|text| said(&calendar(text, "2026-01-01 00:00:00", Tz::UTC))),
        ["the month", "the 2 weeks"]
    );
    assert_eq!(["1M", "1Q", "1Y", "2d"].map(|text| rolling(text).seconds / 86_400), [30, 90, 365, 2]);
}

proptest! {
    #[test]
    fn periods_tile_time(
        text in prop::sample::select(vec!["1d", "3d", "1w", "2w", "1M", "5M", "1Q", "1Y", "7h", "90m"]),
        zone in prop::sample::select(vec![Tz::UTC, Tz::America__New_York, Tz::Europe__London, Tz::Australia__Lord_Howe, Tz::Asia__Kolkata, Tz::America__Sao_Paulo]),
        day in 0_u64..20_000, second in 0_i64..86_400, end in 0_i64..2_000_000_000,
    ) {
        let start = NaiveDateTime::default() + Days::new(day) + chrono::TimeDelta::seconds(second);
        let window = Window::new(text, Span::parse(text).unwrap(), Some(Calendar { start, zone }));
        let (from, to) = window.bounds(end);
        prop_assert!(from < end && end <= to);
        prop_assert_eq!(window.bounds(from + 1), (from, to), "all of a period is the same period");
        prop_assert_eq!(window.bounds(to), (from, to));
        prop_assert_eq!(window.bounds(to + 1).0, to, "the next one begins where it ends");
        prop_assert_eq!(window.bounds(from).1, from);
    }
}
