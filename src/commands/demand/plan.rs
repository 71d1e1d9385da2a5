//! `headroom plan`.

use super::super::server::Server;
use super::super::{print, stored};
use super::source::{Source, calendar};
use super::{model, none, tell};
use crate::cli::{Form, Output, PlanArgs, PlanCommand, PlanExportArgs};
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Duration, Utc};
use headroom_models::forecast::{Context, Prediction, Unavailable};
use headroom_models::plan::{Mode, Situation, plan};
use headroom_models::series::Series;
use headroom_models::{ModelsConfig, PlanBoard, PlanBody, PlanStep, ServiceCapacity, ServicePlan, read};
use headroom_scaler::export::{
    ScalableTarget, ScaledWorkload, Schedule, aws_application_auto_scaling, aws_auto_scaling_group,
    azure_profiles, csv, gcp_schedules, icalendar, scaled_object,
};
use headroom_scaler::{Ask, Desk, ScalerConfig, Target};
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

/// Plans, the moment they are looked at, and the end of what they say.
struct Told {
    body: PlanBody,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
}

pub(in super::super) async fn run(command: PlanCommand, output: Output) -> Result<ExitCode> {
    let args = match &command {
        PlanCommand::Show(args) => &args.plan,
        PlanCommand::Explain(args) => &args.plan,
        PlanCommand::Export(args) => &args.plan,
    };
    let told = match made(args).await? {
        Ok(told) => told,
        Err(why) => return Ok(none(&why)),
    };
    if told.body.services.iter().all(|plan| plan.steps.is_empty()) {
        let whose = args.service.as_deref().unwrap_or("any service");
        return Ok(none(&Unavailable(format!(
            "no plan of {whose} is stored from now on: a service is planned when [models.services.NAME] says what a replica carries"
        ))));
    }
    match command {
        PlanCommand::Show(_) => print(output, &told.body, show)?,
        PlanCommand::Explain(args) => {
            let at = args.at.unwrap_or(told.now);
            let explained: Vec<_> = told.body.services.iter().map(|plan| explain(plan, at)).collect();
            print(output, &explained, |all| {
                let texts: Vec<&str> = all.iter().filter_map(|one| one["text"].as_str()).collect();
                texts.join("\n")
            })?;
        }
        PlanCommand::Export(args) => {
            let text = export(&args, &told)?;
            print(Output::Text, &(), |()| text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan made of a file, or what is stored.
async fn made(args: &PlanArgs) -> Result<Result<Told, Unavailable>> {
    if args.file.is_some() {
        return of_file(args).await;
    }
    let now = Utc::now();
    let stored = &args.origin.stored;
    let body = if let Some(server) = Server::of(stored.server.as_deref(), stored.token.as_deref())? {
        let ask: Vec<_> = args.service.iter().map(|service| ("service", service.as_str())).collect();
        server.get("plan", &ask).await?.json().await.context("the answer is no plan")?
    } else {
        let opened = stored::Opened::open(&stored.config.config).await?;
        let config = &opened.config;
        let body =
            read::plan(opened.store(), &config.tenant, args.service.as_deref(), now, &config.models).await;
        opened.close().await;
        body?
    };
    // What is stored are steps: how long the last one stands is not.
    let last = body.services.iter().flat_map(|plan| &plan.steps).map(|step| step.ts).max().unwrap_or(now);
    Ok(Ok(Told { body, now, until: last + Duration::hours(1) }))
}

async fn of_file(args: &PlanArgs) -> Result<Result<Told, Unavailable>> {
    let demand = args.demand().context("no file is named")?;
    let per_minute = args.capacity.requests_per_minute.context("--requests-per-minute is missing")?;
    let capacity = args.capacity.of(per_minute);
    if let Err(wrong) = capacity.check() {
        bail!("{wrong}");
    }
    let Source { name, series, signals, mut notes } = Source::read(&demand).await?;
    let calendar = Arc::new(calendar(&demand.origin.calendar)?);
    let now = series.end();
    notes.extend(signals.iter().filter_map(|signal| signal.doubt(now)));
    tell(&notes);
    let until = match args.horizon.end(now, calendar.venues()) {
        Ok(until) => until,
        Err(why) => return Ok(Err(why)),
    };
    let service = args.service.clone().unwrap_or(name);
    let context = Context {
        calendar: Arc::clone(&calendar),
        service: service.clone(),
        horizon: until - now + Duration::days(1),
        signals,
    };
    let forecaster = model(None, &context)?;
    let fitted = match forecaster.fit(&series, &context) {
        Ok(fitted) => fitted,
        Err(why) => return Ok(Err(why)),
    };
    let beyond = i64::from(capacity.ahead_minutes() + capacity.stabilisation_minutes);
    let minutes = (until - now).num_minutes() + beyond;
    let share = 1.0 / f64::from(series.step_minutes);
    let forecast: Vec<Prediction> = (0..minutes)
        .map(|minute| {
            let ts = now + Duration::minutes(minute);
            let within = fitted.predict(ts);
            Prediction { ts, quantiles: within.quantiles.map(|q| q * share), events: within.events }
        })
        .collect();
    let day = per_minute_of(&series.since(now - Duration::days(1)));
    let measured: Vec<_> =
        day.values.iter().enumerate().filter_map(|(i, value)| Some((day.at(i), (*value)?))).collect();
    let situation = Situation {
        now,
        forecast: Ok(&forecast),
        measured: &measured,
        running: None,
        last: None,
        calendar: &calendar,
    };
    let planned = plan(&situation, &capacity)?;
    for given_up in &planned.given_up {
        tell(&[given_up.told()]);
    }
    let mut service = ServicePlan::of(service, &planned, &capacity);
    service.steps.retain(|step| step.ts < until);
    // Nobody is told a plan that was made here: it has no mode.
    service.steps.iter_mut().for_each(|step| step.mode = None);
    Ok(Ok(Told { body: PlanBody { made_at: Some(now), services: vec![service] }, now, until }))
}

/// A series of minutes: what came in a longer step is spread over its minutes.
pub(super) fn per_minute_of(series: &Series) -> Series {
    let step = series.step_minutes.max(1) as usize;
    let spread = |value: &Option<f64>| std::iter::repeat_n(value.map(|value| value / step as f64), step);
    Series { start: series.start, step_minutes: 1, values: series.values.iter().flat_map(spread).collect() }
}

fn show(body: &PlanBody) -> String {
    let mut text = String::new();
    for plan in &body.services {
        let _ = writeln!(text, "{}", head(plan));
        for step in &plan.steps {
            let _ = writeln!(
                text,
                "  {}  {:>4}  {}",
                step.ts.format("%Y-%m-%d %H:%M UTC"),
                step.replicas,
                step.reason
            );
        }
    }
    text
}

fn head(plan: &ServicePlan) -> String {
    let mut text = plan.service.clone();
    if let Some(capacity) = plan.capacity_per_replica {
        let _ = write!(text, ", {capacity} requests a minute and replica");
    }
    if let Some(lead) = plan.lead_seconds {
        let _ = write!(text, ", serving {lead} s after it was asked for");
    }
    if let Some(quantile) = plan.quantile {
        let _ = write!(text, ", for the {quantile} quantile of demand");
    }
    text
}

fn explain(plan: &ServicePlan, at: DateTime<Utc>) -> serde_json::Value {
    let due = plan.steps.partition_point(|step| step.ts <= at);
    let step: Option<&PlanStep> = due.checked_sub(1).map(|last| &plan.steps[last]);
    let next = plan.steps.get(due);
    let time = at.format("%Y-%m-%d %H:%M UTC");
    let mut text = match step {
        None => format!("{}: nothing is planned at {time} yet", plan.service),
        Some(step) => format!(
            "{}\n  {time}: {} replicas since {}; reactive scaling would ask for {}\n  why: {}{}",
            head(plan),
            step.replicas,
            step.ts.format("%Y-%m-%d %H:%M UTC"),
            step.reactive,
            step.reason,
            match step.mode {
                Some(Mode::Act) => "\n  mode: act, autoscalers are told",
                Some(Mode::Shadow) => "\n  mode: shadow, not acted on",
                None => "",
            }
        ),
    };
    if let Some(next) = next {
        let _ = write!(
            text,
            "\n  next: {} replicas at {}: {}",
            next.replicas,
            next.ts.format("%Y-%m-%d %H:%M UTC"),
            next.reason
        );
    }
    json!({"service": plan.service, "at": at, "step": step, "next": next, "quantile": plan.quantile, "text": text})
}

fn export(args: &PlanExportArgs, told: &Told) -> Result<String> {
    let capacity = |plan: &ServicePlan| -> ServiceCapacity {
        let per_minute = args.plan.capacity.requests_per_minute.or(plan.capacity_per_replica).unwrap_or(1.0);
        let under =
            plan.quantile.map_or(args.plan.capacity.cost_under, |quantile| quantile / (1.0 - quantile));
        ServiceCapacity { cost_under: under, ..args.plan.capacity.of(per_minute) }
    };
    let services = told.body.services.iter().map(|plan| (plan.service.clone(), capacity(plan))).collect();
    let config = ModelsConfig { services, ..ModelsConfig::default() };
    let policy = ScalerConfig::default().policy(config.bounds()).map_err(anyhow::Error::msg)?;
    let board = PlanBoard::new(Arc::new(config));
    board.restore(&told.body);
    let now = told.now;
    let desk = Desk::new(Arc::new(board), policy).with_clock(move || now);
    let mut schedules: Vec<Schedule> = Vec::new();
    for plan in &told.body.services {
        schedules.push(desk.schedule(&Ask::service(&plan.service), told.until)?);
    }
    let workload = |schedule: &Schedule| args.workload.clone().unwrap_or_else(|| schedule.service.clone());
    let each = |form: &dyn Fn(&Schedule) -> Result<String>| -> Result<String> {
        schedules.iter().map(form).collect()
    };
    match args.form {
        Form::Csv => Ok(csv(&schedules)?),
        Form::Ical => Ok(icalendar(&schedules)),
        Form::Gcp => each(&|schedule| Ok(gcp_schedules(schedule))),
        Form::Azure => each(&|schedule| Ok(azure_profiles(schedule, &[]))),
        Form::AwsGroup => each(&|schedule| Ok(aws_auto_scaling_group(schedule, &workload(schedule)))),
        Form::AwsEcs => each(&|schedule| {
            let named = workload(schedule);
            let (cluster, service) =
                named.split_once('/').context("--workload names the ECS service as cluster/service")?;
            Ok(aws_application_auto_scaling(schedule, &ScalableTarget::ecs(cluster, service)))
        }),
        Form::Keda => each(&|schedule| {
            let bounds = desk.bounds(&Ask::service(&schedule.service))?;
            let object = ScaledWorkload {
                target: Target::service(&schedule.service),
                namespace: args.namespace.clone(),
                kind: "Deployment".to_owned(),
                name: workload(schedule),
                bounds,
                address: args.address.clone(),
                authentication: None,
                cpu_percent: Some((args.plan.capacity.target_utilisation * 100.0).round() as u32),
            };
            Ok(format!("---\n{}", scaled_object(&object)?))
        }),
    }
}
