//! `headroom audit`: the trail verified, exported, proved.

use super::{open, print};
use crate::cli::{AuditCommand, Output, VerifyTrailArgs};
use crate::config::load;
use crate::node::Signer;
use anyhow::{Context as _, Result};
use headroom_control::{
    AuditEntry, AuditHead, AuditProof, Checkpoint, CheckpointFile, Control, ControlError, PublicKey, Verifier,
};
use headroom_store::SystemClock;
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

/// Exit code 1 when the trail, or a proof, does not hold.
pub(super) fn run(command: AuditCommand, output: Output) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify(args) => return verify(&args, output),
        AuditCommand::Export { config, out } => export(&load::load(&config.config)?.open_control()?, &out)?,
        AuditCommand::Prove { config, row, since } => {
            let control = load::load(&config.config)?.open_control()?;
            let proof = match (row, since) {
                (_, Some(size)) => control.audit_consistency(size)?,
                (row, None) => control.audit_inclusion(row.context("name a row")?)?,
            };
            print(Output::Json, &proof, |_| String::new())?;
        }
        AuditCommand::Key(config) => {
            let key = load::load(&config.config)?.audit_public_key()?;
            print(output, &serde_json::json!({"key": key.to_string()}), |_| key.to_string())?;
        }
        AuditCommand::Checkpoint(config) => {
            let config = load::load(&config.config)?;
            let control = config.open_control()?;
            Signer::open(&config, control.clone())?.sign(&SystemClock)?;
            print(output, &control.audit_status()?.checkpoint, |newest| match newest {
                Some(newest) => newest.note.clone(),
                None => "there is no row to sign yet".to_owned(),
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// All of it fits.
    Holds(AuditHead),
    /// A proof shows what it says.
    Proved(String),
    /// The first row that does not fit, and why.
    Broken { row: i64, what: String },
    /// A checkpoint or a proof that is not what it should be.
    Forged(String),
}

fn verify(args: &VerifyTrailArgs, output: Output) -> Result<ExitCode> {
    let (verdict, key) = match (&args.proof, &args.file) {
        (Some(proof), _) => {
            let key = given(args)?.context("give the key that signed it: --key")?;
            let mut text = String::new();
            open(proof)?.read_to_string(&mut text).with_context(|| proof.display().to_string())?;
            (proved(&text, &key).map(Verdict::Proved), Some(key))
        }
        (None, Some(rows)) => {
            let key = given(args)?.context("give the key that signed the checkpoints: --key")?;
            (kept(args, &key).and_then(|kept| exported(rows, kept)).map(Verdict::Holds), Some(key))
        }
        (None, None) => {
            let config = load::load(&args.config.config)?;
            let key = given(args)?.map_or_else(|| config.audit_public_key(), Ok)?;
            let control = config.open_control()?;
            (stored(&control, args, &key).map(Verdict::Holds), Some(key))
        }
    };
    let verdict = verdict.or_else(|error| match error {
        ControlError::AuditBroken { seq, what } => Ok(Verdict::Broken { row: seq, what }),
        ControlError::Invalid(why) => Ok(Verdict::Forged(why)),
        other => Err(other),
    })?;
    print(output, &verdict, |verdict| told(verdict, key.as_ref()))?;
    let fine = matches!(verdict, Verdict::Holds(_) | Verdict::Proved(_));
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(verdict: &Verdict, key: Option<&PublicKey>) -> String {
    match verdict {
        Verdict::Holds(AuditHead { rows, hash, root, checkpoints, signed }) => {
            let by = key.map_or_else(String::new, |key| format!(" by {key}"));
            let signed = match checkpoints {
                0 => "no checkpoint was looked at: an end that was cut off would not show".to_owned(),
                _ => format!("{checkpoints} checkpoints agree, the newest over {signed} rows, signed{by}"),
            };
            format!("the audit trail holds: {rows} rows, to {hash}\nroot {root}\n{signed}")
        }
        Verdict::Proved(what) => what.clone(),
        Verdict::Broken { row, what } => format!("the audit trail is broken at row {row}: {what}"),
        Verdict::Forged(why) => format!("a checkpoint or proof does not hold: {why}"),
    }
}

/// A proof about the trail, as JSON, or another document as a note that the key has signed.
fn proved(text: &str, key: &PublicKey) -> Result<String, ControlError> {
    match serde_json::from_str::<AuditProof>(text) {
        Ok(proof) => proof.verify(key),
        Err(_) => key.open(text).map(|said| format!("{said}signed by {key}")),
    }
}

/// The trail of a node, with the checkpoints in its database and those given.
fn stored(control: &Control, args: &VerifyTrailArgs, key: &PublicKey) -> Result<AuditHead, ControlError> {
    for signed in control.audit_checkpoints(0)? {
        key.open(&signed.note)?;
    }
    control.audit_verify_against(&kept(args, key)?, || {})
}

/// Exported rows.
fn exported(rows: &Path, kept: Vec<Checkpoint>) -> Result<AuditHead, ControlError> {
    let unreadable = |number: usize, error: &dyn std::fmt::Display| {
        ControlError::Invalid(format!("{}:{number}: {error}", rows.display()))
    };
    let mut verifier = Verifier::new(kept);
    let file = open(rows).map_err(|error| unreadable(0, &error))?;
    for (line, number) in BufReader::new(file).lines().zip(1..) {
        let line = line.map_err(|error| unreadable(number, &error))?;
        let row: AuditEntry = serde_json::from_str(&line).map_err(|error| unreadable(number, &error))?;
        verifier.take(&row)?;
    }
    verifier.finish()
}

/// The checkpoints that were given.
fn kept(args: &VerifyTrailArgs, key: &PublicKey) -> Result<Vec<Checkpoint>, ControlError> {
    args.checkpoints.as_ref().map_or(Ok(Vec::new()), |path| CheckpointFile::at(path).read(key))
}

fn given(args: &VerifyTrailArgs) -> Result<Option<PublicKey>> {
    Ok(args.key.as_deref().map(str::parse).transpose()?)
}

fn export(control: &Control, out: &Path) -> Result<()> {
    let failed = || format!("cannot write {}", out.display());
    let mut to: Box<dyn Write> = if out == Path::new("-") {
        Box::new(std::io::stdout().lock())
    } else {
        Box::new(File::create(out).with_context(failed)?)
    };
    let mut to = BufWriter::new(&mut to);
    let mut seen = i64::MIN;
    loop {
        let page = control.audit_entries(seen)?;
        let Some(last) = page.last() else { break };
        seen = last.seq;
        for row in &page {
            serde_json::to_writer(&mut to, row).with_context(failed)?;
            to.write_all(b"\n").with_context(failed)?;
        }
    }
    to.flush().with_context(failed)
}
