//! Two systems that report to one store.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_reconcile::{Job, Options, Report, Source};
use headroom_store::Store;
use headroom_store::native::{Block, Map, Numbers, Strings};

const TENANT: &str = "acme";

/// A stored event: tenant, id, name, seconds after the start, attributes with their types.
struct Seed {
    tenant: &'static str,
    id: String,
    name: &'static str,
    at: i64,
    attributes: Vec<(&'static str, String)>,
}

fn seed(system: &'static str, number: usize, name: &'static str, at: i64) -> Seed {
    Seed {
        tenant: TENANT,
        id: format!("{system}-{name}-{number}"),
        name,
        at,
        attributes: vec![
            ("system", system.to_owned()),
            ("payment.id", format!("pay-{number}")),
            ("customer.id", format!("cus-{number}")),
            ("customer.email", format!("c{number}@example.com")),
            ("amount", format!("{number}.00")),
            ("currency", "EUR".to_owned()),
        ],
    }
}

impl Seed {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.retain(|(there, _)| *there != name);
        self.attributes.push((name, value.to_owned()));
        self
    }
}

async fn insert(store: &Store, start: DateTime<Utc>, seeds: &[Seed]) {
    let mut tenant = Strings::new();
    let mut name = Strings::new();
    let mut id = Strings::new();
    let mut customer = Strings::new();
    let mut ts = Numbers::<i64>::nanoseconds();
    let mut attributes = Map::new(Strings::new(), Strings::new());
    let mut types = Map::new(Strings::new(), Strings::new());
    for seed in seeds {
        tenant.push(seed.tenant);
        name.push(seed.name);
        id.push(&seed.id);
        let value = |wanted: &str| seed.attributes.iter().find(|(name, _)| *name == wanted);
        customer.push(value("customer.id").map_or("", |(_, value)| value));
        ts.push((start + TimeDelta::seconds(seed.at)).timestamp_nanos_opt().unwrap());
        for (name, value) in &seed.attributes {
            attributes.push(name, value);
        }
        attributes.end_row();
        types.push("retries", "int");
        types.end_row();
    }
    let block = Block::new()
        .with("tenant", tenant)
        .with("name", name)
        .with("event_id", id)
        .with("customer_id", customer)
        .with("ts", ts)
        .with("attributes", attributes)
        .with("attribute_types", types);
    store.insert_block("events", &block, &format!("reconcile-{}", seeds[0].id)).await.unwrap();
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp() - 7_200, 0).unwrap()
}

async fn compared(store: &Store, start: DateTime<Utc>, left: &str, right: &str, events: &[&str]) -> Report {
    let options = Options {
        from: Some(start),
        to: Some(start + TimeDelta::hours(1)),
        ..Options::new("", "", &["payment_id"])
    };
    let job = Job {
        left: Source::parse(left).unwrap(),
        right: Source::parse(right).unwrap(),
        tenant: TENANT.to_owned(),
        events: events.iter().map(|name| (*name).to_owned()).collect(),
        time_field: None,
        options,
    };
    job.run(Some(store), Utc::now()).await.unwrap()
}

#[tokio::test]
async fn two_systems_in_one_store() {
    let store = headroom_store::testing::store().await;
    let start = start();
    let mut old: Vec<Seed> = (1..=50)
        .flat_map(|number| {
            let at = 100 + number as i64 * 60;
            [
                seed("legacy", number, "deposit.initiated", at),
                seed("legacy", number, "deposit.completed", at + 5),
            ]
        })
        .collect();
    let mut new: Vec<Seed> = (1..=50)
        .flat_map(|number| {
            let at = 101 + number as i64 * 60;
            [
                // Another spelling, another scale, another type: the same.
                seed("new", number, "deposit.initiated", at).with("amount", &format!("{number}")),
                seed("new", number, "deposit.completed", at + 5).with("retries", "0"),
            ]
        })
        .collect();
    old.push(seed("legacy", 60, "deposit.initiated", 3_000));
    old.push(seed("legacy", 61, "deposit.initiated", 3_590));
    old.push(seed("legacy", 1, "deposit.completed", 165));
    new.push(seed("new", 70, "deposit.initiated", 3_100));
    new.push(seed("new", 71, "deposit.initiated", 2));
    new.push(seed("new", 72, "deposit.initiated", 3_600));
    new[0] = seed("new", 1, "deposit.initiated", 161).with("customer.email", "d1@example.com");
    new[3] = seed("new", 2, "deposit.completed", 300);
    // Paid again under an id of its own, 40 seconds later.
    new.push(
        Seed { id: "new-again".to_owned(), ..seed("new", 80, "deposit.initiated", 741) }
            .with("customer.id", "cus-10")
            .with("amount", "10"),
    );
    let foreign = Seed { tenant: "other", ..seed("new", 60, "deposit.initiated", 3_001) };
    new.push(foreign);
    insert(&store, start, &old).await;
    insert(&store, start, &new).await;

    let report = compared(&store, start, "system=legacy", "system=new", &[]).await;
    let counts = (report.counts.matched, report.counts.different, report.counts.missing, report.counts.extra);
    assert_eq!(counts, (99, 1, 1, 2), "{report}");
    assert_eq!((report.counts.pending_left, report.counts.pending_right, report.counts.late), (1, 1, 1));
    assert_eq!((report.left.resent, report.right.duplicates, report.right.suspects), (1, 0, 1));
    assert_eq!(report.key, ["payment_id", "event_name"]);
    assert_eq!(report.compared, ["amount", "currency", "customer_email", "customer_id"]);
    assert_eq!(report.right.own_fields, ["retries"]);
    assert_eq!(report.examples.missing[0].key, ["pay-60", "deposit.initiated"]);
    let email = &report.examples.different[0].fields[0];
    assert_eq!(
        (email.left.as_deref(), email.right.as_deref()),
        (Some("c***@e***.com"), Some("d***@e***.com"))
    );
    let suspect = &report.examples.suspects[0];
    assert_eq!((suspect.first.key[0].as_str(), suspect.second.key[0].as_str()), ("pay-10", "pay-80"));
    assert_eq!(suspect.apart, "40 s");

    let report = compared(&store, start, "system=legacy", "system=new", &["deposit.completed"]).await;
    assert_eq!((report.counts.matched, report.left.events, report.right.events), (50, 51, 50));
    assert!(report.passed, "{report}");

    // Names that differ by design are not compared.
    let (left, right) = ("system=legacy,event.name=deposit.completed", "system=new,name=deposit.completed");
    let report = compared(&store, start, left, right, &[]).await;
    assert_eq!((report.counts.matched, report.key.len(), report.passed), (50, 1, true), "{report}");
}

#[tokio::test]
async fn a_file_and_the_store() {
    let store = headroom_store::testing::store().await;
    let start = start();
    let seeds: Vec<Seed> =
        (1..=3).map(|number| seed("new", number, "deposit.completed", number as i64 * 600)).collect();
    insert(&store, start, &seeds).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legacy.csv");
    let row = |number: i64| {
        let at = (start + TimeDelta::seconds(number * 600)).to_rfc3339();
        format!("pay-{number},{number}.0,EUR,{at}\n")
    };
    let rows: String = (1..=4).map(row).collect();
    std::fs::write(&path, format!("payment_id,amount,currency,booked\n{rows}")).unwrap();
    let options = Options {
        from: Some(start),
        to: Some(start + TimeDelta::hours(1)),
        ..Options::new("", "", &["payment.id"])
    };
    let job = Job {
        left: Source::File(path),
        right: Source::parse("system=new").unwrap(),
        tenant: TENANT.to_owned(),
        events: vec!["deposit.completed".to_owned()],
        time_field: Some("booked".to_owned()),
        options,
    };
    let report = job.clone().run(Some(&store), Utc::now()).await.unwrap();
    assert_eq!((report.counts.matched, report.counts.missing), (3, 1), "{report}");
    assert_eq!(report.compared, ["amount", "currency"]);
    let error = job.run(None, Utc::now()).await.unwrap_err();
    assert_eq!(error.to_string(), "a selection of stored events needs a store");
}

#[tokio::test]
async fn more_events_than_one_answer_holds_come_as_a_stream() {
    let store = headroom_store::testing::store().await;
    let start = start();
    let from = start.timestamp_nanos_opt().unwrap();
    let sql = format!(
        "INSERT INTO {} (tenant, name, ts, event_id, attributes) SELECT 'acme', 'payment.sent', \
         fromUnixTimestamp64Nano({from} + (number % 3000) * 1000000000, 'UTC'), toString(number), \
         map('system', if(number % 2 = 0, 'legacy', 'new'), 'payment.id', toString(intDiv(number, 2)), \
         'reference', repeat('x', 100)) FROM numbers(200000) SETTINGS async_insert = 0",
        store.table("events")
    );
    store.execute(&sql).await.unwrap();
    let report = compared(&store, start, "system=legacy", "system=new", &[]).await;
    assert_eq!((report.counts.matched, report.passed), (100_000, true), "{report}");
}
