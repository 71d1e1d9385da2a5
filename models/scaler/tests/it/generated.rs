//! The committed code of the wire contract is what its proto file generates.

use std::path::Path;

/// Where the proto file and what is made of it lie.
fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// With `HEADROOM_GENERATE=1` the committed file is written anew.
#[test]
fn the_wire_code_is_generated_from_the_proto_file() {
    let files = protox::compile(["externalscaler.proto"], [folder("proto")]).unwrap();
    let out = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .out_dir(out.path())
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .compile_fds(files)
        .unwrap();
    let made = std::fs::read_to_string(out.path().join("externalscaler.rs")).unwrap();
    let committed = folder("src/proto/externalscaler.rs");
    if std::env::var_os("HEADROOM_GENERATE").is_some() {
        std::fs::create_dir_all(committed.parent().unwrap()).unwrap();
        std::fs::write(&committed, &made).unwrap();
    }
    let have = std::fs::read_to_string(&committed).unwrap();
    assert!(
        have == made,
        "src/proto/externalscaler.rs is not what proto/externalscaler.proto generates: \
         HEADROOM_GENERATE=1 cargo test -p headroom-scaler generated"
    );
}
