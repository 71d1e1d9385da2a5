//! What is told when, as logs: second, receiver, reason, severity, alerts.

use headroom_delivery::{Reason, Status};

use crate::sample::{Bench, alert, at, silence};

const KEY: &str = "pages:{slo=\"order\"}";

#[test]
fn a_night_that_nobody_answers() {
    let mut bench = Bench::new();
    bench.fire("order", "major", "a");
    bench.run(20);
    bench.fire("order", "major", "b");
    bench.run(120);
    bench.fire("order", "major", "c");
    bench.run(2_000);
    bench.resolve("order", "major", "a");
    bench.run(18_000);
    for host in ["b", "c"] {
        bench.resolve("order", "major", host);
    }
    bench.run(20_000);
    insta::assert_snapshot!(bench.log(), @r"
        35    oncall First major [b firing, a firing]
        345   oncall NewAlerts major [b firing, a firing, c firing]
        945   second Escalated major [b firing, a firing, c firing]
        1845  lead Escalated major [b firing, a firing, c firing]
        2150  oncall SomeResolved major [b firing, a resolved, c firing]
        2150  second SomeResolved major [b firing, a resolved, c firing]
        2150  lead SomeResolved major [b firing, a resolved, c firing]
        16550 oncall Repeat major [b firing, c firing]
        16550 second Repeat major [b firing, c firing]
        16550 lead Repeat major [b firing, c firing]
        18060 oncall AllResolved major [b resolved, c resolved]
        18060 second AllResolved major [b resolved, c resolved]
        18060 lead AllResolved major [b resolved, c resolved]
    ");
    assert!(bench.state.groups.is_empty(), "nothing is left to remember");
}

#[test]
fn somebody_takes_it() {
    let mut bench = Bench::new();
    bench.fire("order", "major", "a");
    bench.run(600);
    bench.acknowledge(KEY);
    bench.run(20_000);
    bench.fire("order", "critical", "a");
    bench.run(20_015);
    bench.run(52_000);
    bench.resolve("order", "critical", "a");
    bench.run(53_000);
    insta::assert_snapshot!(bench.log(), @r"
        30    oncall First major [a firing]
        600   oncall Acknowledged major [a firing]
        20015 oncall Raised critical [a firing]
        30305 second Escalated critical [a firing]
        31205 lead Escalated critical [a firing]
        45815 oncall Repeat critical [a firing]
        45815 second Repeat critical [a firing]
        45815 lead Repeat critical [a firing]
        52120 oncall AllResolved critical [a resolved]
        52120 second AllResolved critical [a resolved]
        52120 lead AllResolved critical [a resolved]
    ");
}

#[test]
fn what_comes_and_goes_at_once_is_told_in_one() {
    let mut bench = Bench::new();
    bench.fire("order", "critical", "a");
    bench.run(10);
    bench.resolve("order", "critical", "a");
    bench.run(1_000);
    insta::assert_snapshot!(bench.log(), @"40    oncall AllResolved critical [a resolved] (untold before)");
}

#[test]
fn a_silence_holds_back_and_then_lets_go() {
    let mut bench = Bench::new();
    bench.silences = vec![silence("host=b", 0, 3_000), silence("host=c", 600, 3_000)];
    for host in ["a", "b", "c"] {
        bench.fire("order", "major", host);
    }
    bench.run(500);
    bench.acknowledge(KEY);
    bench.run(1_000);
    for host in ["a", "b", "c"] {
        bench.resolve("order", "major", host);
    }
    bench.run(4_000);
    insta::assert_snapshot!(bench.log(), @r"
        30    oncall First major [a firing, c firing]
        500   oncall Acknowledged major [a firing, c firing]
        1240  oncall AllResolved major [a resolved]
        3040  oncall AllResolved major [c resolved]
    ");
}

#[test]
fn what_goes_on_after_a_silence_is_told_again() {
    let mut bench = Bench::new();
    bench.silences = vec![silence("host=b", 600, 3_000)];
    for host in ["a", "b"] {
        bench.fire("order", "major", host);
    }
    bench.run(1_000);
    bench.resolve("order", "major", "a");
    bench.run(3_500);
    insta::assert_snapshot!(bench.log(), @r"
        30    oncall First major [b firing, a firing]
        930   second Escalated major [a firing]
        1240  oncall AllResolved major [a resolved]
        1240  second AllResolved major [a resolved]
        3040  oncall First major [b firing]
    ");
}

#[test]
fn a_page_inhibits_its_ticket() {
    let mut bench = Bench::new();
    bench.fire("order", "critical", "a");
    bench.fire("order", "warning", "t");
    bench.fire("quote", "warning", "q");
    bench.run(800);
    bench.acknowledge(KEY);
    bench.resolve("order", "critical", "a");
    bench.run(2_500);
    insta::assert_snapshot!(bench.log(), @r"
        30    oncall First critical [a firing]
        30    channel First warning [q firing]
        800   oncall Acknowledged critical [a firing]
        935   oncall AllResolved critical [a resolved]
        935   channel NewAlerts warning [q firing, t firing]
    ");
}

#[test]
fn flapping_is_told_as_firing_until_it_calms() {
    let mut bench = Bench::new();
    for minute in 0..20 {
        bench.run(minute * 60);
        let status = if minute % 2 == 0 { Status::Firing } else { Status::Resolved };
        bench.observe("quote", "warning", "q", status);
    }
    bench.run(5_000);
    insta::assert_snapshot!(bench.log(), @r"
        30    channel First warning [q firing]
        3030  channel AllResolved warning [q resolved]
    ");
}

#[test]
fn what_gets_worse_leaves_the_channel_for_the_pager() {
    let mut bench = Bench::new();
    bench.fire("order", "warning", "a");
    bench.run(1_000);
    bench.fire("order", "major", "a");
    bench.run(2_000);
    bench.resolve("order", "major", "a");
    bench.run(3_000);
    insta::assert_snapshot!(bench.log(), @r"
        30    channel First warning [a firing]
        1030  oncall First major [a firing]
        1240  channel AllResolved warning [a resolved]
        1930  second Escalated major [a firing]
        2240  oncall AllResolved major [a resolved]
        2240  second AllResolved major [a resolved]
    ");
}

#[test]
fn nothing_open_is_nothing_to_take() {
    let mut bench = Bench::new();
    bench.acknowledge(KEY);
    bench.fire("order", "major", "a");
    bench.acknowledge(KEY);
    assert!(bench.told.is_empty());
}

#[test]
fn what_resolves_unheard_of_is_nothing() {
    let mut bench = Bench::new();
    bench.resolve("order", "major", "a");
    assert!(bench.state.groups.is_empty());
}

#[test]
fn a_route_that_goes_on_tells_both() {
    let mut bench = Bench::new();
    bench.router.routes[0].goes_on = true;
    bench.fire("order", "major", "a");
    bench.run(60);
    let receivers: Vec<&str> = bench.told.iter().map(|n| n.receiver.as_str()).collect();
    assert_eq!(receivers, ["oncall", "channel"]);
}

#[test]
fn a_notification_says_what_it_knows() {
    let mut bench = Bench::new();
    let mut alert = alert("order", "critical", "a", Status::Firing, 0);
    alert.labels.insert("service".to_owned(), "order".to_owned());
    alert.annotations.insert("runbook_url".to_owned(), "https://runbooks.example.com/order".to_owned());
    bench.router.observe(&mut bench.state, &alert, at(0));
    bench.run(30);
    let [told] = bench.told.as_slice() else { panic!("one") };
    assert_eq!(
        (told.title.as_str(), told.service.as_str(), told.reason),
        ("order burns on a", "order", Reason::First)
    );
    assert_eq!(
        told.runbook.as_ref().map(ToString::to_string).as_deref(),
        Some("https://runbooks.example.com/order")
    );
    assert_eq!(told.group_labels, headroom_delivery::Labels::from([("slo".to_owned(), "order".to_owned())]));
}

#[test]
fn a_route_that_is_taken_away_ends_its_groups() {
    let mut bench = Bench::new();
    bench.fire("order", "major", "a");
    bench.run(60);
    bench.router.routes.clear();
    bench.run(120);
    assert!(bench.state.groups.is_empty());
}
