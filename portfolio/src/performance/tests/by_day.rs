//! What was made on each day.

use super::*;

fn daily(lines: &str, to: &str) -> DailyReturns {
    let entries = entries(lines);
    let ask = Ask { to: to.parse().ok(), ..Ask::default() };
    daily_returns(Portfolio { name: "own", entries: &entries }, &ask)
}

const LIFE: &str = "2026-01-02,deposit,,,,1000\n2026-01-02,buy,X,10,50\n2026-01-02,price,X,,50
    2026-01-05,price,X,,55\n2026-01-06,deposit,,,,500\n2026-01-06,price,X,,52\n2026-01-08,withdrawal,,,,100\n2026-01-08,price,X,,60";

#[test]
fn days_compound_to_the_return_of_the_period() {
    let told = daily(LIFE, "2026-01-09");
    let whole = of(LIFE, &Ask { to: "2026-01-09".parse().ok(), ..Ask::default() });
    let dates: Vec<String> = told.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!((dates.len(), dates[0].as_str(), dates[7].as_str()), (8, "2026-01-02", "2026-01-09"));
    let growth: f64 = told.days.iter().map(|day| 1.0 + day.return_of_day.unwrap()).product();
    near(whole.time_weighted.total, growth - 1.0);
    near(told.days[7].return_since_start, growth - 1.0);
    assert_eq!(told.days[1].return_of_day, Some(0.0), "a Saturday");
    near(told.days[4].return_of_day, 1520.0 / 1550.0 - 1.0);
    assert_eq!((told.days[4].inflow, told.days[6].outflow), (dec("500"), dec("100")));
    assert_eq!(told.days[7].value, whole.end_value);
}

/// A value that is missing takes with it its own day, the next one, and where money moved beside it all that is told since
/// the start.
#[test]
fn what_is_not_known_takes_with_it_what_depends_on_it() {
    // Y is bought before it has a price.
    let lines = format!("{LIFE}\n2026-01-09,buy,Y,1,10\n2026-01-10,price,Y,,11\n2026-01-11,price,Y,,12");
    let told = daily(&lines, "2026-01-11");
    let returns: Vec<bool> = told.days.iter().map(|day| day.return_of_day.is_some()).collect();
    assert_eq!(returns[6..], [true, false, false, true], "the 8th to the 11th");
    assert_eq!(told.days[7].value, None);
    assert!(told.days[7].unavailable.as_ref().unwrap().contains("no price of Y"), "{:?}", told.days[7]);
    assert!(told.days[8].value.is_some() && told.days[8].unavailable.is_some());
    assert_eq!(told.days[7].return_since_start, None);
    let whole = of(&lines, &Ask::default());
    near(whole.time_weighted.total, told.days[9].return_since_start.unwrap());

    let moved = format!("{lines}\n2026-01-10,deposit,,,,1");
    let told = daily(&moved, "2026-01-11");
    assert!(told.days[6].return_since_start.is_some());
    assert!(told.days[7..].iter().all(|day| day.return_since_start.is_none() && day.unavailable.is_some()));
    assert!(told.days[9].return_of_day.is_some(), "the last day is known by itself");
    assert_eq!(of(&moved, &Ask::default()).time_weighted.total, None);
    assert_eq!(daily(LIFE, "2026-01-01"), DailyReturns::default(), "before the first booking");
}
