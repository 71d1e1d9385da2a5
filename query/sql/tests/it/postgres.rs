//! The Postgres front, set up as the program does it: over the users of `headroom-control`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::Utc;
use headroom_control::{Control, Role};
use headroom_sql::{Authenticator, PgServer, Principal, Scram, SqlConfig, SqlDoor};
use headroom_store::testing::TestStore;
use headroom_tls::TlsFiles;
use tokio_util::sync::CancellationToken;

use crate::data;

pub(crate) const PASSWORD: &str = "pencil é 12";

struct Users(Control);

impl Authenticator for Users {
    fn scram(&self, user: &str) -> Option<Scram> {
        let found = self.0.scram_credentials(user, Utc::now()).unwrap()?;
        Some(Scram { salt: found.salt, iterations: found.iterations, salted_password: found.salted_password })
    }

    fn principal(&self, user: &str) -> Option<Principal> {
        let found = self.0.user(user).unwrap()?;
        Some(Principal { name: found.name, role: found.role.to_string(), tenant: found.tenant })
    }

    fn login_failed(&self, user: &str) {
        self.0.login_failed(user, Utc::now()).unwrap();
    }

    fn login_succeeded(&self, user: &str) {
        self.0.login_succeeded(user).unwrap();
    }
}

/// A front with an analyst, an SRE, an agent, and an admin of another tenant.
pub(crate) struct Front {
    pub(crate) server: Option<PgServer>,
    pub(crate) addr: SocketAddr,
    pub(crate) stop: CancellationToken,
    _store: TestStore,
}

pub(crate) fn users() -> Arc<dyn Authenticator> {
    let control = Control::in_memory().unwrap();
    for (name, role, tenant) in [
        ("analyst", Role::Analyst, "acme"),
        ("sre", Role::Sre, "acme"),
        ("agent", Role::Agent, "acme"),
        ("boss", Role::Admin, "other"),
    ] {
        control.create_user(name, PASSWORD, role, tenant, Utc::now()).unwrap();
    }
    Arc::new(Users(control))
}

pub(crate) async fn front(config: SqlConfig) -> Front {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), config).unwrap();
    let stop = CancellationToken::new();
    let server = door.serve_postgres("127.0.0.1:0".parse().unwrap(), users(), stop.clone()).await.unwrap();
    Front { addr: server.addr(), server: Some(server), stop, _store: store }
}

fn door(config: SqlConfig) -> SqlDoor {
    let store = headroom_store::Store::connect(&headroom_store::StoreConfig::default()).unwrap();
    SqlDoor::new(store, config).unwrap()
}

#[tokio::test]
async fn off_loopback_there_is_no_front_without_tls() {
    let everywhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, "not PEM").unwrap();
    std::fs::write(&key, "not PEM").unwrap();
    let with =
        |cert, key| SqlConfig { tls: Some(TlsFiles { cert, key, client_ca: None }), ..SqlConfig::default() };
    let refused = [
        (SqlConfig::default(), "will not listen on 0.0.0.0:0 without TLS"),
        (with(cert, key), "cert.pem: there is no certificate in it"),
        (with("/no".into(), "/no".into()), "sql.tls: cannot use /no"),
    ];
    for (config, why) in refused {
        let outcome = door(config).serve_postgres(everywhere, users(), CancellationToken::new()).await;
        let error = outcome.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

/// Without a login nothing is answered, whatever is sent and in whatever order.
#[tokio::test]
async fn a_statement_before_the_login_is_not_run() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stop = CancellationToken::new();
    let server = door(SqlConfig::default())
        .serve_postgres("127.0.0.1:0".parse().unwrap(), users(), stop.clone())
        .await
        .unwrap();
    let mut query = b"SELECT 'secret' AS x, 42;\0".to_vec();
    query.splice(0..0, (query.len() as u32 + 4).to_be_bytes());
    query.insert(0, b'Q');
    let mut startup = b"\0\x03\0\0user\0analyst\0\0".to_vec();
    startup.splice(0..0, (startup.len() as u32 + 4).to_be_bytes());
    // A broken proof leaves the connection in an error state: try to use that.
    let broken = b"p\0\0\0\x08nope";
    let scenarios: [Vec<&[u8]>; 3] =
        [vec![&query], vec![&startup, &query], vec![&startup, broken, &query, &query]];
    for messages in scenarios {
        let mut socket = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
        for message in messages {
            if socket.write_all(message).await.is_err() {
                break;
            }
        }
        let _ = socket.shutdown().await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.contains("secret") && !text.contains("SELECT 1"), "{text}");
    }
    // Whoever fails to log in does not keep a place: the server hangs up by itself.
    let mut socket = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    socket.write_all(&startup).await.unwrap();
    socket.write_all(broken).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    while socket.write_all(&query).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stop.cancel();
    server.stopped().await;
}
