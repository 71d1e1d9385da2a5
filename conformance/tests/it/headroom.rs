//! Headroom's own receiver keeps every duty.

use crate::support::{Receiver, failed, report, skipped};

#[tokio::test(flavor = "multi_thread")]
async fn headroom_passes_every_check() {
    let receiver = Receiver::start(8 << 20).await;
    let report = report(&receiver.options()).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report}");
    assert_eq!(skipped(&report), Vec::<String>::new());
    let levels: Vec<_> = report.levels.iter().map(|l| format!("{} {}", l.level, l.score)).collect();
    insta::assert_debug_snapshot!(levels, @r#"
    [
        "MUST 100.0 %  319 of 319 passed",
        "SHOULD 100.0 %  58 of 58 passed",
        "MAY 100.0 %  4 of 4 passed",
        "robustness 100.0 %  62 of 62 passed",
    ]
    "#);
    assert_eq!(report.exit_code(), 0);
}
