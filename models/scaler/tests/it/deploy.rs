//! The manifests of deploy/keda against the published schemas, and against each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use headroom_scaler::ScalerConfig;
use headroom_scaler::export::scaled_object;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::export::workload;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/keda")
}

/// The documents of a file of YAML.
fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_yaml_ng::Deserializer::from_str(&text).map(|one| Value::deserialize(one).unwrap()).collect()
}

/// The documents that the kustomizations name, by kind.
fn manifests() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for part in ["", "scaledobjects"] {
        let part = folder().join(part);
        let kustomization = documents(&part.join("kustomization.yaml")).remove(0);
        for file in kustomization["resources"].as_array().unwrap() {
            for document in documents(&part.join(file.as_str().unwrap())) {
                let kind = document["kind"].as_str().unwrap().to_owned();
                assert!(found.insert(kind, document).is_none(), "one of a kind: {file}");
            }
        }
    }
    found
}

/// What the published schema of its kind has against a document.
fn faults(document: &Value) -> Vec<String> {
    let mut definitions = Map::new();
    for file in [include_str!("../schemas/kubernetes.json"), include_str!("../schemas/keda.json")] {
        let Value::Object(all) = serde_json::from_str::<Value>(file).unwrap()["$defs"].take() else {
            panic!()
        };
        definitions.extend(all);
    }
    let name = match document["kind"].as_str().unwrap() {
        kind @ ("Namespace" | "ConfigMap" | "Service") => format!("io.k8s.api.core.v1.{kind}"),
        "StatefulSet" => "io.k8s.api.apps.v1.StatefulSet".to_owned(),
        "NetworkPolicy" => "io.k8s.api.networking.v1.NetworkPolicy".to_owned(),
        kind => kind.to_owned(),
    };
    assert!(definitions.contains_key(&name), "no schema of {name}");
    let schema = json!({ "$ref": format!("#/$defs/{name}"), "$defs": definitions });
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn the_schemas_hold() {
    let manifests = manifests();
    let kinds: Vec<_> = manifests.keys().map(String::as_str).collect();
    let wanted = [
        "ConfigMap",
        "Namespace",
        "NetworkPolicy",
        "ScaledObject",
        "Service",
        "StatefulSet",
        "TriggerAuthentication",
    ];
    assert_eq!(kinds, wanted);
    for (kind, document) in &manifests {
        assert_eq!(faults(document), [""; 0], "{kind}");
    }
}

/// A check that lets everything through would be none.
#[test]
fn the_schemas_find_a_wrong_word_in_each_kind() {
    for (kind, mut document) in manifests() {
        let body = if kind == "ConfigMap" { "metadata" } else { "spec" };
        document[body]["replcas"] = json!(1);
        assert_ne!(faults(&document), [""; 0], "{kind}");
    }
    let mut object = manifests().remove("ScaledObject").unwrap();
    object["spec"]["triggers"][0]["metadata"]["maxReplicas"] = json!(60);
    assert_eq!(faults(&object), ["/spec/triggers/0/metadata/maxReplicas: 60 is not of type \"string\""]);
}

#[test]
fn the_scaled_object_is_the_one_that_is_exported() {
    let exported: Value = serde_yaml_ng::from_str(&scaled_object(&workload()).unwrap()).unwrap();
    assert_eq!(manifests()["ScaledObject"], exported);
}

#[test]
fn ports_names_and_files_fit_together() {
    let manifests = manifests();
    let toml = manifests["ConfigMap"]["data"]["headroom.toml"].as_str().unwrap();
    let mut config: toml::Table = toml.parse().unwrap();
    let scaler: ScalerConfig = config.remove("scaler").unwrap().try_into().unwrap();
    let (service, set) = (&manifests["Service"], &manifests["StatefulSet"]);
    let container = &set["spec"]["template"]["spec"]["containers"][0];

    // Ports: configuration, container, service and policy.
    assert_eq!(container["ports"][0]["containerPort"], json!(scaler.listen.port()));
    assert_eq!(service["spec"]["ports"][0]["port"], json!(scaler.listen.port()));
    assert_eq!(service["spec"]["ports"][0]["targetPort"], container["ports"][0]["name"]);
    let allowed = &manifests["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"];
    assert_eq!(allowed, &container["ports"][0]["name"]);
    let http = &container["readinessProbe"]["httpGet"];
    assert_eq!((&http["path"], &http["port"]), (&json!("/readyz/scaler"), &container["ports"][1]["name"]));

    // Selectors.
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    for selector in [
        &set["spec"]["selector"]["matchLabels"],
        &service["spec"]["selector"],
        &manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ] {
        assert_eq!(selector, labels);
    }

    // Files: what the configuration names is mounted.
    let mounts: Vec<_> = container["volumeMounts"].as_array().unwrap().iter().collect();
    let tls = scaler.tls.as_ref().unwrap();
    for file in [&tls.cert, &tls.key, tls.client_ca.as_ref().unwrap()] {
        let mount = file.parent().unwrap().to_str().unwrap();
        assert!(mounts.iter().any(|m| m["mountPath"] == mount), "{} is not mounted", file.display());
    }
    let configured = container["command"][3].as_str().unwrap();
    assert!(
        mounts.iter().any(|m| m["mountPath"] == Path::new(configured).parent().unwrap().to_str().unwrap())
    );

    // KEDA: the address is the service's, the certificate is there, the service is planned.
    let object = &manifests["ScaledObject"];
    let trigger = &object["spec"]["triggers"][0];
    let (name, namespace) = (&service["metadata"]["name"], &service["metadata"]["namespace"]);
    let address = format!("{}.{}.svc:4320", name.as_str().unwrap(), namespace.as_str().unwrap());
    assert_eq!(trigger["metadata"]["scalerAddress"], json!(address));
    let authentication = &manifests["TriggerAuthentication"]["metadata"];
    assert_eq!(trigger["authenticationRef"]["name"], authentication["name"]);
    assert_eq!(object["metadata"]["namespace"], authentication["namespace"]);
    let planned = &config["models"]["services"][trigger["metadata"]["service"].as_str().unwrap()];
    let of = |key: &str| u32::try_from(planned[key].as_integer().unwrap()).unwrap();
    let (min, max) = (of("min_replicas"), of("max_replicas"));
    let bounds = scaler.policy([("gateway".to_owned(), min, max)]).unwrap().bounds("gateway");
    assert_eq!(bounds, workload().bounds);
}
