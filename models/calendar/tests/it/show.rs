//! What a calendar shows of its days, events and doubts.

use headroom_calendar::{Calendar, CalendarError, Coverage};

fn shown(venues: &[&str], toml: &str, from: &str, to: &str) -> String {
    let mut calendar = Calendar::load(venues, true, &[] as &[&str]).unwrap();
    calendar.add_toml("own.toml", toml).unwrap();
    let shown = calendar.show(from.parse().unwrap(), to.parse().unwrap(), &[] as &[&str]).unwrap();
    let days = shown.days.iter().map(ToString::to_string);
    let events = shown.events.iter().map(ToString::to_string);
    days.chain(events)
        .chain(shown.doubts.iter().map(|d| format!("doubt: {d}")))
        .collect::<Vec<_>>()
        .join("\n")
}

const OVERRIDES: &str = r#"
[[override]]
venue = "XNYS"
date = "2026-11-25"
closed = true
source = "trader update 2026-11-20"
reason = "day of mourning"
since = "2026-11-20T12:00"

[[override]]
venue = "XNYS"
date = "2026-11-28"
open = "10:00"
close = "12:00"
"#;

#[test]
fn a_week_with_a_holiday_a_half_day_and_overrides() {
    insta::assert_snapshot!(shown(&["XNYS"], OVERRIDES, "2026-11-24", "2026-11-28"), @"
    2026-11-24 Tue XNYS  09:30-16:00 (14:30-21:00 UTC)
    2026-11-25 Wed XNYS  closed  overridden: closed, day of mourning (source: trader update 2026-11-20, since 2026-11-20)
    2026-11-26 Thu XNYS  closed
    2026-11-27 Fri XNYS  09:30-13:00 (14:30-18:00 UTC)  half day
    2026-11-28 Sat XNYS  10:00-12:00 (15:00-17:00 UTC)  extra session  overridden: open 10:00 to 12:00 (source: not told)
    2026-11-27T08:30-05:00  NYSE half day (half_day), 330 min, x0.85, source: sessions
    ");
}

#[test]
fn two_venues_and_their_decisions() {
    insta::assert_snapshot!(shown(&["XLON", "XNYS"], "", "2026-12-17", "2026-12-18"), @"
    2026-12-17 Thu XLON  08:00-16:30 (08:00-16:30 UTC)
    2026-12-17 Thu XNYS  09:30-16:00 (14:30-21:00 UTC)
    2026-12-18 Fri XLON  08:00-16:30 (08:00-16:30 UTC)
    2026-12-18 Fri XNYS  09:30-16:00 (14:30-21:00 UTC)
    2026-12-17T12:00+00:00  Bank of England decision (rate_decision), 120 min, x1.38, source: built-in list, not cross-checked, confidence 0.8
    2026-12-18T07:00+00:00  LSE monthly expiry (expiry), 630 min, x1.27, source: rule, not cross-checked, confidence 0.9
    2026-12-18T07:00+00:00  LSE quarterly index rebalancing (index_rebalance), 630 min, x1.18, source: rule, not cross-checked, confidence 0.9
    2026-12-18T08:30-05:00  NYSE monthly expiry (expiry), 510 min, x1.27, source: rule, not cross-checked, confidence 0.9
    2026-12-18T08:30-05:00  NYSE quarterly index rebalancing (index_rebalance), 510 min, x1.18, source: rule, not cross-checked, confidence 0.9
    ");
}

#[test]
fn weekends_on_which_mumbai_trades() {
    insta::assert_snapshot!(shown(&["XBOM"], "", "2026-02-01", "2026-02-01"), @"
    2026-02-01 Sun XBOM  closed
    2026-02-01T09:15+05:30  budget session (special_session), 375 min, x3.00, source: press reports of the exchanges' circulars
    ");
    insta::assert_snapshot!(shown(&["XNSE"], "", "2025-02-01", "2025-02-01"), @"
    2025-02-01 Sat XNSE  09:15-15:30 (03:45-10:00 UTC)  extra session
    ");
    insta::assert_snapshot!(shown(&["XNSE"], "", "2023-11-12", "2023-11-12"), @"
    2023-11-12 Sun XNSE  closed
    2023-11-12T18:15+05:30  Muhurat trading (special_session), 60 min, x3.00, source: press reports of the exchanges' circulars
    ");
}

#[test]
fn what_is_not_covered_says_so() {
    insta::assert_snapshot!(shown(&["XNSE"], "", "2027-03-08", "2027-03-08"), @"
    2027-03-08 Mon XNSE  09:15-15:30 (03:45-10:00 UTC)  provisional
    doubt: XNSE: the exchange has not announced all holidays of 2027; those with a fixed date are known, add an [[override]] for each other
    doubt: RBI decision: no date after 2026-06-05 is built in; add the later ones from their announcement
    doubt: Muhurat trading: no date after 2025-10-21 is built in; add the later ones from their announcement
    ");
    insta::assert_snapshot!(shown(&["XNYS"], "", "2035-12-25", "2035-12-25"), @"
    2035-12-25 Tue XNYS  09:30-16:00 (14:30-21:00 UTC)  NOT COVERED
    doubt: XNYS is covered from 1990 to 2028: outside, every weekday counts as a session and holidays are missing; add an [[override]] for each that matters
    doubt: FOMC decision: no date after 2027-12-08 is built in; add the later ones from their announcement
    ");
    let calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    let venue = &calendar.venues()[0];
    let (covered, outside) = ("2027-12-31".parse().unwrap(), "2029-01-02".parse().unwrap());
    assert!(venue.covers(covered) && !venue.covers(outside));
    assert_eq!(venue.coverage("1989-12-29".parse().unwrap()), Coverage::Outside);
    assert!(calendar.doubts("2026-01-01".parse().unwrap(), covered).is_empty());
}

#[test]
fn json_has_every_field_and_another_venue_is_refused() {
    let calendar = Calendar::load(&["XNYS"], true, &[] as &[&str]).unwrap();
    let day = "2026-12-09".parse().unwrap();
    let shown = calendar.show(day, day, &["xnys"]).unwrap();
    insta::assert_json_snapshot!(shown, @r#"
    {
      "days": [
        {
          "venue": "XNYS",
          "date": "2026-12-09",
          "session": {
            "date": "2026-12-09",
            "kind": "regular",
            "open": "2026-12-09T14:30:00Z",
            "close": "2026-12-09T21:00:00Z"
          },
          "hours": [
            "09:30:00",
            "16:00:00"
          ],
          "coverage": "full",
          "overridden": null
        }
      ],
      "events": [
        {
          "class": "rate_decision",
          "name": "FOMC decision",
          "venue": "XNYS",
          "effect_start": "2026-12-09T18:30:00Z",
          "start": "2026-12-09T19:00:00Z",
          "end": "2026-12-09T21:00:00Z",
          "local_start": "2026-12-09T14:00-05:00",
          "services": [],
          "prior": 2.5,
          "source": "public list mended by hand, federalreserve.gov from 2024",
          "known_since": "2025-08-01T04:00:00Z",
          "confidence": 1.0
        }
      ],
      "doubts": []
    }
    "#);
    let refused = calendar.show(day, day, &["XLON"]).unwrap_err();
    assert!(matches!(refused, CalendarError::UnknownVenue(mic) if mic == "XLON"));
}
