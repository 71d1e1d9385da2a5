//! `headroom check`: is this configuration right, and what does it mean?

use super::print;
use crate::cli::{ConfigArgs, Output};
use crate::config::{Config, load};
use anyhow::Result;
use headroom_models::Calendar;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Meaning {
    file: String,
    store: String,
    data_dir: String,
    web: String,
    postgres: String,
    otlp_grpc: String,
    otlp_http: String,
    slos: usize,
    venues: Vec<String>,
}

pub(super) fn run(args: &ConfigArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config)?;
    let slos = config.alerts.load_slos()?;
    let calendar = Calendar::load(&config.models)?;
    let meaning = Meaning {
        file: args.config.display().to_string(),
        store: store(&config),
        data_dir: config.data_dir.display().to_string(),
        web: config.web.listen.to_string(),
        postgres: config.sql.listen.to_string(),
        otlp_grpc: config.ingest.grpc_listen.to_string(),
        otlp_http: config.ingest.http_listen.to_string(),
        slos: slos.slos.len(),
        venues: calendar.venues().iter().map(|venue| venue.mic.clone()).collect(),
    };
    print(output, &meaning, |m| {
        format!(
            "{} is right\n  store      {}\n  data       {}\n  web        {}\n  postgres   {}\n  \
             otlp       grpc {}, http {}\n  objectives {}\n  venues     {}",
            m.file,
            m.store,
            m.data_dir,
            m.web,
            m.postgres,
            m.otlp_grpc,
            m.otlp_http,
            m.slos,
            m.venues.join(", ")
        )
    })?;
    Ok(ExitCode::SUCCESS)
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
