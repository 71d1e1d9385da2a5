//! The command line: help that teaches, configuration errors with their line, one program per folder.

use crate::program::{Demo, headroom, said};

#[test]
fn a_wrong_key_is_refused_with_file_line_and_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "tenant = \"a\"\n\n[ingest]\ngrpc_port = 1\n")
        .unwrap();
    let output = headroom(&["check"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("headroom.toml:4:1: unknown field `grpc_port`"), "{said}");
    assert!(said.contains("grpc_listen"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "one line: {said}");
}

#[test]
fn a_right_file_is_explained_and_as_json_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "").unwrap();
    let output = headroom(&["check", "--output", "json"], folder.path());
    assert!(output.status.success(), "{}", said(&output));
    let meaning: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(meaning["web"], "127.0.0.1:8080");
}

#[test]
fn a_token_is_printed_once_and_stored_as_a_hash() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "data_dir = \"d\"\n").unwrap();
    let output = headroom(&["token", "create", "--role", "ingest", "--name", "gateway"], folder.path());
    assert!(output.status.success(), "{}", said(&output));
    let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(token.starts_with("hr_ingest_"), "{token}");
    for file in std::fs::read_dir(folder.path().join("d")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(
            !bytes.windows(token.len()).any(|w| w == token.as_bytes()),
            "the token is stored in the clear"
        );
    }
    let listed = headroom(&["token", "list"], folder.path());
    assert!(String::from_utf8_lossy(&listed.stdout).contains("gateway"));
}

#[test]
fn a_missing_library_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "[store]\nlibchdb = \"nowhere/libchdb.so\"\n")
        .unwrap();
    let output = headroom(&["migrate"], folder.path());
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("nowhere/libchdb.so") && said.contains("make libchdb"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_folder_and_a_taken_port_are_refused_in_one_line() {
    let demo = Demo::start(&["--no-sample"]);
    let folder = demo.folder().display().to_string();
    let second = headroom(&["serve", "-c", &format!("{folder}/headroom.toml")], demo.folder());
    assert_eq!(second.status.code(), Some(1));
    let text = said(&second);
    assert!(text.contains("in use by another headroom") && text.contains(&demo.pid().to_string()), "{text}");

    let elsewhere = tempfile::tempdir().unwrap();
    let port = demo.get("/otlp_grpc").rsplit(':').next().unwrap().to_owned();
    let config = format!(
        "data_dir = \"d\"\n[web]\nlisten = \"127.0.0.1:0\"\n[ingest]\ngrpc_listen = \"127.0.0.1:{port}\"\nhttp_listen = \"127.0.0.1:0\"\n"
    );
    std::fs::write(elsewhere.path().join("headroom.toml"), config).unwrap();
    let taken = headroom(&["serve"], elsewhere.path());
    assert_eq!(taken.status.code(), Some(1));
    let text = said(&taken);
    assert!(text.contains(&port) && text.contains("in use") && text.contains("ingest.grpc_listen"), "{text}");
}
