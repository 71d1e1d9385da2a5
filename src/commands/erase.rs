//! `headroom erase`: the right to erasure, with a proof.

use super::print;
use super::stored::Opened;
use crate::cli::{EraseArgs, Output};
use crate::config::Config;
use crate::node::Signer;
use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use headroom_store::SystemClock;
use headroom_store::erase::{Erased, erase};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;

/// Who the audit trail says it was: whoever runs the program on this machine.
const ACTOR: &str = "command line";

/// What was erased, and what could not be.
#[derive(Debug, Serialize)]
struct Proof {
    kind: &'static str,
    tenant: String,
    customer: String,
    reason: String,
    done_at: DateTime<Utc>,
    /// Row of the audit trail that says so; absent of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_row: Option<i64>,
    tables: Vec<Erased>,
    /// Where personal data may still be, in words.
    beyond: Vec<String>,
}

/// Exit code 1 when something is left.
pub(super) async fn run(args: EraseArgs, output: Output) -> Result<ExitCode> {
    ensure!(!args.reason.trim().is_empty(), "--reason is empty: say who asked for it and when");
    // First, so that a name that cannot be written is known before anything is erased.
    let file = args.out.as_ref().map(|path| {
        File::create_new(path).with_context(|| format!("cannot write {}: name a new file", path.display()))
    });
    let file = file.transpose()?;
    let opened = Opened::open(&args.config.config).await?;
    let done = work(&args, &opened, file).await;
    opened.close().await;
    let proof = done?;
    let left = proof.tables.iter().any(|table| table.left > 0);
    print(output, &proof, told)?;
    Ok(if left && !args.dry_run { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn work(args: &EraseArgs, opened: &Opened, file: Option<File>) -> Result<Proof> {
    let config = &opened.config;
    let mut proof = Proof {
        kind: if args.dry_run { "erasure, dry run" } else { "erasure" },
        tenant: config.tenant.clone(),
        customer: args.customer.clone(),
        reason: args.reason.trim().to_owned(),
        done_at: Utc::now(),
        audit_row: None,
        tables: Vec::new(),
        beyond: beyond(config),
    };
    if args.dry_run {
        proof.tables = erase(opened.store(), &proof.tenant, &proof.customer, true).await?;
        return Ok(proof);
    }
    let control = config.open_control()?;
    let record = |action: &str, detail: &serde_json::Value| {
        control.audit(ACTOR, action, &proof.customer, &proof.reason, detail, Utc::now())
    };
    record("customer.erase.begin", &serde_json::json!({"tenant": proof.tenant}))?;
    let tables = erase(opened.store(), &proof.tenant, &proof.customer, false).await?;
    let detail = serde_json::json!({"tenant": proof.tenant, "tables": tables});
    let row = record("customer.erase", &detail)?;
    (proof.tables, proof.done_at, proof.audit_row) = (tables, row.at, Some(row.seq));
    let signer = Signer::open(config, control.clone())?;
    signer.sign(&SystemClock)?;
    if let Some(mut file) = file {
        let note = signer.note(&format!("{}\n", serde_json::to_string_pretty(&proof)?));
        file.write_all(note.as_bytes()).and_then(|()| file.sync_all()).context("cannot write the proof")?;
        let hash = hex::encode(Sha256::digest(&note));
        record("customer.erase.proof", &serde_json::json!({"sha256": hash, "of_row": row.seq}))?;
    }
    Ok(proof)
}

/// What this run does not reach.
fn beyond(config: &Config) -> Vec<String> {
    let mut beyond = vec![
        "the files of parts that were written anew lie on disk for eight minutes more".to_owned(),
        "records that a node has received and not stored yet: run it again when it has".to_owned(),
        "the audit trail, which is kept by duty: the customer's number, and reasons that people typed"
            .to_owned(),
        "back-ups, which end when they do".to_owned(),
    ];
    if let Some(url) = &config.archive.url {
        beyond.push(format!(
            "days in the archive at {url}: their Parquet files are not rewritten, and end when archive.keep_days is over"
        ));
    }
    beyond
}

fn told(proof: &Proof) -> String {
    let mut text = format!("{} of {} (tenant {})\n", proof.kind, proof.customer, proof.tenant);
    if proof.tables.is_empty() {
        text += "the store has nothing that tells who this is\n";
    }
    for Erased { table, rows, parts, left } in &proof.tables {
        text += &format!("  {table:<12} {rows:>9} rows in {parts} parts, {left} left\n");
    }
    if let Some(row) = proof.audit_row {
        text += &format!("row {row} of the audit trail says so\n");
    }
    text += "not reached:\n";
    for what in &proof.beyond {
        text += &format!("  - {what}\n");
    }
    text
}
