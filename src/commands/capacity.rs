//! `headroom capacity` and `headroom assess`.

mod load_test;
mod measured;

use super::{open, print};
use crate::cli::{AssessArgs, CapacityCommand, CostArgs, FitArgs, IncidentArgs, Model, Output, WallsArgs};
use anyhow::{Context as _, Result, bail};
use headroom_capacity::curve::fit::{CurveFit, FitOptions, Grade, LoadModel, fit};
use headroom_capacity::curve::points::{Point, read_points};
use headroom_capacity::curve::usl::Usl;
use headroom_capacity::money::incident::{IncidentInput, incident};
use headroom_capacity::walls::WhatIf;
use headroom_reports::chart::{Axis, Scale, ScatterChart, Series};
use headroom_reports::{Chart, Theme};
use measured::Measured;
use std::process::ExitCode;

pub(super) async fn run(command: CapacityCommand, output: Output) -> Result<ExitCode> {
    match command {
        CapacityCommand::Fit(args) => fitted(&args, output),
        CapacityCommand::LoadTest(args) => load_test::run(&args, output),
        CapacityCommand::Walls(args) => walls(args, output).await,
        CapacityCommand::Cost(args) => cost(args, output).await,
        CapacityCommand::Incident(args) => compared(&args, output),
    }
}

/// Exit code 0 for a fit, 1 for a refused one.
fn fitted(args: &FitArgs, output: Output) -> Result<ExitCode> {
    let points = read_points(open(&args.points)?, &args.points.display().to_string())?;
    let load_model = match args.model {
        None => LoadModel::Unknown,
        Some(Model::Closed) => LoadModel::Closed,
        Some(Model::Open) => LoadModel::Open,
    };
    let found = fit(&points, &FitOptions { resamples: args.resamples as usize, seed: args.seed, load_model });
    if let Some(path) = &args.plot {
        let chart = plot(&points, &found);
        let size = chart.natural(800);
        std::fs::write(path, chart.svg(Theme::Light, size))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(output, &found, CurveFit::text)?;
    Ok(if found.verdict == Grade::Refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The points, and the curve up to a quarter beyond them.
fn plot(points: &[Point], found: &CurveFit) -> Chart {
    let usl = found.alpha.zip(found.beta).zip(found.gamma).and_then(|((a, b), c)| Usl::new(a, b, c));
    let curve = usl.zip(found.points).map(|(usl, body)| {
        let [low, high] = body.load;
        let at = |i: u32| low + (high * 1.25 - low) * f64::from(i) / 200.0;
        Series::new("fitted", (0..=200).map(|i| (at(i), usl.throughput(at(i)))).collect())
    });
    Chart::Scatter(ScatterChart {
        title: "Throughput at load".to_owned(),
        x: Axis::new("Load", "", Scale::Zero),
        y: Axis::new("Throughput", "1/s", Scale::Zero),
        points: vec![Series::new("measured", points.iter().map(|p| (p.load, p.throughput)).collect())],
        curves: curve.into_iter().collect(),
        bands: Vec::new(),
        marks: Vec::new(),
        limits: Vec::new(),
    })
}

async fn walls(args: WallsArgs, output: Output) -> Result<ExitCode> {
    let change = match &args.change {
        None => WhatIf::default(),
        Some(path) => serde_json::from_reader(open(path)?).with_context(|| {
            format!("{} is no change; docs/capacity.md lists what can change", path.display())
        })?,
    };
    if let Err(wrong) = change.validate() {
        bail!("{wrong}");
    }
    match Measured::open(args.measured).await? {
        Measured::Server(server) => server.walls(&change, output).await?,
        Measured::Store(store) => {
            let found = store.answers.walls(&store.tenant, store.range, &change).await;
            store.close().await;
            print(output, &found?, headroom_capacity::walls::Walls::text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn cost(args: CostArgs, output: Output) -> Result<ExitCode> {
    let files = args.files();
    match Measured::open(args.measured).await? {
        Measured::Server(_) if files.is_some() => {
            bail!(
                "bills and prices are read where the store is: leave --server out, or set capacity.bills there"
            )
        }
        Measured::Server(server) => server.costs(output).await?,
        Measured::Store(store) => {
            let found = store.answers.costs(&store.tenant, store.range, files.as_ref()).await;
            store.close().await;
            print(output, &found?, headroom_capacity::costs::Costs::text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn compared(args: &IncidentArgs, output: Output) -> Result<ExitCode> {
    let input: IncidentInput = serde_json::from_reader(open(&args.input)?).with_context(|| {
        format!(
            "{} does not describe a plan and an incident; docs/capacity.md shows one",
            args.input.display()
        )
    })?;
    print(output, &incident(&input)?, headroom_capacity::money::incident::IncidentComparison::text)?;
    Ok(ExitCode::SUCCESS)
}

/// `headroom assess`.
pub(super) async fn assess(args: AssessArgs, output: Output) -> Result<ExitCode> {
    headroom_reports::Format::of(&args.out)?;
    match Measured::open(args.measured).await? {
        Measured::Server(server) => server.assessment(&args.out).await?,
        Measured::Store(store) => {
            let found = store.answers.assessment(&store.tenant, store.range, &store.slos).await;
            store.close().await;
            headroom_capacity::assess::document(&found?).write(&args.out)?;
        }
    }
    let written = serde_json::json!({ "written": args.out });
    print(output, &written, |_| format!("written to {}", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}
