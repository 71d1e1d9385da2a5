use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Control;
use headroom_store::{Clock, ManualClock};

use super::{CalendarBody, CalendarKeeper, FeedState, posted};
use crate::config::ModelsConfig;

const TENANT: &str = "acme";

fn noon() -> DateTime<Utc> {
    "2026-11-03T12:00:00Z".parse().unwrap()
}

fn config(text: &str) -> ModelsConfig {
    toml::from_str(&format!("venues = [\"XNYS\"]\nbuiltin_events = false\n{text}")).unwrap()
}

struct Bench {
    clock: Arc<ManualClock>,
    control: Control,
    keeper: CalendarKeeper,
}

impl Bench {
    async fn new(text: &str) -> Self {
        Self::on(text, Control::in_memory().unwrap(), noon()).await
    }

    async fn on(text: &str, control: Control, now: DateTime<Utc>) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let keeper = CalendarKeeper::open(&config(text), control.clone(), TENANT, shared).await.unwrap();
        Self { clock, control, keeper }
    }

    async fn after(&mut self, time: TimeDelta) -> bool {
        self.clock.advance(time);
        self.keeper.round().await
    }

    /// The names of November's events.
    fn events(&self) -> Vec<String> {
        let (from, to) = ("2026-11-01T00:00:00Z".parse().unwrap(), "2026-12-01T00:00:00Z".parse().unwrap());
        let calendar = self.keeper.board().calendar();
        calendar.events(from, to, DateTime::<Utc>::MAX_UTC).into_iter().map(|event| event.name).collect()
    }

    fn feed(&self) -> FeedState {
        self.keeper.board().feeds()[0].clone()
    }
}

fn toml_event(name: &str) -> String {
    format!(
        "[[event]]\nclass = \"earnings\"\nname = \"{name}\"\nvenue = \"XNYS\"\nstart = \"2026-11-05T16:05\"\nduration_minutes = 90\n"
    )
}

fn ical(names: &[&str]) -> String {
    let event = |name: &&str| {
        format!(
            "BEGIN:VEVENT\r\nUID:{name}\r\nSUMMARY:{name}\r\nDTSTART:20261105T210500Z\r\nDURATION:PT90M\r\nEND:VEVENT\r\n"
        )
    };
    let events: String = names.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{events}END:VCALENDAR\r\n")
}

/// Writes a file so that its length differs from what it was: a clock's resolution may hide a change.
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// A server of one feed.
#[derive(Debug, Clone)]
struct Server {
    address: std::net::SocketAddr,
    state: Arc<Mutex<Served>>,
}

#[derive(Debug, Default)]
struct Served {
    status: u16,
    media_type: &'static str,
    body: String,
    etag: &'static str,
    /// What was asked: the `If-None-Match` and `Authorization` of each request.
    asked: Vec<(Option<String>, Option<String>)>,
}

impl Server {
    async fn start(body: &str) -> Self {
        let served = Served {
            status: 200,
            media_type: "text/calendar",
            body: body.to_owned(),
            etag: "\"1\"",
            asked: Vec::new(),
        };
        let state = Arc::new(Mutex::new(served));
        let app = axum::Router::new().fallback(serve).with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, state }
    }

    fn set(&self, change: impl FnOnce(&mut Served)) {
        change(&mut self.state.lock().unwrap());
    }

    fn asked(&self) -> Vec<(Option<String>, Option<String>)> {
        self.state.lock().unwrap().asked.clone()
    }

    fn config(&self, more: &str) -> String {
        format!(
            "[[feeds]]\nname = \"vendor\"\nurl = \"http://{}/secret-path/feed\"\nclass = \"earnings\"\nallow_networks = [\"127.0.0.1\"]\n{more}",
            self.address
        )
    }
}

async fn serve(State(state): State<Arc<Mutex<Served>>>, headers: HeaderMap) -> Response {
    let mut state = state.lock().unwrap();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let known = header("if-none-match");
    state.asked.push((known.clone(), header("authorization")));
    if state.status == 200 && known.as_deref() == Some(state.etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let headers =
        [("content-type", state.media_type), ("etag", state.etag), ("location", "http://127.0.0.1:1/")];
    (StatusCode::from_u16(state.status).unwrap(), headers, state.body.clone()).into_response()
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes_and_its_last_good_state_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    write(&path, &toml_event("ACME"));
    let mut bench = Bench::new(&format!("calendars = [{path:?}]")).await;
    let first = bench.keeper.board().calendar();
    assert_eq!(bench.events(), ["ACME"]);
    assert!(!bench.after(TimeDelta::seconds(10)).await);
    assert!(Arc::ptr_eq(&first, &bench.keeper.board().calendar()), "nothing changed: it is the same one");
    assert_eq!(bench.feed().confirmed_at, Some(noon() + TimeDelta::seconds(10)));

    write(&path, &format!("# a remark\n{}", toml_event("ACME")));
    assert!(!bench.after(TimeDelta::seconds(10)).await, "it says the same");
    write(&path, &toml_event("ACME, moved"));
    assert!(bench.after(TimeDelta::seconds(10)).await);
    assert_eq!(bench.events(), ["ACME, moved"]);

    write(&path, &format!("{}[[event]]\nclass = \"earnings\"\nname = \"no start\"\n", toml_event("another")));
    assert!(!bench.after(TimeDelta::seconds(10)).await);
    let good = noon() + TimeDelta::seconds(30);
    for _ in 0..2 {
        assert_eq!((bench.events().len(), bench.feed().confirmed_at), (1, Some(good)), "the age goes on");
        let problem = bench.feed().problem.unwrap();
        assert!(problem.starts_with("1 entry cannot be read, so what it said before stands: "), "{problem}");
        assert!(problem.contains("own.toml:"), "{problem}");
        bench.after(TimeDelta::seconds(10)).await;
    }
    std::fs::remove_file(&path).unwrap();
    assert!(!bench.after(TimeDelta::seconds(10)).await);
    assert!(bench.feed().problem.unwrap().starts_with("the file cannot be read: "));
    assert_eq!(bench.events(), ["ACME, moved"]);
    write(&path, &toml_event("ACME, moved"));
    assert!(!bench.after(TimeDelta::seconds(10)).await, "back, and it says what it said");
    assert_eq!(bench.feed().problem, None);
}

#[tokio::test]
async fn entries_may_name_venues_that_a_file_defines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    let venue = "[[venue]]\nmic = \"XLIS\"\nname = \"Euronext Lisbon\"\ncity = \"Lisbon\"\ntz = \"Europe/Lisbon\"\nopen = \"08:00\"\nclose = \"16:30\"\nfirst_year = 2020\nlast_year = 2027\n";
    write(&path, &format!("{venue}{}", toml_event("own").replace("XNYS", "XLIS")));
    let feed = folder.path().join("feed.toml");
    write(&feed, &toml_event("vendor's").replace("XNYS", "XLIS"));
    let text = format!("calendars = [{path:?}]\n[[feeds]]\nname = \"vendor\"\npath = {feed:?}\n");
    let clock = Arc::new(ManualClock::new(noon()));
    let config: ModelsConfig =
        toml::from_str(&format!("venues = [\"XLIS\"]\nbuiltin_events = false\n{text}")).unwrap();
    let keeper = CalendarKeeper::open(&config, Control::in_memory().unwrap(), TENANT, clock).await.unwrap();
    let problems: Vec<_> =
        keeper.board().feeds().into_iter().map(|feed| (feed.events, feed.problem)).collect();
    assert_eq!(problems, [(1, None), (1, None)]);
}

#[tokio::test]
async fn a_wrong_file_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    write(&path, "[[event]]\nname = \"no class\"\n");
    let clock = Arc::new(ManualClock::new(noon()));
    let config = config(&format!("calendars = [{path:?}]"));
    let refused =
        CalendarKeeper::open(&config, Control::in_memory().unwrap(), TENANT, clock).await.unwrap_err();
    assert!(refused.to_string().contains("own.toml:1: "), "{refused}");
}

#[tokio::test]
async fn a_url_is_fetched_when_due_and_only_when_it_changed() {
    let server = Server::start(&ical(&["ACME"])).await;
    let mut bench = Bench::new(&server.config("refresh_minutes = 30")).await;
    assert!(bench.events().is_empty());
    assert!(bench.after(TimeDelta::zero()).await);
    assert_eq!(bench.events(), ["ACME"]);
    assert!(!bench.after(TimeDelta::minutes(29)).await);
    assert_eq!(server.asked().len(), 1, "not due yet");
    assert!(!bench.after(TimeDelta::minutes(1)).await);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[1].0.as_deref()), (2, Some("\"1\"")), "asked by the version known");
    assert_eq!(bench.feed().confirmed_at, Some(noon() + TimeDelta::minutes(30)));

    server.set(|served| (served.body, served.etag) = (ical(&["ACME", "BETA"]), "\"2\""));
    assert!(bench.after(TimeDelta::minutes(30)).await);
    assert_eq!(bench.events(), ["ACME", "BETA"]);
    let state = bench.feed();
    assert_eq!((state.from.as_str(), state.events, state.problem), ("http://127.0.0.1", 2, None));
}

#[tokio::test]
async fn a_feed_that_fails_leaves_what_it_said_and_says_why() {
    let server = Server::start(&ical(&["ACME"])).await;
    let mut bench = Bench::new(&server.config("")).await;
    assert!(bench.after(TimeDelta::zero()).await);
    let cases: [(u16, &'static str, String, &str); 5] = [
        (500, "text/calendar", String::new(), "the feed answered 500 Internal Server Error"),
        (302, "text/calendar", String::new(), "the feed answered 302 Found; redirects are not followed"),
        (
            200,
            "text/calendar",
            "<html>sign in</html>".to_owned(),
            "cannot be read, so what it said before stands: vendor:1",
        ),
        (
            200,
            "text/html",
            ical(&["BETA"]),
            "neither Content-Type (text/html) nor extension tells how it is written",
        ),
        (200, "text/calendar", "x".repeat(11 << 20), "longer than the 10485760 bytes"),
    ];
    for (status, media_type, body, problem) in cases {
        server.set(|served| {
            (served.status, served.media_type, served.body, served.etag) = (status, media_type, body, "\"x\"")
        });
        assert!(!bench.after(TimeDelta::hours(1)).await);
        let state = bench.feed();
        assert!(state.problem.as_ref().is_some_and(|told| told.contains(problem)), "{state:?}");
        assert!(!state.problem.unwrap().contains("secret"));
        assert_eq!((bench.events(), state.confirmed_at), (vec!["ACME".to_owned()], Some(noon())));
    }
    // A broken-off download has fewer events and a fault.
    let cut = ical(&["ACME", "BETA"]);
    let cut = cut[..cut.len() - 60].to_owned();
    server.set(|served| (served.media_type, served.body) = ("text/calendar", cut));
    assert!(!bench.after(TimeDelta::hours(1)).await);
    assert_eq!(bench.events(), ["ACME"]);
    server.set(|served| served.body = ical(&["BETA"]));
    assert!(bench.after(TimeDelta::hours(1)).await);
    assert_eq!((bench.events(), bench.feed().problem), (vec!["BETA".to_owned()], None));
}

#[tokio::test]
async fn after_a_failure_a_feed_is_asked_sooner() {
    let server = Server::start(&ical(&["ACME"])).await;
    server.set(|served| served.status = 503);
    let mut bench = Bench::new(&server.config("")).await;
    bench.after(TimeDelta::zero()).await;
    server.set(|served| served.status = 200);
    assert!(!bench.after(TimeDelta::seconds(59)).await);
    assert!(bench.after(TimeDelta::seconds(1)).await);
}

#[tokio::test]
async fn what_a_feed_said_last_counts_after_a_restart_while_it_is_away() {
    let server = Server::start(&ical(&["ACME"])).await;
    let mut bench = Bench::new(&server.config("")).await;
    assert!(bench.after(TimeDelta::zero()).await);
    let control = bench.control.clone();
    server.set(|served| served.status = 503);
    let mut later = Bench::on(&server.config(""), control.clone(), noon() + TimeDelta::hours(5)).await;
    assert_eq!((later.events(), later.feed().confirmed_at), (vec!["ACME".to_owned()], Some(noon())));
    assert!(!later.after(TimeDelta::zero()).await);
    server.set(|served| served.status = 200);
    assert!(!later.after(TimeDelta::minutes(1)).await);
    assert_eq!(server.asked().last().unwrap().0.as_deref(), Some("\"1\""), "the version is remembered too");
    // Of another address, it does not count.
    let other = Server::start("").await;
    assert!(Bench::on(&other.config(""), control, noon()).await.events().is_empty());
}

#[tokio::test]
async fn inner_addresses_are_refused_and_a_token_is_sent() {
    let server = Server::start(&ical(&["ACME"])).await;
    let mut bench = Bench::new(&server.config("").replace("allow_networks = [\"127.0.0.1\"]", "")).await;
    assert!(!bench.after(TimeDelta::zero()).await);
    assert!(
        bench
            .feed()
            .problem
            .unwrap()
            .contains("which is loopback; add it, or its network, to allow_networks")
    );
    assert!(server.asked().is_empty());
    // PATH is set wherever tests run; what it holds is sent as it is.
    let mut bench = Bench::new(&server.config("token_env = \"PATH\"")).await;
    assert!(bench.after(TimeDelta::zero()).await);
    assert_eq!(server.asked()[0].1, Some(format!("Bearer {}", std::env::var("PATH").unwrap())));
    let mut bench = Bench::new(&server.config("token_env = \"HEADROOM_NO_SUCH_TOKEN\"")).await;
    assert!(!bench.after(TimeDelta::zero()).await);
    assert!(
        bench
            .feed()
            .problem
            .unwrap()
            .starts_with("the environment variable HEADROOM_NO_SUCH_TOKEN is not set")
    );
}

#[tokio::test]
async fn defaults_fill_what_a_feed_leaves_out() {
    let server = Server::start(&ical(&["ACME"])).await;
    let more = "venue = \"XNYS\"\nmultiplier = 2.5\nservices = [\"gateway\"]\nsource = \"vendor's calendar\"";
    let mut bench = Bench::new(&server.config(more)).await;
    assert!(bench.after(TimeDelta::zero()).await);
    let (from, to) = ("2026-11-05".parse().unwrap(), "2026-11-05".parse().unwrap());
    let body = CalendarBody::of(&bench.keeper.board(), Vec::new(), from, to).unwrap();
    insta::assert_json_snapshot!(body, @r#"
    {
      "from": "2026-11-05",
      "to": "2026-11-05",
      "days": [
        {
          "venue": "XNYS",
          "date": "2026-11-05",
          "open": "2026-11-05T14:30:00Z",
          "close": "2026-11-05T21:00:00Z",
          "hours": "09:30-16:00",
          "session": "regular",
          "coverage": "full",
          "overridden": null
        }
      ],
      "events": [
        {
          "class": "earnings",
          "name": "ACME",
          "venue": "XNYS",
          "effect_start": "2026-11-05T21:05:00Z",
          "start": "2026-11-05T21:05:00Z",
          "end": "2026-11-05T22:35:00Z",
          "local_start": "2026-11-05T16:05-05:00",
          "services": [
            "gateway"
          ],
          "prior": 2.5,
          "source": "vendor's calendar",
          "known_since": null,
          "confidence": 1.0
        }
      ],
      "doubts": [],
      "feeds": [
        {
          "name": "vendor",
          "from": "http://127.0.0.1",
          "events": 1,
          "overrides": 0,
          "confirmed_at": "2026-11-03T12:00:00Z",
          "next_at": "2026-11-03T13:00:00Z",
          "problem": null,
          "faults": []
        }
      ],
      "posted": []
    }
    "#);
    let refused = CalendarBody::of(&bench.keeper.board(), Vec::new(), to, "2029-01-01".parse().unwrap());
    assert_eq!(refused.unwrap_err().to_string(), "2026-11-05 to 2029-01-01 is no stretch of 1 to 400 days");
}

#[tokio::test]
async fn posted_entries_count_and_tell_who_posted_them() {
    let mut bench = Bench::new("").await;
    let text = r#"{"event": [{"class": "custom", "name": "Fee-free week", "start": "2026-11-10T08:00:00Z",
        "duration_minutes": 600, "multiplier": 1.6}],
        "override": [{"venue": "XNYS", "date": "2026-11-06", "closed": true, "source": "circular"}]}"#;
    let entries = posted::entries(text, &[]).unwrap();
    assert_eq!(entries.len(), 2);
    let kept = bench.control.add_calendar_entries(TENANT, &entries, "ada", noon()).unwrap();
    assert!(bench.after(TimeDelta::seconds(1)).await);
    let calendar = bench.keeper.board().calendar();
    let from = "2026-11-10T00:00:00Z".parse().unwrap();
    let events = calendar.events(from, from + TimeDelta::days(1), noon());
    assert_eq!((events[0].source.as_str(), events[0].known_since), ("posted by ada", Some(noon())));
    let closed = calendar.venues()[0].overridden("2026-11-06".parse().unwrap()).unwrap();
    assert_eq!((closed.source.as_str(), closed.since), ("circular", Some(noon())));
    bench.control.remove_calendar_entry(TENANT, &kept[0].id).unwrap();
    assert!(bench.after(TimeDelta::seconds(1)).await);
    assert!(bench.events().is_empty());
    assert!(bench.keeper.board().calendar().venues()[0].overridden("2026-11-06".parse().unwrap()).is_some());
}

#[test]
fn a_wrong_body_is_refused_by_line() {
    let refused = |text: &str| {
        let faults = posted::entries(text, &[]).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    insta::assert_snapshot!(refused("{"), @"body:1: EOF while parsing an object");
    insta::assert_snapshot!(refused("[]"), @r#"body:1: there is no entry: write {"event": [...]} or {"override": [...]}"#);
    insta::assert_snapshot!(refused("{\"event\": [\n{\"name\": \"A\", \"start\": \"soon\"}]}"), @"body:2: `soon` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z");
    insta::assert_snapshot!(refused("{\"evnt\": []}"), @"body:1: unknown field `evnt`, expected one of `event`, `events`, `override`, `overrides`");
}
