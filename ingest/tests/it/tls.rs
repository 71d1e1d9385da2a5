//! TLS and client certificates, on both ports.

use std::path::{Path, PathBuf};
use std::time::Duration;

use headroom_ingest::{Ingest, IngestConfig, IngestError, TlsFiles};
use headroom_store::ManualClock;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::{Tokens, config, no_store, now, spans, start};

/// An authority, and files of certificates it signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    dir: PathBuf,
}

impl Authority {
    fn new(dir: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, dir: dir.to_owned() }
    }

    fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate and its key, both PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.dir.join(file);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Files of a server called localhost.
    fn server(&self) -> TlsFiles {
        let (cert, key) = self.sign("localhost");
        TlsFiles { cert: self.write("cert.pem", &cert), key: self.write("key.pem", &key), client_ca: None }
    }

    fn client(&self, identity: Option<(String, String)>) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_pem(self.pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .use_rustls_tls()
            .add_root_certificate(root);
        match identity {
            None => client,
            Some((cert, key)) => {
                client.identity(reqwest::Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap())
            }
        }
    }
}

async fn post(client: &reqwest::Client, port: u16) -> reqwest::Result<reqwest::Response> {
    client
        .post(format!("https://localhost:{port}/v1/traces"))
        .bearer_auth("acme-token")
        .header("content-type", "application/x-protobuf")
        .body(prost::Message::encode_to_vec(&spans(0, 3)))
        .send()
        .await
}

/// A unary gRPC call with its frame made by hand.
async fn call(client: &reqwest::Client, port: u16) -> reqwest::Result<reqwest::Response> {
    let message = prost::Message::encode_to_vec(&spans(3, 6));
    let mut body = vec![0];
    body.extend_from_slice(&(message.len() as u32).to_be_bytes());
    body.extend_from_slice(&message);
    client
        .post(format!("https://localhost:{port}/opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        .bearer_auth("acme-token")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(body)
        .send()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ports_speak_tls_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let config = IngestConfig { tls: Some(authority.server()), ..config(&dir.path().join("log")) };
    let r = start(config, &no_store()).await;
    let (http, grpc) = (r.ingest.http_addr().port(), r.ingest.grpc_addr().port());
    let old = authority.client(None).http1_only().build().unwrap();
    let response = post(&old, http).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_11));
    let new = authority.client(None).build().unwrap();
    assert_eq!(post(&new, http).await.unwrap().version(), reqwest::Version::HTTP_2);
    let response = call(&new, grpc).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_2));
    assert_eq!(r.ingest.status().accepted.traces, 6, "the repeated request counts once");
    // Plain text, and an authority that is not known.
    assert!(r.client.post(format!("http://localhost:{http}/v1/traces")).send().await.is_err());
    assert!(post(&reqwest::Client::new(), http).await.is_err());
    // The client may know of it before it is counted.
    while r.ingest.status().refused_strangers.iter().map(|one| one.count).sum::<u64>() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(r.ingest.status().refused_strangers[0].reason, "tls_handshake");
    // A connection that says nothing does not keep others waiting.
    let _silent = tokio::net::TcpStream::connect(r.ingest.http_addr()).await.unwrap();
    assert_eq!(post(&authority.client(None).build().unwrap(), http).await.unwrap().status(), 200);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_client_authority_a_certificate_and_a_token_are_needed() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let ca = authority.write("ca.pem", &authority.pem());
    let tls = TlsFiles { client_ca: Some(ca), ..authority.server() };
    let config = IngestConfig { tls: Some(tls), ..config(&dir.path().join("log")) };
    let r = start(config, &no_store()).await;
    let (http, grpc) = (r.ingest.http_addr().port(), r.ingest.grpc_addr().port());
    let without = authority.client(None).build().unwrap();
    assert!(post(&without, http).await.is_err());
    assert!(call(&without, grpc).await.is_err());
    let stranger = Authority::new(dir.path()).sign("client");
    assert!(post(&authority.client(Some(stranger)).build().unwrap(), http).await.is_err());
    let with = authority.client(Some(authority.sign("client"))).build().unwrap();
    assert_eq!(post(&with, http).await.unwrap().status(), 200);
    assert_eq!(call(&with, grpc).await.unwrap().status(), 200);
    let no_token = with.post(format!("https://localhost:{http}/v1/traces")).send().await.unwrap();
    assert_eq!(no_token.status(), 401);
    let drained = tokio::time::timeout(Duration::from_mins(1), r.ingest.drain()).await;
    drained.expect("the ingester stops, with clients still connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_named_and_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let good = authority.server();
    good.check().unwrap();
    let (_, other_key) = authority.sign("localhost");
    let bad = [
        TlsFiles { cert: dir.path().join("missing.pem"), ..good.clone() },
        TlsFiles { cert: authority.write("empty.pem", ""), ..good.clone() },
        TlsFiles { key: good.cert.clone(), ..good.clone() },
        TlsFiles { key: authority.write("other.pem", &other_key), ..good.clone() },
        TlsFiles { client_ca: Some(good.key.clone()), ..good.clone() },
    ];
    let shown: Vec<_> = bad
        .iter()
        .map(|tls| tls.check().unwrap_err().to_string().replace(&*dir.path().to_string_lossy(), "DIR"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    cannot use DIR/missing.pem: I/O error: No such file or directory (os error 2)
    cannot use DIR/empty.pem: there is no certificate in it
    cannot use DIR/cert.pem: there is no private key in it
    cannot use DIR/other.pem: it is not the key of DIR/cert.pem
    cannot use DIR/key.pem: there is no certificate in it
    ");
    let config = IngestConfig { tls: Some(bad[1].clone()), ..config(&dir.path().join("log")) };
    let clock = std::sync::Arc::new(ManualClock::new(now()));
    let started = Ingest::start(config, no_store(), std::sync::Arc::new(Tokens), clock).await;
    let error = started.err().unwrap();
    assert!(matches!(error, IngestError::Tls(_)), "{error}");
    assert!(error.to_string().starts_with("ingest.tls: cannot use "), "{error}");
}
