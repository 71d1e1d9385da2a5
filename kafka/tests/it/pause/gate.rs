//! A TCP proxy that refuses until it is opened.

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};

pub(super) struct Gate {
    port: u16,
    target: Arc<Mutex<Option<String>>>,
}

impl Gate {
    pub(super) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(Mutex::new(None::<String>));
        let shared = target.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let Some(target) = shared.lock().unwrap().clone() else { continue };
                tokio::spawn(async move {
                    let Ok(mut server) = TcpStream::connect(target).await else { return };
                    drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
                });
            }
        });
        Self { port, target }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn open(&self, url: &str) {
        let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        *self.target.lock().unwrap() = Some(host);
    }
}
