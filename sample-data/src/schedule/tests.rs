use super::*;

fn config() -> SampleConfig {
    SampleConfig::new("http://127.0.0.1:4317", "2026-11-21T01:00:00Z".parse().expect("a time"))
}

#[test]
fn the_fortnight_holds_each_class_once_at_least() {
    let cfg = config();
    let schedule = Schedule::new(&cfg);
    let past = |class| {
        schedule
            .events
            .iter()
            .filter(|e| e.class == class && e.start > cfg.start() && e.start < cfg.now)
            .count()
    };
    assert_eq!(past(Class::RateDecision), 1);
    assert!(past(Class::Earnings) >= 1 && past(Class::Payroll) >= 2 && past(Class::Expiry) >= 1);
    assert!(schedule.events.iter().any(|e| e.start > cfg.now), "the forecaster needs one ahead");
}

#[test]
fn a_rate_decision_comes_at_two_in_new_york() {
    let schedule = Schedule::new(&config());
    let decision = schedule.events.iter().find(|e| e.class == Class::RateDecision).expect("one");
    let local = decision.start.with_timezone(&Venue::Xnys.tz());
    assert_eq!(local.format("%a %H:%M").to_string(), "Wed 14:00");
    assert!(decision.lift(decision.start) > 3.0);
    assert_eq!(decision.lift(decision.start - Duration::minutes(11)), 1.0);
    assert_eq!(decision.lift(decision.start + Duration::minutes(120)), 1.0);
}

#[test]
fn the_bad_deploy_lies_in_a_session_and_is_rolled_back() {
    let schedule = Schedule::new(&config());
    let window = schedule.bad_deploy;
    assert_eq!((window.end - window.start).num_minutes(), 35);
    let session = Venue::Xnys.session(Venue::Xnys.date_at(window.start)).expect("a session");
    assert!(session.open < window.start && window.end < session.close);
    let back = schedule.releases.iter().find(|r| r.rollback).expect("a rollback");
    assert_eq!((back.at, back.version), (window.end, "2.30.4"));
}

#[test]
fn the_calendar_file_is_stable_and_names_every_field() {
    let text = crate::calendar_toml(&config());
    assert_eq!(text, crate::calendar_toml(&config()));
    insta::assert_snapshot!(text);
}
