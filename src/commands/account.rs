//! `headroom token` and `headroom user`.

use super::print;
use crate::cli::{ConfigArgs, Output, TokenCommand, UserCommand};
use crate::config::{Config, load};
use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use headroom_control::{Control, Role, Token};
use std::io::BufRead as _;
use std::process::ExitCode;

/// Who the audit trail says it was: whoever runs the program on this machine.
const ACTOR: &str = "command line";

pub(super) fn token(command: TokenCommand, output: Output) -> Result<ExitCode> {
    match command {
        TokenCommand::Create { config, role, name } => {
            let (config, control) = open(&config)?;
            let token = control.create_token(&name, role, &config.tenant, Utc::now())?;
            let detail = serde_json::json!({"role": role, "tenant": config.tenant});
            control.audit(ACTOR, "token.create", &name, "", &detail, Utc::now())?;
            print(output, &serde_json::json!({"name": name, "role": role, "token": token}), |_| {
                token.clone()
            })?;
        }
        TokenCommand::List { config } => {
            let (_, control) = open(&config)?;
            let line = |token: &Token| {
                let state = token
                    .revoked_at
                    .map_or_else(|| "active".to_owned(), |at| format!("revoked {}", at.format("%F %R")));
                format!("{:<24} {:<8} {:<12} {state}\n", token.name, token.role, token.tenant)
            };
            print(output, &control.list_tokens()?, |tokens| tokens.iter().map(line).collect())?;
        }
        TokenCommand::Revoke { config, token } => {
            let (_, control) = open(&config)?;
            control.revoke_token(&token, Utc::now())?;
            control.audit(ACTOR, "token.revoke", &token, "", &serde_json::json!({}), Utc::now())?;
            print(output, &serde_json::json!({"revoked": token}), |_| format!("{token} is revoked"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn user(command: UserCommand, output: Output) -> Result<ExitCode> {
    let UserCommand::Create { config, name, role } = command;
    if role == Role::Ingest {
        bail!("role ingest cannot sign in: create a token for it with `headroom token create --role ingest`");
    }
    let (config, control) = open(&config)?;
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        eprint!("password for {name} (it is shown as you type): ");
    }
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("cannot read the password from standard input")?;
    let principal = control.create_user(
        &name,
        password.trim_end_matches(['\r', '\n']),
        role,
        &config.tenant,
        Utc::now(),
    )?;
    let detail = serde_json::json!({"role": role, "tenant": config.tenant});
    control.audit(ACTOR, "user.create", &name, "", &detail, Utc::now())?;
    print(output, &principal, |p| format!("{} may now sign in as {}", p.name, p.role))?;
    Ok(ExitCode::SUCCESS)
}

fn open(args: &ConfigArgs) -> Result<(Config, Control)> {
    let config = load::load(&args.config)?;
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create {}", config.data_dir.display()))?;
    let control = config.open_control()?;
    Ok((config, control))
}
