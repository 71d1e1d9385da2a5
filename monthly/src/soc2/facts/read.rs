//! Reading the facts: from the other reports, the store, the control state and the settings.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_capacity::money::Figure;
use headroom_control::{BudgetStep, Control, Delivery, DeliveryState, Role, Token, User};
use headroom_query::scan::{Aggregate, Filter, ScanQuery};
use headroom_query::slo::{SloSet, rules};
use headroom_query::{TimeRange, services};
use serde::Deserialize;

use super::{Fact, Facts};
use crate::Result;
use crate::audit::{AuditReport, Sort};
use crate::incidents::{Mean, alerts};
use crate::month::Period;
use crate::page::{length, many};
use crate::report::{Reports, Setup, blocking};
use crate::uptime::UptimeReport;

/// Messages and steps that are looked through.
const MOST: usize = 100_000;

impl Facts {
    /// Reads them all.
    pub(crate) async fn read(reports: &Reports, tenant: &str, period: &Period) -> Result<Self> {
        let uptime = reports.uptime(tenant, period.clone()).await?;
        let audit = reports.audit(tenant, period.clone()).await?;
        let state = {
            let (tenant, period, slos) = (tenant.to_owned(), period.clone(), reports.slos.clone());
            blocking(&reports.control, move |control| State::read(control, &tenant, &period, &slos)).await?
        };
        let mut facts = Self { found: BTreeMap::new(), period: period.clone() };
        facts.of_uptime(&uptime);
        facts.of_audit(&audit);
        facts.of_state(&state);
        facts.of_setup(&reports.setup, &reports.slos);
        facts.of_store(reports, tenant, period).await;
        facts.of_nothing();
        Ok(facts)
    }

    fn note(&mut self, fact: Fact, found: std::result::Result<String, impl Display>) {
        self.found.insert(fact, found.map_err(|why| why.to_string()).into());
    }

    /// A count in a sentence, or why there is nothing to count.
    fn count(&mut self, fact: Fact, count: u64, known: impl FnOnce() -> String, none: &str) {
        self.note(fact, if count > 0 { Ok(known()) } else { Err(none) });
    }

    fn of_uptime(&mut self, uptime: &UptimeReport) {
        let with_figure: Vec<bool> = uptime.objectives.iter().filter_map(|one| one.month.kept).collect();
        let kept = with_figure.iter().filter(|kept| **kept).count();
        let known = || format!("{kept} of {} objectives with a figure kept their targets", with_figure.len());
        self.count(Fact::Availability, with_figure.len() as u64, known, "no objective has a figure");

        let measured = uptime.objectives.iter().filter(|one| !one.days.is_empty()).count();
        let gaps: usize = uptime.objectives.iter().map(|one| one.gaps.len()).sum();
        let unseen = uptime.objectives.iter().map(|one| one.month.unseen_minutes()).fold(0.0, f64::max);
        let known = || {
            format!(
                "{gaps} stretches without data over {measured} measured objectives are named, at most {} of one; none is counted as up",
                length(unseen * 60.0)
            )
        };
        self.count(Fact::Gaps, measured as u64, known, "no objective was measured");

        let none = "no alert that pages began in this month";
        let mean = |what: &str, mean: &Figure<Mean>| match mean {
            Figure::Known(mean) => Ok(format!(
                "{} of {} incidents, after {} on average",
                mean.of,
                mean.among,
                length(mean.seconds)
            )),
            Figure::Unavailable { why } if uptime.incidents.is_empty() => Err(format!("{none} ({why})")),
            Figure::Unavailable { .. } => {
                Err(format!("none of {} incidents was {what}", uptime.incidents.len()))
            }
        };
        self.note(Fact::Acknowledged, mean("acknowledged", &uptime.mtta));
        self.note(Fact::Resolved, mean("resolved", &uptime.mttr));
    }

    fn of_audit(&mut self, audit: &AuditReport) {
        let actors = |sort: Sort| {
            audit
                .actors
                .iter()
                .filter(|one| one.sort == sort)
                .map(|one| one.actor.as_str())
                .collect::<std::collections::BTreeSet<_>>()
                .len()
        };
        for (fact, sort, word, more, none) in [
            (Fact::SignIns, Sort::SignIn, "sign-in", "", "nobody signed in with an account"),
            (Fact::Refused, Sort::RefusedSignIn, "refused sign-in", " on record", "no sign-in was refused"),
            (
                Fact::LockOuts,
                Sort::LockOut,
                "lock-out",
                " after repeated wrong passwords",
                "nobody was locked out",
            ),
            (
                Fact::Reveals,
                Sort::Reveal,
                "reveal",
                ", each with actor, customer and reason",
                "personal data stayed masked: nobody had it shown",
            ),
            (Fact::Sql, Sort::Sql, "statement", ", each with actor, door and hash", "no SQL was asked"),
            (
                Fact::Exports,
                Sort::Export,
                "export",
                ", each with actor and statement",
                "nothing was exported to a file",
            ),
            (
                Fact::AccessChanges,
                Sort::Access,
                "change",
                " of accounts and tokens",
                "no account or token was made or revoked",
            ),
            (
                Fact::ConfigChanges,
                Sort::Configuration,
                "change",
                ", each with actor and time",
                "no silence, calendar entry or remedy was changed",
            ),
        ] {
            let count = audit.count(sort);
            self.count(
                fact,
                count,
                || format!("{}{more}, by {}", many(count, word), many(actors(sort) as u64, "actor")),
                none,
            );
        }
        let erased =
            audit.actors.iter().filter(|one| one.action == "customer.erase").map(|one| one.rows).sum();
        self.count(
            Fact::Erasures,
            erased,
            || format!("{}, each with a signed proof", many(erased, "customer")),
            "nobody asked to be erased",
        );
        let remedies = audit
            .actors
            .iter()
            .filter(|one| one.action.starts_with("action.") && one.sort == Sort::Operation);
        let remedies = remedies.map(|one| one.rows).sum();
        self.count(
            Fact::Remedies,
            remedies,
            || format!("{} about remedies, each with its reasons", many(remedies, "decision")),
            "no remedy was considered",
        );
        let found = &audit.integrity;
        self.note(
            Fact::Trail,
            match (&found.head, &found.broken) {
                (Some(head), None) if head.rows > 0 => Ok(format!(
                    "{} rows follow from one another and agree with {} signed heads",
                    head.rows, head.checkpoints
                )),
                (_, Some(broken)) => Err(format!("the trail does not hold: {broken}")),
                _ => Err("the trail is empty".to_owned()),
            },
        );
        let (verified, all) = (found.verified(), found.checkpoints.len());
        self.note(
            Fact::Checkpoints,
            match (all, verified) {
                (0, _) => Err("no checkpoint was signed in this month".to_owned()),
                (_, 0) => Err(format!(
                    "none of {all} signatures could be verified: {}",
                    found.checkpoints[0].why.as_deref().unwrap_or("there is no key")
                )),
                _ => {
                    Ok(format!("{verified} of {all} checkpoints signed in the month carry a good signature"))
                }
            },
        );
    }

    fn of_state(&mut self, state: &State) {
        let roles = |of: Vec<Role>| {
            let counts = Role::ALL.into_iter().filter_map(|role| {
                let count = of.iter().filter(|one| **one == role).count();
                (count > 0).then(|| format!("{count} {role}"))
            });
            counts.collect::<Vec<_>>().join(", ")
        };
        let active: Vec<Role> =
            state.users.iter().filter(|user| user.disabled_at.is_none()).map(|user| user.role).collect();
        let tokens: Vec<Role> =
            state.tokens.iter().filter(|token| token.revoked_at.is_none()).map(|token| token.role).collect();
        let shut = state.users.len() - active.len() + state.tokens.len() - tokens.len();
        let (people, programs) = (active.len(), tokens.len());
        let known = || {
            format!(
                "{people} accounts ({}), {programs} tokens ({}); {shut} are disabled or revoked",
                roles(active),
                roles(tokens)
            )
        };
        self.count(
            Fact::Accounts,
            (people + programs + shut) as u64,
            known,
            "there is no account and no token",
        );
        let (fired, paged) =
            (state.severities.len(), state.severities.iter().filter(|one| *one != "warning").count());
        self.count(
            Fact::Alerts,
            fired as u64,
            || format!("{}, {paged} of them paged", many(fired as u64, "alert")),
            "no alert fired",
        );
        let of = |wanted: DeliveryState| state.deliveries.iter().filter(|one| one.state == wanted).count();
        let (sent, dead) = (of(DeliveryState::Delivered), of(DeliveryState::Dead));
        let known = || format!("{sent} of {} arrived, {dead} were given up", state.deliveries.len());
        self.count(Fact::Deliveries, state.deliveries.len() as u64, known, "no message was to be sent");
        let freezes = state.steps.iter().filter(|step| step.freezes).count();
        let known = || format!("{} steps held, {freezes} of them froze releases", state.steps.len());
        self.count(Fact::Freezes, state.steps.len() as u64, known, "no step of an error-budget policy held");
    }

    fn of_setup(&mut self, setup: &Setup, set: &SloSet) {
        let promises = set.promises();
        let rules: usize =
            promises.iter().map(|one| rules::rules(one.window().seconds, one.target()).len()).sum();
        let runbooks = promises.iter().filter(|one| one.runbook().is_some()).count();
        let known =
            || format!("{} objectives with {rules} alert rules, {runbooks} with a runbook", promises.len());
        self.count(Fact::Objectives, promises.len() as u64, known, "no objective is defined");
        let heartbeat =
            if setup.heartbeat { "somebody misses a sign of life" } else { "nobody misses a sign of life" };
        let known = || format!("{} receivers are configured; {heartbeat}", setup.receivers);
        self.count(Fact::Receivers, setup.receivers as u64, known, "no receiver of alerts is configured");
        let probes = setup.probes;
        self.count(
            Fact::Probes,
            probes as u64,
            || format!("{} configured", many(probes as u64, "probe")),
            "no probe is configured",
        );
        let open: Vec<&str> =
            setup.doors.iter().filter(|(_, tls)| !tls).map(|(door, _)| door.as_str()).collect();
        self.note(
            Fact::Doors,
            match (setup.doors.len(), open.as_slice()) {
                (0, _) => {
                    Err("every door listens on this machine only; what is in front of it is not known here"
                        .to_owned())
                }
                (all, []) => Ok(format!("{all} doors are reached from other machines, all by TLS")),
                (all, open) => Ok(format!(
                    "{all} doors are reached from other machines; without TLS of their own: {}",
                    open.join(", ")
                )),
            },
        );
        let kept = &setup.retention;
        let known = format!(
            "spans, logs and metrics {} days, business events {}, what a customer can name {}, measurements of objectives {}",
            kept.raw_days, kept.event_days, kept.lookup_days, kept.result_days
        );
        self.note(Fact::Retention, Ok::<_, String>(known));
        self.note(
            Fact::Archive,
            setup
                .archived_after_days
                .map(|days| format!("days are copied into an archive {days} days after their end"))
                .ok_or("no archive is configured, and back-ups are made by other tools"),
        );
    }

    async fn of_store(&mut self, reports: &Reports, tenant: &str, period: &Period) {
        let Ok(range) = TimeRange::new(period.from, period.until) else { return };
        let store = &reports.store;
        let list = services::list(store, tenant, range).await;
        let names: Vec<String> = list
            .as_ref()
            .map(|list| list.services.iter().map(|row| row.service.clone()).collect())
            .unwrap_or_default();
        self.note(
            Fact::Inventory,
            list.map_err(|error| error.to_string()).and_then(|list| {
                let calls: u64 = list.services.iter().map(|row| row.calls).sum();
                if names.is_empty() {
                    Err("no service sent spans that are still kept".to_owned())
                } else {
                    Ok(format!("{} services with {calls} calls", names.len()))
                }
            }),
        );
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let deploys = services::deploys_of(store, tenant, &names, range).await;
        self.note(Fact::Deployments, deploys.map_err(|error| error.to_string()).and_then(|of| {
            let all: Vec<_> = of.values().flatten().collect();
            let told = all.iter().filter(|one| one.told.is_some()).count();
            let failed = all.iter().filter(|one| matches!(one.told, Some(services::DeploymentStatus::Failed | services::DeploymentStatus::RolledBack))).count();
            if all.is_empty() { Err("no new version was seen, and no deployment was told".to_owned()) } else { Ok(format!("{} deployments, {told} of them told by the job that made them, {failed} failed or rolled back", all.len())) }
        }));
        for (fact, table, words, none) in [
            (Fact::Forecasts, "forecasts", "forecast points", "no forecast was made for this month"),
            (Fact::Plans, "plans", "planned steps", "no capacity was planned for this month"),
            (Fact::Anomalies, "anomalies", "anomalies", "no anomaly was told"),
        ] {
            let scan = ScanQuery::aggregate(tenant, table)
                .filter(Filter::within("ts", &range))
                .columns(["service"])
                .aggregates([Aggregate::count("n")]);
            let rows = scan.fetch::<CountRow>(store).await;
            self.note(
                fact,
                rows.map_err(|error| error.to_string()).and_then(|rows| {
                    let n: u64 = rows.iter().map(|row| row.n).sum();
                    let services = rows.iter().filter(|row| !row.service.is_empty()).count();
                    if n == 0 {
                        Err(none.to_owned())
                    } else {
                        Ok(format!("{n} {words} for {services} services"))
                    }
                }),
            );
        }
    }

    /// What Headroom keeps nothing of.
    fn of_nothing(&mut self) {
        self.note(Fact::Clocks, Err::<String, _>("Headroom does not measure how well clocks are set; records far outside of the present are refused at the door"));
        self.note(Fact::PostMortems, Err::<String, _>("reviews of incidents are not kept in Headroom"));
        self.note(Fact::Restores, Err::<String, _>("Headroom knows of no test that brought data back"));
    }
}

#[derive(Row, Deserialize)]
struct CountRow {
    service: String,
    n: u64,
}

/// What the control state says.
struct State {
    users: Vec<User>,
    tokens: Vec<Token>,
    severities: Vec<String>,
    deliveries: Vec<Delivery>,
    steps: Vec<BudgetStep>,
}

impl State {
    fn read(
        control: &Control,
        tenant: &str,
        period: &Period,
        slos: &SloSet,
    ) -> headroom_control::Result<Self> {
        let within = |at: DateTime<Utc>| period.from <= at && at < period.until;
        let mut deliveries = control.list_deliveries(None, MOST)?;
        deliveries.retain(|one| within(one.created_at));
        let mut steps = Vec::new();
        for promise in slos.promises() {
            steps.extend(control.budget_steps(tenant, promise.id(), MOST)?);
        }
        steps.retain(|step| {
            step.begun_at < period.until && step.ended_at.is_none_or(|ended| ended > period.from)
        });
        let mut users = control.list_users()?;
        users.retain(|user| user.tenant == tenant);
        let mut tokens = control.list_tokens()?;
        tokens.retain(|token| token.tenant == tenant);
        let severities = alerts(control, tenant, period)?.into_iter().map(|alert| alert.severity).collect();
        Ok(Self { users, tokens, severities, deliveries, steps })
    }
}
