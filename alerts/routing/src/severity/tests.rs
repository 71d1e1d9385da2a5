use super::*;
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a time")
}

fn situation(burn: Burn) -> Situation {
    Situation {
        burn,
        acknowledged: false,
        customers: None,
        transactions: None,
        value: None,
        daily_value: None,
        down_since: None,
    }
}

/// What a first look says.
fn first(situation: &Situation) -> (Option<Severity>, Vec<Cause>) {
    let mut standing = Standing::new(at(0));
    standing.progress(&Ladder::default(), situation, at(0));
    (standing.severity, standing.causes)
}

#[test]
fn burn_alone() {
    let severity = |burn| first(&situation(burn)).0;
    assert_eq!(severity(Burn::None), None);
    assert_eq!(severity(Burn::Slow), Some(Severity::Warning));
    assert_eq!(severity(Burn::Fast), Some(Severity::Major));
    assert_eq!(severity(Burn::Fastest), Some(Severity::Critical));
}

#[test]
fn impact_at_its_limits() {
    let customers = |hit| {
        first(&Situation { customers: Some(Count { hit, of: Some(10_000) }), ..situation(Burn::Slow) }).0
    };
    assert_eq!(customers(99), Some(Severity::Warning));
    assert_eq!(customers(100), Some(Severity::Major));
    assert_eq!(customers(499), Some(Severity::Major));
    assert_eq!(customers(500), Some(Severity::Critical));
    let transactions = |hit| {
        first(&Situation { transactions: Some(Count { hit, of: Some(1_000) }), ..situation(Burn::Slow) }).0
    };
    assert_eq!(transactions(49), Some(Severity::Warning));
    assert_eq!(transactions(50), Some(Severity::Critical));
    let value = |cents: i64, daily: Option<i64>| {
        let (value, daily_value) = (Some(Decimal::new(cents, 2)), daily.map(Decimal::from));
        first(&Situation { value, daily_value, ..situation(Burn::Slow) })
    };
    assert_eq!(value(4_999_999, None).0, Some(Severity::Warning));
    assert_eq!(value(5_000_000, None), (Some(Severity::Critical), vec![Cause::Value]));
    assert_eq!(value(4_999, Some(1_000)).0, Some(Severity::Warning));
    assert_eq!(value(5_000, Some(1_000)), (Some(Severity::Critical), vec![Cause::Transactions]));
    let unknown = Situation { customers: Some(Count { hit: 9, of: None }), ..situation(Burn::Slow) };
    assert_eq!(first(&unknown).0, Some(Severity::Warning), "a share of nobody knows what");
}

#[test]
fn time_alone() {
    let ladder = Ladder::default();
    let mut standing = Standing::new(at(0));
    let slow = situation(Burn::Slow);
    assert!(standing.progress(&ladder, &slow, at(0)));
    assert!(!standing.progress(&ladder, &slow, at(1_799)));
    assert!(standing.progress(&ladder, &slow, at(1_800)));
    assert_eq!(
        (standing.severity, &standing.causes[..]),
        (Some(Severity::Major), &[Cause::Unacknowledged][..])
    );
    assert!(!standing.progress(&ladder, &slow, at(5_399)));
    assert!(standing.progress(&ladder, &slow, at(5_400)));
    assert_eq!((standing.severity, &standing.causes[..]), (Some(Severity::Critical), &[Cause::Lasting][..]));
    assert!(!standing.progress(&ladder, &slow, at(99_999)), "it stays");
    let calm = situation(Burn::None);
    assert!(!standing.progress(&ladder, &calm, at(100_000)));
    assert!(!standing.progress(&ladder, &calm, at(100_179)));
    assert!(standing.progress(&ladder, &calm, at(100_180)));
    assert_eq!(standing.severity, None);
}

#[test]
fn an_acknowledged_warning_stays_one() {
    let acknowledged = Situation { acknowledged: true, ..situation(Burn::Slow) };
    let mut standing = Standing::new(at(0));
    standing.progress(&Ladder::default(), &acknowledged, at(0));
    assert!(!standing.progress(&Ladder::default(), &acknowledged, at(86_400)));
}

#[test]
fn a_critical_service_that_is_down() {
    let down = Situation { down_since: Some(at(0)), ..situation(Burn::Fast) };
    let mut standing = Standing::new(at(0));
    standing.progress(&Ladder::default(), &down, at(0));
    // An hour of major would do as well: it began a second later.
    standing.since = at(1);
    assert!(!standing.progress(&Ladder::default(), &down, at(3_599)));
    assert!(standing.progress(&Ladder::default(), &down, at(3_600)));
    assert_eq!(standing.causes, [Cause::Down]);
}

#[test]
fn words_of_others() {
    let of = |text: &str| severity_of(&Labels::from([("severity".to_owned(), text.to_owned())]));
    assert_eq!(
        [of("critical"), of("Page"), of("error"), of("info")],
        [Severity::Critical, Severity::Critical, Severity::Major, Severity::Warning]
    );
    assert_eq!(severity_of(&Labels::new()), Severity::Warning);
}

proptest! {
    /// An open alert gets better only after the recovery window.
    #[test]
    fn it_gets_better_only_when_calm(steps in prop::collection::vec((1_i64..400, 0_u8..4), 1..80)) {
        let ladder = Ladder::default();
        let mut standing = Standing::new(at(0));
        let mut now = 0;
        // Since when every look has been less bad than what stands.
        let mut better_since: Option<i64> = None;
        for (step, burn) in steps {
            now += step;
            let burn = [Burn::None, Burn::Slow, Burn::Fast, Burn::Fastest][usize::from(burn)];
            let before = standing.clone();
            let looks = ladder.judge(&before, &situation(burn), at(now)).0;
            if looks >= before.severity {
                better_since = None;
            } else {
                better_since.get_or_insert(now);
            }
            standing.progress(&ladder, &situation(burn), at(now));
            if standing.severity < before.severity {
                prop_assert!(better_since.is_some_and(|since| now - since >= 180));
            }
            if standing.severity != before.severity {
                better_since = None;
            }
        }
    }
}
