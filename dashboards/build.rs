//! Makes sure the folder that holds the built pages exists.
//!
//! The pages are built by `npm run build` in `ui/` and embedded into the
//! program. A checkout in which they were not built yet must still compile, so
//! an empty `ui/dist` is created; the server then answers page requests with a
//! sentence that says how to build them.

use std::{env, fs, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let Some(root) = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        eprintln!("CARGO_MANIFEST_DIR is not set; run this through cargo");
        return ExitCode::FAILURE;
    };
    let dist = root.join("ui").join("dist");
    if let Err(error) = fs::create_dir_all(&dist) {
        eprintln!("cannot create {}: {error}", dist.display());
        return ExitCode::FAILURE;
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dist.display());
    ExitCode::SUCCESS
}
