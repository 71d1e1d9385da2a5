//! Sending mail: SMTP submission over TLS by rustls, with the public certificate authorities.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde::Deserialize;

use crate::answer::Verdict;
use crate::target::Secret;

/// How long a server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A server that takes mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port; by default 465 with `tls`, 587 with `starttls`, 25 with `none`.
    pub port: Option<u16>,
    /// How the connection is kept private.
    #[serde(default)]
    pub security: Security,
    /// Who signs in, if anybody has to.
    pub user: Option<String>,
    /// Their password.
    pub password: Option<Secret<String>>,
}

/// How a connection is kept private.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after `STARTTLS`, or no mail.
    StartTls,
    /// None: for a relay on this machine.
    None,
}

/// Sends one mail. A refusal for good (5yz) is dead, everything else may be tried again.
pub async fn send(server: &Server, mail: lettre::Message) -> Verdict {
    let transport = match transport(server) {
        Ok(transport) => transport,
        Err(error) => return Verdict::Dead { why: format!("mail server {}: {error}", server.host) },
    };
    match transport.send(mail).await {
        Ok(_) => Verdict::Delivered,
        Err(error) => {
            let why = format!("mail server {}: {}", server.host, causes(&error));
            if error.is_permanent() {
                Verdict::Dead { why }
            } else {
                // A full mailbox and a greylisting server say 4yz: both want to be left alone for a while.
                Verdict::Again { why, throttled: error.is_transient(), after: None }
            }
        }
    }
}

fn transport(server: &Server) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let mut builder = match server.security {
        Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&server.host)?,
        Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&server.host)?,
        Security::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host),
    };
    if let Some(port) = server.port {
        builder = builder.port(port);
    }
    if let (Some(user), Some(password)) = (&server.user, &server.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose().clone()));
    }
    Ok(builder.timeout(Some(TIMEOUT)).build())
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
