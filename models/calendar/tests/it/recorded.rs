//! Where the recorded data lies: `HEADROOM_RECORDED_DATA`. Tests that need it say so and pass without it.

use std::path::PathBuf;

pub(crate) fn directory() -> Option<PathBuf> {
    let found = std::env::var_os("HEADROOM_RECORDED_DATA").map(PathBuf::from).filter(|d| d.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: set HEADROOM_RECORDED_DATA to the folder of the recorded data to run this test");
    }
    found
}
