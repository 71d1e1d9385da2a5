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

/// What cannot be archived to is refused before a node starts, and what may be right is a warning.
#[test]
fn an_archive_without_what_it_needs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |url: &str, vars: &[(&str, &str)]| {
        std::fs::write(
            folder.path().join("headroom.toml"),
            format!("[archive]\nurl = \"{url}\"\n[ingest]\naccept_past_s = 604800\n"),
        )
        .unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_headroom"));
        command.arg("check").current_dir(folder.path());
        for name in
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT", "AZURE_STORAGE_ACCOUNT_NAME"]
        {
            command.env_remove(name);
        }
        command.envs(vars.iter().copied()).output().unwrap()
    };
    for (url, vars, why) in [
        ("ftp://host/x", &[][..], "write a folder, s3://, gs:// or az://"),
        ("az://container/x", &[], "ccount"),
        ("s3://bucket/x", &[("AWS_ACCESS_KEY_ID", "a")], "AWS_SECRET_ACCESS_KEY is not"),
        ("headroom.toml", &[], "is no folder"),
    ] {
        let output = check(url, vars);
        let said = said(&output);
        assert!(
            output.status.code() == Some(1) && said.contains("archive.url") && said.contains(why),
            "{url}: {said}"
        );
    }
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
    let right = check("s3://bucket/x", &keys);
    assert!(right.status.success(), "{}", said(&right));
    assert!(!String::from_utf8_lossy(&right.stdout).contains("warning"), "{right:?}");
    let role = check("s3://bucket/x", &[]);
    assert!(String::from_utf8_lossy(&role.stdout).contains("machine's role"), "{role:?}");
    assert!(check("days", &[]).status.success() && !folder.path().join("days").exists(), "nothing is made");
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

    let web = demo.get("/web").rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    let other = headroom(&["demo", "--no-sample", "--data", "other", "--ports-from", &web], elsewhere.path());
    assert_eq!(other.status.code(), Some(1));
    let text = said(&other);
    assert!(text.contains("--ports-from 20000") && text.contains("Address already in use"), "{text}");
}

#[test]
fn the_commands_that_judge_teach_in_their_help() {
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| {
        let output = headroom(&[arguments, &["--help"]].concat(), folder.path());
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let pages: [(&[&str], &[&str]); 5] = [
        (&["conformance"], &["--target <URL>", "--max-body <BYTES>", "--list", "Examples:", "Exit code: 0"]),
        (&["load"], &["--rate <RECORDS>", "--ledger <FILE>", "--verify", "Examples:", "Exit code: 0"]),
        (&["load", "verify"], &["--clickhouse <URL>", "--sql <URL>", "--patience <SPAN>"]),
        (&["contracts"], &["check", "list", "show"]),
        (&["contracts", "check"], &["[default: full_transitive]", "--against <DIR>", "Exit code: 0"]),
    ];
    for (arguments, words) in pages {
        let text = help(arguments);
        for word in words {
            assert!(text.contains(word), "{arguments:?} does not say {word}: {text}");
        }
    }
}

/// A receiver that gives every request the same answer, for ever; its address.
fn answering(status: &'static str) -> String {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer_one = move |connection: std::net::TcpStream| -> std::io::Result<()> {
        let mut reader = BufReader::new(&connection);
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line)? > 2 {
            if let Some(digits) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = digits.trim().parse().unwrap();
            }
            line.clear();
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        write!(&connection, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    };
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            // A client that has gone is its own business.
            std::thread::spawn(move || connection.map(answer_one));
        }
    });
    address
}

#[test]
fn conformance_exits_with_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| {
        let output = headroom(&[&["conformance"], arguments].concat(), folder.path());
        (output.status.code(), output)
    };
    let (listed, output) = code(&["--list", "--output", "json"]);
    let checks: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed, Some(0));
    assert!(checks.len() > 400 && checks.iter().all(|check| check["id"].is_string()), "{}", checks.len());

    let wrong = answering("404 Not Found");
    let (failed, output) =
        code(&["--target", &wrong, "--only", "http-json-traces-success", "--output", "json"]);
    assert_eq!(failed, Some(1), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["score"]["failed"].as_u64() > Some(0), "{report}");

    let (nobody, output) = code(&["--target", "http://127.0.0.1:9"]);
    assert_eq!(nobody, Some(2));
    let text = said(&output);
    assert!(
        text.contains("http://127.0.0.1:9 does not answer HTTP") && text.trim().lines().count() == 1,
        "{text}"
    );
    for arguments in
        [&["--list", "--only", "no-such-check"][..], &[], &["--target", &wrong, "--header", "no-colon"]]
    {
        assert_eq!(code(arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn load_exits_with_what_became_of_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let load = |arguments: &[&str]| {
        let output = headroom(&[&["load"], arguments].concat(), folder.path());
        (output.status.code(), said(&output), output)
    };
    let (right, wrong) = (answering("200 OK"), answering("400 Bad Request"));
    let some = ["--total", "3000", "--output", "json"];

    let (code, text, output) = load(&[&["--target", &right, "--ledger", "ledger"][..], &some].concat());
    assert_eq!(code, Some(0), "{text}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["sent"]["records_acknowledged"], 3000);
    let (code, text, _) = load(&[&["--target", &wrong][..], &some].concat());
    assert_eq!(code, Some(1), "{text}");

    // The store answers, and has none of what was acknowledged.
    let soon = ["--patience", "1s", "--settle", "1s", "--output", "json"];
    let (code, text, output) =
        load(&[&["verify", "--ledger", "ledger", "--clickhouse", &right][..], &soon].concat());
    assert_eq!(code, Some(1), "{text}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["stored"]["tables"][0]["missing"], 3000);

    let (code, text, _) = load(&[&["--target", &right, "--ledger", "ledger"][..], &some].concat());
    assert_eq!(code, Some(2));
    assert!(text.contains("ledger ledger: cannot create it") && text.trim().lines().count() == 1, "{text}");
    let unclear: [&[&str]; 5] = [
        &["--total", "1"],
        &["--target", &right],
        &["--target", &right, "--total", "1", "--verify"],
        &["verify", "--ledger", "ledger"],
        &["verify", "--ledger", "nowhere", "--clickhouse", &right],
    ];
    for arguments in unclear {
        let (code, text, _) = load(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
    }
}

#[test]
fn contracts_are_checked_listed_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let contracts = |arguments: &[&str]| {
        let output = headroom(&[&["contracts"], arguments].concat(), folder.path());
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), said(&output))
    };
    let (code, text, _) = contracts(&["check"]);
    assert!(code == Some(0) && text.starts_with("ok: 38 events, 49 versions, full_transitive"), "{text}");
    let (code, text, _) = contracts(&["list"]);
    assert!(code == Some(0) && text.contains("order.placed              1  OrderPlaced"), "{text}");

    let (code, contract, _) = contracts(&["show", "OrderPlaced"]);
    assert_eq!((code, &contract), (Some(0), &contracts(&["show", "order.placed", "--version", "1"]).1));
    std::fs::create_dir_all(folder.path().join("mine/order.placed")).unwrap();
    std::fs::write(folder.path().join("mine/order.placed/1.json"), &contract).unwrap();
    assert_eq!(contracts(&["check", "mine", "--mode", "backward-transitive"]).0, Some(0));
    let changed = contract.replace("\"minLength\": 1", "\"minLength\": 2");
    assert_ne!(changed, contract);
    std::fs::create_dir_all(folder.path().join("next/order.placed")).unwrap();
    std::fs::write(folder.path().join("next/order.placed/1.json"), changed).unwrap();
    let (code, text, _) = contracts(&["check", "next", "--against", "mine"]);
    assert!(code == Some(1) && text.contains("was changed after it was published"), "{text}");

    let (code, _, text) = contracts(&["check", "nowhere"]);
    assert!(code == Some(2) && text.contains("cannot read contracts at nowhere"), "{text}");
    assert_eq!(contracts(&["show", "order.lost"]).0, Some(2));
    assert_eq!(contracts(&["show", "order.placed", "--version", "9"]).0, Some(2));
}
