//! `headroom slo`: files checked, and a running server asked.

use crate::program::{Demo, headroom, said};

const SLO: &str = "apiVersion: openslo/v1
kind: SLO
metadata:
  name: order-availability
spec:
  service: order
  budgetingMethod: Occurrences
  timeWindow:
    - duration: 30d
      isRolling: true
  indicator:
    metadata:
      name: orders
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: good
        total:
          metricSource:
            type: Prometheus
            spec:
              query: all
  objectives:
    - target: 0.999
";

#[test]
fn a_fault_has_its_line_and_what_is_merely_not_computed_is_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let slos = folder.path().join("slos");
    std::fs::create_dir(&slos).unwrap();
    std::fs::write(slos.join("order.yaml"), SLO).unwrap();
    let lint = |arguments: &[&str]| {
        let output = headroom(&[&["slo", "lint"], arguments].concat(), folder.path());
        (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), said(&output))
    };
    let (code, text, _) = lint(&["slos"]);
    assert!(code == Some(0) && text.contains("(note)") && text.contains("1 file: 0 faults, "), "{text}");

    let wrong = SLO.replace("name: order-availability", "name: other");
    let wrong = wrong.replace("0.999", "99.9").replace("Occurrences", "Monthly");
    std::fs::write(slos.join("wrong.yaml"), wrong).unwrap();
    let (code, text, _) = lint(&["slos"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("slos/wrong.yaml:7:20: spec.budgetingMethod: \"Monthly\" is not known"), "{text}");
    assert!(text.contains("slos/wrong.yaml:28:15: spec.objectives[0].target: "), "{text}");
    let (code, text, _) = lint(&["slos", "--output", "json"]);
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &told["files"], &told["faults"][0]["line"]), (Some(1), &2.into(), &7.into()), "{told}");

    let (code, _, text) = lint(&["nowhere.yaml"]);
    assert!(code == Some(2) && text.contains("nowhere.yaml"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_shows_its_objectives_and_what_their_rules_would_have_done() {
    let demo = Demo::start(&["--no-sample"]);
    let folder = tempfile::tempdir().unwrap();
    let (web, token) = (demo.get("/web"), demo.get("/credentials/sre/token"));
    let slo = |arguments: &[&str]| {
        let server = ["--server", web.as_str(), "--token", token.as_str()];
        let output = headroom(&[&["slo"], arguments, &server].concat(), folder.path());
        (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), said(&output))
    };
    let (code, text, error) = slo(&["show", "order-placement"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(text.starts_with("order-placement  order\n") && text.contains("over 30 days"), "{text}");
    assert_eq!(text.lines().filter(|line| !line.starts_with(' ')).count(), 1, "one objective: {text}");
    let (code, _, text) = slo(&["show", "none"]);
    assert!(code == Some(1) && text.contains("there are ") && text.contains("order-placement"), "{text}");

    let gate = |body: serde_json::Value| {
        let asked = reqwest::Client::new().post(format!("{web}/api/v1/gate")).bearer_auth(&token).json(&body);
        async move {
            let answer = asked.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        }
    };
    let versions = serde_json::json!({"service": "order", "baseline": "1.0", "candidate": "2.0"});
    let (status, answer) = gate(versions.clone()).await;
    assert_eq!((status, &answer["outcome"]), (200, &"nodata".into()), "{answer}");
    let words = answer["words"].as_str().unwrap();
    assert!(words.contains("answered 0 requests of order in 15 minutes; 100 are needed"), "{words}");
    let flagger = serde_json::json!({"name": "order", "namespace": "prod", "phase": "Progressing",
        "metadata": {"baseline": "1.0", "candidate": "2.0", "minutes": "5"}});
    assert_eq!(gate(flagger).await.0, 400, "Flagger goes by the status");
    let (status, answer) = gate(serde_json::json!({"service": "order", "baseline": "1.0"})).await;
    assert_eq!((status, &answer["error"]["message"]), (400, &"missing field `candidate`".into()), "{answer}");

    let (code, text, error) = slo(&["backtest", "order-placement"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(text.starts_with("order-placement: "), "{text}");
    let (code, _, text) = slo(&["backtest", "none"]);
    assert!(code == Some(2) && text.contains("there is no objective `none`; there are "), "{text}");
}
