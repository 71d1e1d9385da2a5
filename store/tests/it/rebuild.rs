//! A past day's rollups, counted again.

use chrono::{DateTime, Days, TimeDelta, Utc};
use headroom_store::migrate::Migrator;
use headroom_store::rebuild::{REBUILDABLE, rebuild};
use headroom_store::schema::{self, Form, Retention};
use headroom_store::testing;

use crate::spans;

#[tokio::test(flavor = "multi_thread")]
async fn a_past_day_is_counted_again_with_each_span_once() {
    let store = testing::counting_store().await;
    let migrator = Migrator::new(&store, Form::Embedded, Retention::default());
    store.insert_block("spans", &spans::block(1, &[1, 2, 3], 1), "t").await.unwrap();
    // The same spans in another request of a collector: stored twice, and counted twice.
    store.insert_block("spans", &spans::block(1, &[1, 2, 3], 1), "u").await.unwrap();
    let day = DateTime::<Utc>::from_timestamp_nanos(spans::base_ns()).date_naive();
    let tomorrow = day.checked_add_days(Days::new(1)).unwrap().and_hms_opt(0, 0, 1).unwrap().and_utc();
    let exemplars =
        store.rows::<u64>(&format!("SELECT count() FROM {}", store.table("exemplars"))).await.unwrap();
    for table in REBUILDABLE {
        let renderer = migrator.renderer();
        let early =
            rebuild(&store, renderer, table, day, tomorrow - TimeDelta::seconds(2)).await.unwrap_err();
        assert!(early.to_string().contains("is not over"), "{early}");
        let rebuilt = rebuild(&store, renderer, table, day, tomorrow).await.unwrap();
        let counts = (rebuilt.before, rebuilt.after);
        if table == schema::EXEMPLARS {
            assert_eq!(counts.0, counts.1, "{exemplars:?}");
        } else {
            assert_eq!(counts, (6, 3), "{table}");
            let again = rebuild(&store, renderer, table, day, tomorrow).await.unwrap();
            assert_eq!((again.before, again.after), (3, 3), "{table}");
        }
    }
    let long_ago = day.checked_sub_days(Days::new(9)).unwrap();
    let none =
        rebuild(&store, migrator.renderer(), schema::SPAN_MINUTE, long_ago, tomorrow).await.unwrap_err();
    assert!(none.to_string().contains("has no spans of"), "{none}");
    let error = rebuild(&store, migrator.renderer(), "spans", day, tomorrow).await.unwrap_err();
    assert!(error.to_string().contains("must be one of span_minute"), "{error}");
}
