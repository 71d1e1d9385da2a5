use std::time::Duration;

use super::*;
use crate::config::ProbeConfig;
use crate::template::Template;

fn now() -> DateTime<Utc> {
    "2026-11-27T14:30:00Z".parse().unwrap()
}

fn probe(step: &str) -> ProbeConfig {
    let text = format!(
        "name = 'p'\nevery = '1m'\nvariables = {{ wanted = 'filled' }}\n[[steps]]\nname = 's'\nurl = 'https://h/'\n{step}"
    );
    toml::from_str(&text).unwrap()
}

fn answer(status: u16, body: &str) -> Answer {
    let mut answer = Answer::new(status, Duration::from_millis(120));
    answer.body = body.as_bytes().to_vec();
    answer.headers.insert("content-type", "application/json".parse().unwrap());
    answer
}

fn after(step: &str, attempt: u32, answer: &Answer) -> Next {
    let probe = probe(step);
    let variables = Variables::of(&probe, now(), 7).unwrap();
    decide(&probe.steps[0], attempt, answer, &variables, now())
}

fn reason(step: &str, answer: &Answer) -> String {
    match after(step, 1, answer) {
        Next::Failed(failure, _) => failure.reason,
        other => format!("{other:?}"),
    }
}

const ORDER: &str = r#"{"id": 7, "status": "rejected", "price": "10.50", "big": 12345678901234567890.5, "ok": true, "none": null,
    "fills": [{"quantity": 3e2}], "long": "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjk"}"#;

#[test]
fn each_test_says_what_was_expected_and_what_was_found() {
    let mut order = answer(200, ORDER);
    order.certificate_until = Some(now() + TimeDelta::days(13));
    let told = |expect: &str| reason(&format!("expect = [{expect}]"), &order);
    insta::assert_snapshot!(told("{ json = '$.status', equals = 'filled' }"), @"expected $.status = filled, found rejected");
    insta::assert_snapshot!(told("{ json = '$.status', equals = '{{wanted}}' }"), @"expected $.status = filled, found rejected");
    insta::assert_snapshot!(told("{ json = '$.status', matches = '^(new|filled)$' }"), @"expected $.status to match ^(new|filled)$, found rejected");
    insta::assert_snapshot!(told("{ json = '$.gone', equals = 1 }"), @"expected $.gone = 1, found nothing");
    insta::assert_snapshot!(told("{ json = '$.gone', exists = true }"), @"expected $.gone to exist, found nothing");
    insta::assert_snapshot!(told("{ json = '$.id', exists = false }"), @"expected $.id not to exist, found 7");
    insta::assert_snapshot!(told("{ json = '$.id', equals = '8' }"), @"expected $.id = 8, found 7");
    insta::assert_snapshot!(told("{ json = '$.ok', equals = false }"), @"expected $.ok = false, found true");
    insta::assert_snapshot!(told("{ json = '$.price', above = 10.5 }"), @"expected $.price above 10.5, found 10.50");
    insta::assert_snapshot!(told("{ json = '$.price', below = '10.5' }"), @"expected $.price below 10.5, found 10.50");
    insta::assert_snapshot!(told("{ json = '$.big', at_most = '12345678901234567890' }"), @"expected $.big at most 12345678901234567890, found 12345678901234567890.5");
    insta::assert_snapshot!(told("{ json = '$.status', above = 1 }"), @"expected $.status above 1, found rejected");
    insta::assert_snapshot!(told("{ json = '$.long', contains = 'z' }"), @"expected $.long to contain z, found aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj…");
    insta::assert_snapshot!(told("{ body = true, contains = 'nowhere' }").chars().take(60).collect::<String>(), @r#"expected body to contain nowhere, found {"id": 7, "status":"#);
    insta::assert_snapshot!(told("{ header = 'Content-Type', matches = '^text/' }"), @"expected header content-type to match ^text/, found application/json");
    insta::assert_snapshot!(told("{ header = 'etag', exists = true }"), @"expected header etag to exist, found nothing");
    insta::assert_snapshot!(told("{ status = 201 }"), @"expected status 201, found 200");
    insta::assert_snapshot!(told("{ status = '201-204' }"), @"expected status 201-204, found 200");
    insta::assert_snapshot!(told("{ duration_below = '120ms' }"), @"expected duration below 120ms, found 120ms");
    insta::assert_snapshot!(told("{ certificate_days = 14 }"), @"expected a certificate for at least 14 days, found one until 2026-12-10 14:30 UTC");
    for holds in [
        "{ json = '$.price', equals = 10.5 }",
        "{ json = '$.price', at_least = '10.50' }",
        "{ json = '$.id', equals = 7 }",
        "{ json = '$.id', equals = '7' }",
        "{ json = '$.fills[-1].quantity', equals = 300 }",
        "{ json = '$.none', exists = true }",
        "{ json = '$.price', at_most = 10.5 }",
        "{ duration_below = '121ms' }",
        "{ certificate_days = 13 }",
        "{ json = '$.ok', equals = true }",
        "{ body = true, matches = '(?s)^.*rejected.*$' }",
        "{ status = '200-299' }",
        "{ json = '$', exists = true }",
    ] {
        assert_eq!(told(holds), "Done([])", "{holds}");
    }
}

#[test]
fn what_is_not_json_and_what_came_in_clear_is_told() {
    let html = answer(200, "<html>");
    insta::assert_snapshot!(reason("expect = [{ json = '$.a', equals = 1 }]", &html), @"expected $.a = 1, found an answer that is not JSON: expected value at line 1 column 1");
    insta::assert_snapshot!(reason("expect = [{ certificate_days = 14 }]", &html), @"expected a certificate for at least 14 days, found none: the answer came over plain HTTP");
}

#[test]
fn a_status_from_200_to_299_is_expected_where_nothing_is_said() {
    let kind = |step: &str, status| match after(step, 1, &answer(status, "{}")) {
        Next::Failed(failure, _) => failure.kind,
        other => format!("{other:?}"),
    };
    assert_eq!(kind("", 204), "Done([])");
    assert_eq!(kind("", 500), "500");
    assert_eq!(kind("", 302), "assertion");
    assert_eq!(kind("expect = [{ status = 404 }]", 404), "Done([])");
    assert_eq!(kind("expect = [{ json = '$.a', exists = true }]", 503), "503");
}

#[test]
fn asking_again_ends_with_the_answer_the_limit_or_a_failure() {
    let step = "repeat = { every = '1s', at_most = 3, until = [{ json = '$.status', equals = 'filled' }] }\n\
        expect = [{ json = '$.status', matches = '^(new|filled)$' }]\nextract = { id = { json = '$.id' } }";
    let of = |status: &str| answer(200, &format!(r#"{{"status": "{status}", "id": "o-1"}}"#));
    assert_eq!(after(step, 1, &of("new")), Next::Again);
    assert_eq!(after(step, 2, &of("filled")), Next::Done(vec![("id".to_owned(), "o-1".to_owned(), false)]));
    let failed = |attempt, status| match after(step, attempt, &of(status)) {
        Next::Failed(failure, _) => failure.reason,
        other => format!("{other:?}"),
    };
    insta::assert_snapshot!(failed(3, "new"), @"after 3 requests expected $.status = filled, found new");
    insta::assert_snapshot!(failed(1, "rejected"), @"expected $.status to match ^(new|filled)$, found rejected");
}

#[test]
fn what_a_bad_answer_tells_is_known_all_the_same() {
    let step = "expect = [{ duration_below = '1ms' }]\nextract = { id = { json = '$.id' }, gone = { json = '$.gone' } }";
    let Next::Failed(failure, learnt) = after(step, 1, &answer(201, ORDER)) else { panic!("it is too slow") };
    assert_eq!(failure.reason, "expected duration below 1ms, found 120ms");
    assert_eq!(learnt, [("id".to_owned(), "7".to_owned(), false)]);
}

#[test]
fn variables_are_extracted_or_it_is_said_why_not() {
    let mut order = answer(200, ORDER);
    order.headers.insert("location", "/orders/o-81f3?x=1".parse().unwrap());
    let of = |extract: &str| match after(&format!("extract = {{ v = {extract} }}"), 1, &order) {
        Next::Done(mut learnt) => format!("{:?}", learnt.remove(0)),
        Next::Failed(failure, _) => failure.reason,
        Next::Again => unreachable!(),
    };
    insta::assert_snapshot!(of("{ json = '$.id' }"), @r#"("v", "7", false)"#);
    insta::assert_snapshot!(of("{ json = '$.price', secret = true }"), @r#"("v", "10.50", true)"#);
    insta::assert_snapshot!(of("{ header = 'Location', matches = '^/orders/([^?]+)' }"), @r#"("v", "o-81f3", false)"#);
    insta::assert_snapshot!(of("{ header = 'Location', matches = '^/trades/(.+)' }"), @"v cannot be extracted: header location does not match ^/trades/(.+)");
    insta::assert_snapshot!(of("{ header = 'etag' }"), @"v cannot be extracted: there is no header etag");
    insta::assert_snapshot!(of("{ json = '$.none' }"), @"v cannot be extracted: there is nothing at $.none");
    insta::assert_snapshot!(of("{ json = '$.fills' }"), @"v cannot be extracted: $.fills is no single value");
    assert_eq!(Template::parse("{{v}}").unwrap().holes().next(), Some("v"));
}
