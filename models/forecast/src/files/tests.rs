#![allow(clippy::unwrap_used)]

use chrono_tz::America::New_York;
use proptest::prelude::*;

use super::*;

fn told(text: &str, tz: Option<Tz>) -> (Series, Vec<String>) {
    let reading = parse("data.csv", text.as_bytes(), tz).unwrap();
    (reading.series, reading.notes.iter().map(Note::to_string).collect())
}

fn refused(text: &str) -> String {
    parse("data.csv", text.as_bytes(), None).unwrap_err().to_string()
}

#[test]
fn every_way_to_write_a_time_gives_the_same_series() {
    let ways = [
        "ts,value\n2026-03-02T14:30:00Z,1\n2026-03-02T14:31:00Z,2\n",
        "timestamp;value\n2026-03-02 09:30:00-05:00;1\n2026-03-02 09:31:00-05:00;2\n",
        "value,time\n1,1772461800\n2,1772461860\n",
        "1772461800000\t1\n1772461860000\t2\n",
        "\u{feff}ts_new_york,volume\n2026-03-02T09:30:00,1\n2026-03-02 09:31,2\n",
        "\"ds\",\"y\"\r\n\"2026-03-02T14:30:00.000Z\",1\r\n\"2026-03-02T14:31:00Z\",2\r\n",
    ];
    for way in ways {
        let (series, _) = told(way, Some(New_York));
        assert_eq!(series.start, "2026-03-02T14:30:00Z".parse::<DateTime<Utc>>().unwrap(), "{way}");
        assert_eq!((series.step_minutes, series.values), (1, vec![Some(1.0), Some(2.0)]), "{way}");
    }
}

#[test]
fn the_repeated_hour_is_two_hours_and_the_skipped_one_is_named() {
    let autumn = "ts,value\n2026-11-01T00:30,1\n2026-11-01T01:30,2\n2026-11-01T01:30,3\n2026-11-01T02:30,4\n";
    let (series, _) = told(autumn, Some(New_York));
    assert_eq!(series.values, [Some(1.0), Some(2.0), Some(3.0), Some(4.0)]);
    let (_, notes) =
        told("ts,value\n2026-03-08T01:30,1\n2026-03-08T02:30,2\n2026-03-08T04:30,2\n", Some(New_York));
    assert!(notes[0].contains("summer time skips it") && notes[0].ends_with("(line 3)"), "{notes:?}");
}

#[test]
fn each_fault_is_named_with_its_line() {
    let mut text = String::from("ts,value\n");
    for minute in 0..60 {
        let row = match minute {
            10 => "2026-03-02T14:10:00Z,-4\n".to_owned(),
            11 => "2026-03-02T14:11:00Z,many\n".to_owned(),
            12 => "2026-03-02T14:12:00Z,\n".to_owned(),
            13 => "yesterday,5\n".to_owned(),
            20 => "2026-03-02T14:20:00Z,7\n2026-03-02T14:20:00Z,8\n".to_owned(),
            40 => "1970-01-01T00:00:00Z,5\n".to_owned(),
            _ => format!("2026-03-02T14:{minute:02}:00Z,{minute}\n"),
        };
        text.push_str(&row);
    }
    let (series, notes) = told(&text, None);
    assert_eq!(series.values.len(), 60);
    assert_eq!(series.values[10..14], [None; 4]);
    assert_eq!((series.values[20], series.values[40]), (Some(8.0), None));
    insta::assert_snapshot!(notes.join("\n"), @r#"
    rows whose time cannot be read are left out (line 15)
    rows whose value is no number count as not measured (line 13)
    rows without a value count as not measured (line 14)
    demand cannot be negative: such rows count as not measured (line 12)
    a time that comes again replaces the earlier row (line 23)
    times that run backwards are put in order (line 43)
    times farther from the others than these are from each other are left out as a clock's fault (line 43)
    gaps: 2, of 5 steps of 1 min in all, which count as not measured; the longest, 0.1 h, follows 2026-03-02T14:09Z (line 11)
    "#);
}

#[test]
fn the_values_of_a_signal_may_be_negative_and_those_of_demand_not() {
    let text = "ts,value\n2026-03-02T14:00Z,-0.5\n2026-03-02T14:01Z,0.25\n2026-03-02T14:02Z,-1\n";
    let returns = parse_signal("returns.csv", text.as_bytes(), None).unwrap().series;
    assert_eq!(returns.values, [Some(-0.5), Some(0.25), Some(-1.0)]);
    assert_eq!(told(&text.replace("-0.5", "7"), None).0.values, [Some(7.0), Some(0.25)]);
}

#[test]
fn what_gives_no_series_is_refused_in_a_sentence() {
    insta::assert_snapshot!(
        ["", "ts,value\n", "ts,value\n2026-03-02,1\n", "a,b\nx,y\n", "ts,value\nx,1\ny,2\nz,3\n", "ts,value\n2026-03-02,x\n2026-03-03,-1\n",
         "ts;value\n2026-03-02;12,5\n2026-03-03;13,5\n", "value\n1\n2\n",
         "ts,value\n2026-03-02,1\n\"2026-03-03,2\n2026-03-04,3\n2026-03-05,4\n"]
            .map(refused)
            .join("\n"),
        @r#"
    data.csv: is empty; expected a header `ts,value` and a row per step
    data.csv, line 1: has a header and no rows
    data.csv: holds a single point, of which no step can be told; two at least are needed
    data.csv, line 1: no column holds a time (a, b); name one of them ts
    data.csv, line 2: `x` is no time; write 2026-11-27T14:30:00Z, 2026-11-27 09:30 or unix seconds
    data.csv, line 2: none of the 2 rows has a value of zero or more in the column value: here stands `x`; write 1234.5, with a point and without separators
    data.csv, line 2: none of the 2 rows has a value of zero or more in the column value: here stands `12,5`; write 1234.5, with a point and without separators
    data.csv, line 1: no column holds a time (value); name one of them ts
    data.csv, line 3: a quote opens in this line and swallows 2 rows after it; close it
    "#
    );
}

#[test]
fn dates_without_hyphens_and_months_are_read_for_what_they_are() {
    let (series, notes) =
        told("ts,value\n20260301,1\n20260401,2\n20260501,3\n20260601,4\n20260701,5\n", None);
    assert_eq!((series.start, series.step_minutes), ("2026-03-01T00:00:00Z".parse().unwrap(), 30 * 1440));
    assert!(notes.iter().any(|n| n.starts_with("months are not of one length")), "{notes:?}");
    let (series, _) = told("ts,value\n202603010930,1\n202603010931,2\n20260301093200,3\n", None);
    assert_eq!((series.values.len(), series.step_minutes), (3, 1));
}

#[test]
fn three_points_and_a_constant_are_said_to_be_so() {
    let (series, notes) =
        told("ts,value\n2026-03-02T00:00Z,5\n2026-03-02T01:00Z,5\n2026-03-02T04:00Z,5\n", None);
    assert_eq!(series.values, [Some(5.0), Some(5.0), None, None, Some(5.0)]);
    insta::assert_snapshot!(notes.join("\n"), @r#"
    gaps: 1, of 2 steps of 60 min in all, which count as not measured; the longest, 3.0 h, follows 2026-03-02T01:00Z (line 3)
    only 3 points: too few to learn a day's shape from
    every value is 5
    "#);
}

#[test]
fn seconds_are_averaged_over_minutes_and_said_to_be() {
    let rows: Vec<String> = (0..8).map(|i| format!("{},{}\n", 1_772_461_800 + i * 15, i)).collect();
    let (series, notes) = told(&format!("ts,value\n{}", rows.concat()), None);
    assert_eq!((series.step_minutes, series.values), (1, vec![Some(1.5), Some(5.5)]));
    assert!(notes.iter().any(|n| n == "points every 15 s are averaged over steps of 1 min"), "{notes:?}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(ts,value\n)?([-0-9T:,.aZ\"; \t]{0,30}\n){0,12}") {
        if let Ok(reading) = parse("x", text.as_bytes(), Some(New_York)) {
            prop_assert!(reading.series.values.iter().flatten().all(|v| v.is_finite() && *v >= 0.0));
        }
    }

    #[test]
    fn what_is_written_is_read(values in proptest::collection::vec(proptest::option::weighted(0.8, 0.0..1e6), 3..200), step in 1u32..90) {
        let mut series = Series { start: "2026-01-05T00:00:00Z".parse().unwrap(), step_minutes: step, values };
        series.values.insert(0, Some(1.0));
        series.values.insert(0, Some(2.0));
        series.values.extend([Some(3.0), Some(4.0)]);
        let measured = series.values.windows(2).filter(|w| w[0].is_some() && w[1].is_some()).count();
        prop_assume!(measured * 2 > series.measured());
        let rows: Vec<String> = series.values.iter().enumerate()
            .filter_map(|(i, v)| v.map(|v| format!("{},{v}\n", series.at(i).to_rfc3339()))).collect();
        let read = parse("x", format!("ts,value\n{}", rows.concat()).as_bytes(), None).unwrap();
        prop_assert_eq!(read.series, series);
    }
}
