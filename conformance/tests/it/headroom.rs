//! Headroom's own receiver keeps every duty.

use headroom_conformance::{ConformanceError, Options, TlsOptions, run};
use headroom_ingest::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::{Receiver, failed, report, skipped};

#[tokio::test(flavor = "multi_thread")]
async fn headroom_passes_every_check() {
    let receiver = Receiver::start(8 << 20).await;
    let report = report(&receiver.options()).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report}");
    assert_eq!(skipped(&report), Vec::<String>::new());
    let levels: Vec<_> = report.levels.iter().map(|l| format!("{} {}", l.level, l.score)).collect();
    insta::assert_debug_snapshot!(levels, @r#"
    [
        "MUST 100.0 %  319 of 319 passed",
        "SHOULD 100.0 %  58 of 58 passed",
        "MAY 100.0 %  4 of 4 passed",
        "robustness 100.0 %  62 of 62 passed",
    ]
    "#);
    assert_eq!(report.exit_code(), 0);
}

/// Over TLS, with a certificate on each side.
#[tokio::test(flavor = "multi_thread")]
async fn headroom_passes_every_check_over_mutual_tls() {
    let dir = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let write = |name: &str, pem: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let ca = write("ca.pem", &authority.pem());
    let signed = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let cert = params.signed_by(&key, &authority).unwrap();
        (write(&format!("{name}.pem"), &cert.pem()), write(&format!("{name}.key"), &key.serialize_pem()))
    };
    let ((cert, key), client) = (signed("localhost"), signed("probe"));
    let server = TlsFiles { cert, key, client_ca: Some(ca.clone()) };
    let receiver = Receiver::start_in(dir, 8 << 20, Some(server)).await;
    let at = |port: u16| Some(format!("https://localhost:{port}").parse().unwrap());
    let with = |tls| Options {
        http: at(receiver.ingest.http_addr().port()),
        grpc: at(receiver.ingest.grpc_addr().port()),
        tls,
        ..receiver.options()
    };
    let trusted = TlsOptions { ca: Some(ca), cert: Some(client.0), key: Some(client.1) };
    let report = report(&with(trusted.clone())).await;
    assert_eq!((failed(&report), skipped(&report)), (Vec::new(), Vec::new()), "{report}");

    for tls in [TlsOptions::default(), TlsOptions { cert: None, key: None, ..trusted.clone() }] {
        let error = run(&with(tls), |_| panic!("nothing may be checked")).await.unwrap_err();
        assert!(matches!(error, ConformanceError::Unreachable { .. }), "{error}");
    }
    let half = TlsOptions { key: None, ..trusted };
    let error = run(&with(half), |_| panic!("nothing may be checked")).await.unwrap_err();
    assert!(error.to_string().contains("a certificate and its key are given together"), "{error}");
}
