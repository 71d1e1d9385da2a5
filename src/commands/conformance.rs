//! `headroom conformance`: does an OTLP receiver keep the protocol?

use super::bar::Bar;
use super::print;
use crate::cli::{ConformanceArgs, Output};
use anyhow::{Result, bail};
use headroom_conformance::{Listed, Options, TlsOptions, Verdict};
use std::process::ExitCode;

/// Exit code 0 when no check failed, 1 when one did.
pub(super) async fn run(args: ConformanceArgs, output: Output) -> Result<ExitCode> {
    let only = args.only.clone().unwrap_or_default();
    let checks: Vec<Listed> =
        headroom_conformance::list().into_iter().filter(|check| check.id.contains(&only)).collect();
    if args.list {
        return list(&checks, &only, output);
    }
    let options = Options {
        http: args.target,
        grpc: args.grpc,
        token: args.token,
        headers: args.header,
        timeout: args.timeout,
        max_body: args.max_body,
        tls: TlsOptions { ca: args.ca, cert: args.cert, key: args.key },
        only: args.only,
    };
    let mut bar = Bar::new(checks.len() as u64);
    let (mut done, mut failed) = (0, 0_u64);
    let report = headroom_conformance::run(&options, |outcome| {
        done += 1;
        failed += u64::from(matches!(outcome.verdict, Verdict::Fail(_)));
        bar.show(done, || format!("{failed} failed  {}", outcome.id));
    })
    .await;
    bar.finish();
    let report = report?;
    print(output, &report, ToString::to_string)?;
    Ok(report.exit_code().into())
}

fn list(checks: &[Listed], only: &str, output: Output) -> Result<ExitCode> {
    if checks.is_empty() {
        bail!("no check has {only:?} in its id");
    }
    let listed: Vec<_> = checks
        .iter()
        .map(|Listed { id, duty, level, title }| {
            serde_json::json!({"id": id, "duty": duty, "level": level, "title": title})
        })
        .collect();
    print(output, &listed, |_| {
        let line = |c: &Listed| format!("{:<2}  {:<10}  {:<46}  {}\n", c.duty, c.level, c.id, c.title);
        checks.iter().map(line).collect()
    })?;
    Ok(ExitCode::SUCCESS)
}
