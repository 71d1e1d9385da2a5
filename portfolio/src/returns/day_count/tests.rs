use super::*;

fn days(convention: DayCount, from: &str, to: &str) -> i64 {
    convention.days(from.parse().unwrap(), to.parse().unwrap())
}

#[test]
fn months_of_thirty_days_differ_at_their_ends() {
    // ISDA's examples of 30/360, 30E/360 and 30E/360 ISDA (2006 definitions, section 4.16).
    let rows = [
        ("2007-01-15", "2007-01-30"),
        ("2007-01-15", "2007-02-15"),
        ("2007-09-30", "2008-03-31"),
        ("2007-09-30", "2007-10-31"),
        ("2007-09-30", "2008-09-30"),
        ("2007-01-15", "2007-01-31"),
        ("2007-01-31", "2007-02-28"),
        ("2007-02-28", "2007-03-31"),
        ("2006-08-31", "2007-02-28"),
        ("2007-02-28", "2007-08-31"),
        ("2008-02-29", "2009-02-28"),
    ];
    let told = rows.map(|(from, to)| {
        let each = [
            DayCount::Thirty360,
            DayCount::ThirtyE360,
            DayCount::ThirtyE360Isda,
            DayCount::Thirty360Us,
            DayCount::ThirtyEPlus360,
        ];
        format!("{from} {to}: {:?}", each.map(|convention| days(convention, from, to)))
    });
    insta::assert_snapshot!(told.join("\n"), @"
    2007-01-15 2007-01-30: [15, 15, 15, 15, 15]
    2007-01-15 2007-02-15: [30, 30, 30, 30, 30]
    2007-09-30 2008-03-31: [180, 180, 180, 180, 181]
    2007-09-30 2007-10-31: [30, 30, 30, 30, 31]
    2007-09-30 2008-09-30: [360, 360, 360, 360, 360]
    2007-01-15 2007-01-31: [16, 15, 15, 16, 16]
    2007-01-31 2007-02-28: [28, 28, 30, 28, 28]
    2007-02-28 2007-03-31: [33, 32, 30, 30, 33]
    2006-08-31 2007-02-28: [178, 178, 180, 178, 178]
    2007-02-28 2007-08-31: [183, 182, 180, 180, 183]
    2008-02-29 2009-02-28: [359, 359, 360, 360, 359]
    ");
}

#[test]
fn isda_counts_days_of_leap_years_apart() {
    // 2003-11-01 to 2004-05-01: 61/365 + 121/366 (ISDA's memorandum on act/act, 1998).
    let years = DayCount::ActActIsda.years("2003-11-01".parse().unwrap(), "2004-05-01".parse().unwrap());
    assert!((years - (61.0 / 365.0 + 121.0 / 366.0)).abs() < 1e-12, "{years}");
}

#[test]
fn leap_days_are_left_out() {
    assert_eq!(days(DayCount::Nl365, "2024-02-28", "2024-03-01"), 1);
    assert_eq!(days(DayCount::Nl365, "2023-01-01", "2025-01-01"), 730);
    assert_eq!(days(DayCount::Nl365, "1899-12-31", "1900-12-31"), 365);
}

#[test]
fn names_are_read_back() {
    for convention in DayCount::ALL {
        assert_eq!(convention.name().to_uppercase().parse(), Ok(convention));
        assert_eq!(serde_json::to_value(convention).unwrap(), convention.name());
    }
    assert_eq!("Actual/Actual ISDA".parse(), Ok(DayCount::ActActIsda));
    insta::assert_snapshot!("act/7".parse::<DayCount>().unwrap_err(), @"there is no day count 'act/7': it is one of act/365, act/360, act/act, act/364, act/365.25, 30/360, 30/360 us, 30e/360, 30e/360 isda, 30e+/360, nl/365, nl/360");
}
