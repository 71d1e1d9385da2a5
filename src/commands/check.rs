//! `headroom check`: is this configuration right, and what does it mean?

use super::print;
use crate::cli::{ConfigArgs, Output};
use crate::config::{Config, load};
use anyhow::{Context as _, Result};
use headroom_tls::TlsFiles;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Meaning {
    file: String,
    store: String,
    control: String,
    archive: String,
    data_dir: String,
    web: String,
    postgres: String,
    flight_sql: String,
    otlp_grpc: String,
    otlp_http: String,
    otlp_tls: &'static str,
    slos: usize,
    probes: Vec<String>,
    /// Reason codes that the customer lookup has words for.
    reasons: usize,
    venues: Vec<String>,
    /// What is allowed and should not be.
    warnings: Vec<String>,
}

pub(super) fn run(args: &ConfigArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config)?;
    let slos = config.objectives()?;
    let calendar = config.models.calendar()?;
    config.ingest.contracts.load()?;
    let reasons = config.lookup.catalog()?.len();
    if let Err(error) = headroom_probes::check_venues(&config.probes, &calendar) {
        let (name, text) = (args.config.display().to_string(), std::fs::read_to_string(&args.config)?);
        return Err(load::placed(error.into(), &text, &name));
    }
    let scaler = config.scaler.as_ref().and_then(|scaler| scaler.tls.as_ref());
    for (section, tls) in [
        ("ingest.tls", config.ingest.tls.as_ref()),
        ("scaler.tls", scaler),
        ("sql.tls", config.sql.tls.as_ref()),
    ] {
        tls.map_or(Ok(()), TlsFiles::check).context(section)?;
    }
    let mut warnings = warnings(&config);
    if let Some(url) = &config.archive.url {
        warnings.extend(headroom_archive::check_place(url)?);
    }
    let meaning = Meaning {
        file: args.config.display().to_string(),
        store: store(&config),
        control: control(&config)?,
        archive: archive(&config),
        data_dir: config.data_dir.display().to_string(),
        web: config.web.listen.to_string(),
        postgres: config.sql.listen.to_string(),
        flight_sql: config.sql.flight_listen.map_or_else(|| "off".to_owned(), |address| address.to_string()),
        otlp_grpc: config.ingest.grpc_listen.to_string(),
        otlp_http: config.ingest.http_listen.to_string(),
        otlp_tls: match &config.ingest.tls {
            None => "plain text",
            Some(tls) if tls.client_ca.is_none() => "TLS",
            Some(_) => "TLS with client certificates",
        },
        slos: slos.slos.len(),
        probes: config.probes.iter().map(|probe| format!("{} every {}", probe.name, probe.every)).collect(),
        reasons,
        venues: calendar.venues().iter().map(|venue| venue.mic.clone()).collect(),
        warnings,
    };
    print(output, &meaning, |m| {
        let mut text = format!(
            "{} is right\n  store      {}\n  control    {}\n  archive    {}\n  data       {}\n  web        {}\n  postgres   {}\n  flight sql {}\n  \
             otlp       grpc {}, http {}, {}\n  objectives {}\n  probes     {}\n  venues     {}",
            m.file,
            m.store,
            m.control,
            m.archive,
            m.data_dir,
            m.web,
            m.postgres,
            m.flight_sql,
            m.otlp_grpc,
            m.otlp_http,
            m.otlp_tls,
            m.slos,
            if m.probes.is_empty() { "none".to_owned() } else { m.probes.join(", ") },
            m.venues.join(", ")
        );
        for warning in &m.warnings {
            text += "\n  warning    ";
            text += warning;
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

fn warnings(config: &Config) -> Vec<String> {
    let ingest = &config.ingest;
    let https = config.alerts.external_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let cookies = config.auth.oidc.is_some() && https && !config.web.secure_cookies;
    let cookies = cookies.then(|| {
        "auth.oidc sends browsers back by HTTPS, and cookies go over plain text too: set web.secure_cookies".to_owned()
    });
    if ingest.tls.is_some() {
        return cookies.into_iter().collect();
    }
    let doors = [("grpc_listen", ingest.grpc_listen), ("http_listen", ingest.http_listen)]
        .into_iter()
        .filter(|(_, address)| !address.ip().is_loopback())
        .map(|(key, address)| {
            format!(
                "ingest.{key} {address} is reachable from outside in plain text, tokens too: set [ingest.tls], \
                 or keep it behind a proxy with TLS"
            )
        });
    doors.chain(cookies).collect()
}

fn control(config: &Config) -> Result<String> {
    Ok(match config.control.server()? {
        None => format!("SQLite, {}", config.control_file().display()),
        Some(server) if server.is_encrypted() => format!("{server}, over TLS"),
        Some(server) => format!("{server}, in plain text"),
    })
}

fn archive(config: &Config) -> String {
    let archive = &config.archive;
    match (&archive.url, archive.keep_days) {
        (None, _) => "none".to_owned(),
        (Some(url), None) => format!("{url}, after {} days, for ever", archive.after_days),
        (Some(url), Some(keep)) => format!("{url}, after {} days, for {keep} days", archive.after_days),
    }
}

fn store(config: &Config) -> String {
    match (&config.store.url, &config.store.cluster) {
        (None, _) => format!("embedded, in {}", config.engine_dir().display()),
        (Some(url), None) => format!("server {url}, database {}", config.store.database),
        (Some(url), Some(cluster)) => {
            format!("cluster {cluster} through {url}, database {}", config.store.database)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_that_is_reachable_from_outside_is_warned_of() {
        let mut config = Config::default();
        assert!(warnings(&config).is_empty());
        config.ingest.http_listen.set_ip([0, 0, 0, 0].into());
        assert_eq!(
            warnings(&config),
            ["ingest.http_listen 0.0.0.0:4318 is reachable from outside in plain text, tokens too: set \
              [ingest.tls], or keep it behind a proxy with TLS"]
        );
        let file = || "file.pem".into();
        config.ingest.tls = Some(TlsFiles { cert: file(), key: file(), client_ca: None });
        assert!(warnings(&config).is_empty());
    }
}
