//! The pages in a real browser, on a demo with a little history.

use crate::program::{Demo, root};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_works_in_chromium_on_live_data() {
    let ui = root().join("dashboards/ui");
    if !ui.join("node_modules").exists() || !ui.join("dist/index.html").exists() {
        eprintln!("SKIPPED: the pages are not built; `make ui` builds them");
        return;
    }
    let demo = Demo::start(&["--backfill", "1d", "--backfill-rate", "4"]);
    let output = tokio::task::spawn_blocking({
        let description = demo.folder().join("demo.json");
        move || Command::new("npm").args(["run", "--silent", "e2e"]).current_dir(ui).env("HEADROOM_DEMO_JSON", description).output().unwrap()
    })
    .await
    .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{text}");
}
