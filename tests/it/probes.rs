//! Probes as their users meet them: checked, run by hand, and run by a node that tells what they found.

use crate::program::{Demo, headroom, said};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A server that answers everything with this JSON.
async fn server(body: &'static str) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut room = [0; 4_096];
                let _ = stream.read(&mut room).await;
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
            });
        }
    });
    address
}

fn probe(name: &str, address: std::net::SocketAddr, expect: &str) -> String {
    format!(
        "[[probes]]\nname = \"{name}\"\nevery = \"1s\"\nallow_networks = [\"127.0.0.1\"]\n\
         secrets = {{ token = {{ file = \"token\" }} }}\n\
         [[probes.steps]]\nname = \"order\"\nurl = \"http://{address}/orders\"\n\
         headers = {{ authorization = \"Bearer {{{{token}}}}\" }}\nexpect = [{{ {expect} }}]\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_is_run_by_hand_and_its_exit_code_says_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let address = server(r#"{"status": "rejected"}"#).await;
    let write = |text: &str| std::fs::write(folder.path().join("headroom.toml"), text).unwrap();
    let run = |arguments: &[&str]| headroom(&[&["probe", "run"], arguments].concat(), folder.path());
    let good = probe("good", address, "json = \"$.status\", equals = \"rejected\"");
    let bad = probe("bad", address, "json = \"$.status\", equals = \"filled\"");
    write(&format!("{good}{bad}"));

    // The secret is not there.
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("probe good: the secret \"token\": cannot read"), "{}", said(&output));
    std::fs::write(folder.path().join("token"), "s3cr3t\n").unwrap();

    let output = run(&["good"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("good: passed in") && text.contains("bad: FAILED in"), "{text}");
    assert!(text.contains("    expected $.status = filled, found rejected\n"), "{text}");
    let output = run(&["bad", "--output", "json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["runs"][0]["failure"], "step 'order': expected $.status = filled, found rejected");
    assert_eq!(told["runs"][0]["steps"][0]["status"], 200);
    assert!(!told.to_string().contains("s3cr3t"));
    let output = run(&["other"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("there is no probe `other`: it is one of [good, bad]"),
        "{}",
        said(&output)
    );

    let text = "2026-01-01T00:00 1d FREQ=DAILY UTC";
    write(&good.replace("every = \"1s\"\n", &format!("every = \"1s\"\nmaintenance = [\"{text}\"]\n")));
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("good: left out, maintenance: "), "{text}");
    assert!(String::from_utf8(run(&["--anyway"]).stdout).unwrap().starts_with("good: passed"));
}

#[test]
fn a_wrong_probe_is_refused_with_its_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        std::fs::write(folder.path().join("headroom.toml"), text).unwrap();
        let output = headroom(&["check"], folder.path());
        (output.status.code(), said(&output) + &String::from_utf8_lossy(&output.stdout))
    };
    let text = "[[probes]]\nname = \"p\"\nevery = \"5m\"\nduring = \"XNYS\"\n\
        [[probes.steps]]\nname = \"s\"\nurl = \"https://example.com/\"\n";
    let (code, said) = check(text);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("probes     p every 5m"), "{said}");
    for (from, to, what) in [
        ("XNYS", "XXXX", "headroom.toml:4: probes[0].during: unknown venue `XXXX`"),
        (
            "example.com/",
            "example.com/{{id}}",
            "headroom.toml:7: probes[0].steps[0].url: {{id}} is not known here",
        ),
        ("\"5m\"", "\"often\"", "headroom.toml:3:9: \"often\" is not a length of time"),
        ("name = \"s\"", "names = \"s\"", "headroom.toml:6:1: unknown field `names`"),
    ] {
        let (code, said) = check(&text.replace(from, to));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(what), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_runs_probes_and_tells_what_they_found() {
    let mut demo = Demo::start(&["--no-sample"]);
    let address = server(r#"{"status": "rejected"}"#).await;
    std::fs::write(demo.folder().join("token"), "s3cr3t").unwrap();
    let path = demo.folder().join("headroom.toml");
    let text = std::fs::read_to_string(&path).unwrap()
        + &probe("trade", address, "json = \"$.status\", equals = \"filled\"");
    // The demo's own probe, as often as that one: it looks at the demo itself.
    std::fs::write(&path, text.replace("every = \"1m\"", "every = \"1s\"")).unwrap();
    demo.kill_and_restart();

    let mut told = Value::Null;
    for _ in 0..300 {
        told = demo.api("analyst", "/api/v1/probes").await.1;
        if told["probes"]
            .as_array()
            .is_some_and(|all| all.iter().all(|probe| probe["hour"]["runs"].as_u64() > Some(1)))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let [own, trade] = &told["probes"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!(
        (&own["name"], &own["state"], &own["hour"]["failed"]),
        (&"headroom".into(), &"passing".into(), &0.into()),
        "{told}"
    );
    assert_eq!((&trade["state"], &trade["hour"]["success"]), (&"failing".into(), &0.0.into()), "{told}");
    let reason = "step 'order': expected $.status = filled, found rejected";
    assert_eq!(trade["last_run"]["reason"], reason);

    let trace = trade["last_run"]["trace_id"].as_str().unwrap();
    let mut shown = Value::Null;
    for _ in 0..100 {
        // The index of traces is stored a moment after the spans.
        let (status, found) = demo.api("sre", &format!("/api/v1/traces/{trace}")).await;
        shown = found;
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let shown = shown.to_string();
    assert!(
        shown.contains("probe trade")
            && shown.contains("user_agent.synthetic.type")
            && !shown.contains("s3cr3t"),
        "{shown}"
    );
    let (_, metrics) = demo.api("sre", "/metrics").await;
    let metrics = metrics.as_str().unwrap_or_default();
    for line in ["headroom_probe_up{probe=\"headroom\"} 1", "headroom_probe_up{probe=\"trade\"} 0"] {
        assert!(metrics.contains(line), "{line}");
    }
    assert!(!demo.log().contains("s3cr3t"));
}
