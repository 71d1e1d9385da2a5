//! Mutual TLS: KEDA has a certificate or is not let in.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use headroom_scaler::proto::external_scaler_client::ExternalScalerClient;
use headroom_scaler::{TlsFiles, serve};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

use crate::keda::{object, policy};
use crate::planner::Planner;

/// An authority with a certificate of its own making: certificate and key, PEM.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certificate(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

fn write(folder: &Path, (certificate, key): &(String, String), authority: &Authority) -> TlsFiles {
    let [cert, key_file, client_ca] = ["tls.crt", "tls.key", "ca.crt"].map(|name| folder.join(name));
    std::fs::write(&cert, certificate).unwrap();
    std::fs::write(&key_file, key).unwrap();
    std::fs::write(&client_ca, authority.0.pem()).unwrap();
    TlsFiles { cert, key: key_file, client_ca: Some(client_ca) }
}

/// A call over a new connection, by a client that trusts `authority` and shows `own`.
async fn call(
    address: SocketAddr,
    authority: &Authority,
    own: Option<&(String, String)>,
) -> Result<usize, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.0.pem().as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
            builder
                .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap())
                .unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    let connect = tower::service_fn(move |_| {
        let connector = connector.clone();
        async move {
            let connection = TcpStream::connect(address).await?;
            let name = ServerName::try_from("headroom.headroom").unwrap();
            connector.connect(name, connection).await.map(TokioIo::new)
        }
    });
    let endpoint = Endpoint::from_static("http://headroom.headroom");
    let channel = endpoint.connect_with_connector(connect).await.map_err(|e| format!("{e:?}"))?;
    let request = object(&[("service", "gateway")]);
    let specs = ExternalScalerClient::new(channel).get_metric_spec(request).await;
    specs.map(|specs| specs.into_inner().metric_specs.len()).map_err(|e| format!("{e:?}"))
}

#[tokio::test]
async fn only_who_has_a_certificate_is_let_in_and_a_renewed_one_counts() {
    let (old, new) = (Authority::new(), Authority::new());
    let (server, client) = (old.certificate("headroom.headroom"), old.certificate("keda"));
    let folder = tempfile::tempdir().unwrap();
    let files = write(folder.path(), &server, &old);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let (desk, ended) = (Planner::new().desk(policy()), stop.clone());
    let served = tokio::spawn(async move { serve(listener, Some(&files), desk, ended).await });

    assert_eq!(call(address, &old, Some(&client)).await, Ok(1));
    assert!(call(address, &old, None).await.is_err(), "no certificate");
    let stranger = new.certificate("keda");
    assert!(call(address, &old, Some(&stranger)).await.is_err(), "a certificate of another authority");

    let renewed = new.certificate("headroom.headroom");
    write(folder.path(), &renewed, &new);
    // Two writes within the file system's clock tick look like one.
    let later = SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::open(folder.path().join("tls.crt")).unwrap().set_modified(later).unwrap();
    assert_eq!(call(address, &new, Some(&stranger)).await, Ok(1), "the renewed files");
    assert!(call(address, &old, Some(&client)).await.is_err(), "the old ones");

    stop.cancel();
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_before_anything_is_served() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let mut files = write(folder.path(), &authority.certificate("headroom"), &authority);
    std::fs::write(&files.key, "nothing").unwrap();
    let refused = async |files: &TlsFiles| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk = Planner::new().desk(policy());
        let error = serve(listener, Some(files), desk, CancellationToken::new()).await.unwrap_err();
        error.to_string().replace(folder.path().to_str().unwrap(), "DIR")
    };
    insta::assert_snapshot!(refused(&files).await, @"scaler.tls: cannot use DIR/tls.key: there is no private key in it");
    std::fs::write(&files.key, authority.certificate("other").1).unwrap();
    insta::assert_snapshot!(refused(&files).await, @"scaler.tls: cannot use DIR/tls.key: it is not the key of DIR/tls.crt");
    files.client_ca = Some(folder.path().join("missing.crt"));
    insta::assert_snapshot!(refused(&files).await, @"scaler.tls: cannot use DIR/missing.crt: I/O error: No such file or directory (os error 2)");
}
