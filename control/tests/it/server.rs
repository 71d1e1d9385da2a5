//! What a PostgreSQL server can do to us, and what is done about it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use headroom_control::{Control, ControlConfig, ControlError, Decision, LEAD_FOR, Server};
use serde_json::json;

use crate::at;
use crate::nodes::firing;
use crate::world::{Cluster, World};

#[test]
fn nodes_that_start_at_once_make_the_schema_once_and_a_newer_one_is_refused() {
    let Some(world) = World::postgres() else { return };
    thread::scope(|scope| {
        for n in 0..4 {
            let world = &world;
            scope.spawn(move || {
                world.open().create_token(&format!("t{n}"), "sre".parse().unwrap(), "acme", at(0))
            });
        }
    });
    assert_eq!(world.open().list_tokens().unwrap().len(), 4);
    world.behind_the_back("UPDATE schema_version SET version = 9999").unwrap();
    let newer = Control::connect(&world.server()).unwrap_err();
    assert!(matches!(newer, ControlError::NewerSchema { found: 9999, .. }), "{newer}");
}

#[test]
fn a_server_that_is_killed_takes_no_half_transaction_with_it_and_is_found_again() {
    let Some(cluster) = Cluster::start("killed") else { return };
    let world = cluster.world();
    let control = world.open();
    control.route("acme", at(0), |_| Ok(firing("a1"))).unwrap();
    let lost = control.route("acme", at(1), |_| {
        cluster.kill();
        Ok(firing("a2"))
    });
    assert!(matches!(lost, Err(ControlError::Lost { .. })), "{lost:?}");
    let away = control.open_alerts("acme").unwrap_err().to_string();
    assert!(away.contains("check that the server runs and that control.url names it"), "{away}");
    cluster.again();
    let started = Instant::now();
    while control.route("acme", at(2), |_| Ok(firing("a3"))).is_err() {
        assert!(started.elapsed() < Duration::from_secs(5), "the server is not found again");
        thread::sleep(Duration::from_millis(100));
    }
    let open: Vec<_> = control.open_alerts("acme").unwrap().into_iter().map(|alert| alert.id).collect();
    assert_eq!(open, ["a1", "a3"]);
    assert_eq!(control.list_deliveries(None, 9).unwrap().len(), 2);
}

/// What stands between a node and its server.
struct Wire {
    url: String,
    fault: Arc<AtomicU8>,
}

const NONE: u8 = 0;
/// The line breaks before the server hears of COMMIT.
const BEFORE: u8 = 1;
/// The line breaks when the server has heard of it.
const AFTER: u8 = 2;
/// Nothing comes through any more.
const FROZEN: u8 = 3;

impl Wire {
    fn before(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = world.url();
        let (server, database) = url.split_once("127.0.0.1:").unwrap().1.split_once('/').unwrap();
        let server = format!("127.0.0.1:{server}");
        let fault = Arc::new(AtomicU8::new(NONE));
        let url = format!("postgres://headroom@{}/{database}", listener.local_addr().unwrap());
        let faults = Arc::clone(&fault);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                let (there, back) = (Arc::clone(&faults), Arc::clone(&faults));
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || carry(from, to, &there));
                thread::spawn(move || carry(server, client, &back));
            }
        });
        Self { url, fault }
    }

    fn control(&self) -> Control {
        Control::connect(&Server::new(&self.url, None, 2).unwrap()).unwrap()
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, fault: &AtomicU8) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        while fault.load(Ordering::SeqCst) == FROZEN {
            thread::sleep(Duration::from_millis(10));
        }
        let bytes = &buffer[..length];
        match bytes.windows(7).any(|word| word == b"COMMIT\0").then(|| fault.load(Ordering::SeqCst)) {
            Some(BEFORE) => break,
            Some(AFTER) => {
                from.shutdown(Shutdown::Both).unwrap();
                to.write_all(bytes).unwrap();
                // The server does what it has heard before it sees that nobody is there any more.
                thread::sleep(Duration::from_millis(200));
                break;
            }
            _ if to.write_all(bytes).is_err() => break,
            _ => {}
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn a_commit_without_an_answer_is_said_to_be_unsure_and_never_repeated() {
    let Some(world) = World::postgres() else { return };
    let wire = Wire::before(&world);
    let control = wire.control();
    for (fault, id, stored) in [(BEFORE, "a1", false), (AFTER, "a2", true)] {
        wire.fault.store(fault, Ordering::SeqCst);
        let mut decisions = 0;
        let unsure = control.route("acme", at(0), |_| {
            decisions += 1;
            Ok(firing(id))
        });
        assert!(matches!(unsure, Err(ControlError::Unsure { .. })), "{id}: {unsure:?}");
        assert_eq!(decisions, 1);
        wire.fault.store(NONE, Ordering::SeqCst);
        assert_eq!(
            control.alert("acme", id).unwrap().is_some(),
            stored,
            "the next caller has another connection"
        );
        assert_eq!(world.open().list_deliveries(None, 9).unwrap().len(), usize::from(stored));
    }
}

#[test]
fn a_line_through_which_nothing_comes_is_given_up() {
    let Some(world) = World::postgres() else { return };
    let wire = Wire::before(&world);
    let control = wire.control();
    let started = Instant::now();
    let lost = control.route("acme", at(0), |_| {
        wire.fault.store(FROZEN, Ordering::SeqCst);
        Ok(firing("a1"))
    });
    assert!(matches!(lost, Err(ControlError::Lost { .. })), "{lost:?}");
    assert!(started.elapsed() < Duration::from_secs(14), "{:?}", started.elapsed());
    let refused = control.open_alerts("acme").unwrap_err().to_string();
    assert!(refused.contains("no connection within 5 s"), "{refused}");
    wire.fault.store(NONE, Ordering::SeqCst);
    thread::sleep(Duration::from_secs(1));
    assert!(control.open_alerts("acme").unwrap().is_empty());
}

#[test]
fn calls_may_be_made_on_a_runtime_and_its_other_tasks_go_on() {
    let Some(world) = World::postgres() else { return };
    let (wire, held) = (Wire::before(&world), world.open());
    let control = wire.control();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async move {
        let asked = tokio::spawn(async move {
            // Another node writes for a while, on the only thread that there is.
            let waits = thread::spawn(move || {
                held.route("acme", at(0), |_| {
                    thread::sleep(Duration::from_millis(600));
                    Ok(Decision::default())
                })
            });
            thread::sleep(Duration::from_millis(200));
            control.route("acme", at(0), |_| Ok(firing("a1"))).unwrap();
            waits.join().unwrap().unwrap();
            drop(control);
        });
        let started = Instant::now();
        let mut ticks = 0;
        while !asked.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
            ticks += 1;
        }
        assert!(ticks > 10, "{ticks} in {:?}", started.elapsed());
        asked.await.unwrap();
    });
    let one_thread = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    one_thread.block_on(async { assert_eq!(world.open().open_alerts("acme").unwrap().len(), 1) });
}

#[test]
fn more_callers_than_connections_take_turns() {
    let Some(world) = World::postgres() else { return };
    let control = Control::connect(&Server::new(&world.url(), None, 2).unwrap()).unwrap();
    thread::scope(|scope| {
        for n in 0..8 {
            let control = &control;
            scope.spawn(move || {
                for m in 0..10 {
                    control.audit("ada", "a", &format!("{n}"), "", &json!(m), at(0)).unwrap();
                }
            });
        }
    });
    assert_eq!(control.audit_verify().unwrap().rows, 80);
    let database = world.url().rsplit_once('/').unwrap().1.to_owned();
    let counted = format!(
        "DO $$ BEGIN IF (SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND \
         application_name = 'headroom') > 2 THEN RAISE EXCEPTION 'more than two'; END IF; END $$"
    );
    world.behind_the_back(&counted).unwrap();
}

/// A node in a process of its own: run by the tests below, never by itself.
#[test]
#[ignore = "the other process of tests of this file"]
fn another_node() {
    let Ok(url) = std::env::var("HEADROOM_TEST_NODE") else { return };
    let control = Control::connect(&Server::new(&url, None, 2).unwrap()).unwrap();
    let node = control.leadership("alerts", "the other process");
    assert!(node.campaign(at(0)).unwrap());
    let outcome = node.control().route("acme", at(0), |_| {
        println!("deciding");
        thread::sleep(Duration::from_secs(2));
        Ok(firing("a1"))
    });
    println!("outcome: {}", outcome.map_or_else(|error| error.to_string(), |_| "stored".to_owned()));
    let late = node.control().route("acme", at(0), |_| Ok(firing("a1")));
    println!("outcome: {}", late.map_or_else(|error| error.to_string(), |_| "stored".to_owned()));
}

/// Starts the process above and waits until it is in the middle of a transaction.
fn deciding(world: &World) -> (Child, impl Iterator<Item = String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "server::another_node", "--ignored", "--nocapture"])
        .env("HEADROOM_TEST_NODE", world.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("deciding")));
    (child, lines)
}

#[test]
fn a_node_that_is_killed_in_a_transaction_leaves_nothing_and_holds_up_nobody() {
    let Some(world) = World::postgres() else { return };
    let control = world.open();
    let (mut child, _lines) = deciding(&world);
    child.kill().unwrap();
    child.wait().unwrap();
    let started = Instant::now();
    assert_eq!(control.route("acme", at(1), |_| Ok(firing("a2"))).unwrap(), 1);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let open: Vec<_> = control.open_alerts("acme").unwrap().into_iter().map(|alert| alert.id).collect();
    assert_eq!(open, ["a2"]);
    let heir = control.leadership("alerts", "heir");
    assert!(!heir.campaign(at(0)).unwrap(), "its term is not over yet");
    assert!(heir.campaign(at(0) + LEAD_FOR).unwrap());
}

#[test]
fn a_leader_that_is_stopped_in_a_transaction_and_wakes_up_changes_nothing() {
    let Some(world) = World::postgres() else { return };
    let control = world.open();
    let (mut child, lines) = deciding(&world);
    let signal = |name: &str| {
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    };
    signal("STOP");
    let started = Instant::now();
    let heir = control.leadership("alerts", "heir");
    assert!(heir.campaign(at(0) + LEAD_FOR).unwrap());
    assert!(
        started.elapsed() < Duration::from_secs(7),
        "the server ends what nobody goes on with: {:?}",
        started.elapsed()
    );
    assert_eq!(heir.control().route("acme", at(1), |_| Ok(firing("a2"))).unwrap(), 1);
    signal("CONT");
    let said: Vec<_> = lines.filter(|line| line.starts_with("outcome")).collect();
    child.wait().unwrap();
    assert!(said[0].contains("was lost") && said[0].ends_with("nothing was changed: try again"), "{said:?}");
    assert_eq!(said[1], "outcome: alerts is led by another node now: nothing was changed");
    let open: Vec<_> = control.open_alerts("acme").unwrap().into_iter().map(|alert| alert.id).collect();
    assert_eq!(open, ["a2"]);
}

#[test]
fn the_server_is_who_its_certificate_says() {
    let Some(World::Server { cluster, .. }) = World::postgres() else { return };
    let port = cluster.url("postgres").rsplit_once(':').unwrap().1.to_owned();
    let authority = cluster.folder.join("ca.crt");
    let connect = |host: &str, query: &str| {
        let url = format!("postgres://headroom@{host}:{port}?{query}");
        Server::new(&url, None, 1)
            .and_then(|server| Control::connect(&server).map(|_| ()))
            .map_err(|e| e.to_string())
    };
    let with_authority = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    assert_eq!(connect("localhost", &with_authority), Ok(()));
    for (host, query, why) in [
        ("localhost", "sslmode=verify-full", "UnknownIssuer"),
        ("127.0.0.1", with_authority.as_str(), "not valid for name"),
        ("localhost", "sslmode=require", "use verify-full"),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere", "sslrootcert /nowhere"),
        ("localhost", "sslmode=disable&shard=1", "unknown option `shard`"),
    ] {
        let refused = connect(host, query).unwrap_err();
        assert!(refused.contains(why), "{host} {query}: {refused}");
    }
}

#[test]
fn what_cannot_be_used_says_what_to_do_and_no_secret() {
    let config = |url: &str| ControlConfig {
        url: Some(url.to_owned()),
        password: Some("s3cret".to_owned()),
        ..ControlConfig::default()
    };
    for (url, why) in [
        ("mysql://a@b/c", "control.url must begin with postgres://"),
        ("postgres://headroom:s3cret@db.example.com/headroom", "put it into control.password"),
        ("postgres://db.example.com/headroom", "must name a user and a host"),
        ("postgres://headroom@/headroom", "must name a user and a host"),
    ] {
        let refused = config(url).server().unwrap_err().to_string();
        assert!(refused.contains(why) && !refused.contains("s3cret"), "{refused}");
    }
    let server = config("postgres://headroom@db.example.com:5433/control").server().unwrap().unwrap();
    assert!(server.is_encrypted(), "unless it is on this machine");
    assert_eq!(server.to_string(), "postgres headroom@db.example.com:5433/control");
    assert!(!format!("{server:?} {:?}", config("postgres://a@b/c")).contains("s3cret"));
    assert!(!config("postgres://headroom@127.0.0.1/control").server().unwrap().unwrap().is_encrypted());
    assert!(
        !config("postgres://headroom@/control?host=/run/postgresql")
            .server()
            .unwrap()
            .unwrap()
            .is_encrypted()
    );

    let Some(World::Server { cluster, .. }) = World::postgres() else { return };
    let missing =
        Control::connect(&Server::new(&cluster.url("nowhere"), None, 1).unwrap()).unwrap_err().to_string();
    assert!(missing.contains("database \"nowhere\" does not exist (3D000); make the database"), "{missing}");
}

#[test]
fn what_it_cannot_keep_is_refused_and_not_bent() {
    let Some(world) = World::postgres() else { return };
    let control = world.open();
    let refused = control.audit("ada", "a", "c-\0", "", &json!({}), at(0)).unwrap_err().to_string();
    assert_eq!(refused, "a text with the character U+0000 cannot be stored: take it out");
    control.audit("ada", "a", "c-1", "", &json!({"zero": "\0", "emoji": "\u{1f600}"}), at(0)).unwrap();
    assert_eq!(control.audit_verify().unwrap().rows, 1);
}
