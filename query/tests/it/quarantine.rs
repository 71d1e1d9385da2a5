use chrono::TimeDelta;
use headroom_query::quarantine;
use headroom_store::native::{Block, Numbers, Strings};

use crate::fixture::{TENANT, base, hour, store};

#[tokio::test]
async fn rejections_by_signal_and_reason_the_most_frequent_first() {
    let store = store().await;
    let rows = [
        (TENANT, 1, "traces", "time", "first"),
        (TENANT, 2, "traces", "time", "second"),
        (TENANT, 3, "metrics", "series_limit", "too many"),
        (TENANT, 120, "logs", "time", "after the range"),
        ("other", 4, "logs", "decimal", "not ours"),
    ];
    let [mut tenant, mut signal, mut reason, mut detail, mut payload] =
        std::array::from_fn(|_| Strings::new());
    let mut ts = Numbers::milliseconds();
    for (who, minute, what, why, words) in rows {
        tenant.push(who);
        ts.push((base() + TimeDelta::minutes(minute)).timestamp_millis());
        signal.push(what);
        reason.push(why);
        detail.push(words);
        payload.push("");
    }
    let block = Block::new()
        .with("tenant", tenant)
        .with("ts", ts)
        .with("signal", signal)
        .with("reason", reason)
        .with("detail", detail)
        .with("payload", payload);
    store.insert_block("rejected", &block, "token").await.unwrap();
    let found = quarantine::rejections(&store, TENANT, hour(base())).await.unwrap();
    let shown: Vec<_> =
        found.iter().map(|r| format!("{} {} {} {}", r.signal, r.reason, r.count, r.detail)).collect();
    assert_eq!(shown, ["traces time 2 second", "metrics series_limit 1 too many"]);
    assert_eq!(found[0].last_seen, base() + TimeDelta::minutes(2));
}
