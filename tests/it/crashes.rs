//! `kill -9` in the middle of a load: every acknowledged span is there once.

use crate::load::Load;
use crate::program::{Demo, children, signal};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_engine_under_load_loses_and_doubles_nothing() {
    let demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "engine-crash");
    load.grow(2_000).await;
    for _ in 0..3 {
        let engines = children(demo.pid());
        assert_eq!(engines.len(), 1, "one engine runs under the demo: {engines:?}");
        signal(engines[0], "KILL");
        // Spans are acknowledged while the engine is away: the log takes them.
        load.grow(1_000).await;
        wait_for_another_engine(&demo, engines[0]).await;
        load.grow(1_000).await;
    }
    load.settle(&demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_program_under_load_loses_and_doubles_nothing() {
    let mut demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "program-crash");
    for _ in 0..3 {
        load.grow(1_500).await;
        demo.kill_and_restart();
    }
    load.grow(500).await;
    load.settle(&demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sigterm_drains_and_the_next_start_finds_clean_data() {
    let demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "drain");
    load.grow(1_000).await;
    let folder = demo.folder().to_owned();
    load.settle(&demo).await;
    let engines = children(demo.pid());
    assert!(folder.join("demo.json").exists());
    assert!(demo.terminate().success(), "SIGTERM is an ordinary end");
    for engine in engines {
        assert!(
            !std::path::Path::new(&format!("/proc/{engine}")).exists(),
            "the engine outlived the program"
        );
    }
}

async fn wait_for_another_engine(demo: &Demo, old: u32) {
    for _ in 0..600 {
        if children(demo.pid()).iter().any(|pid| *pid != old) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the engine was not restarted within a minute");
}
