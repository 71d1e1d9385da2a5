//! Pictures of forecasts.

use headroom_models::forecast::Prediction;
use headroom_models::series::Series;
use headroom_reports::Chart;
use headroom_reports::chart::{Axis, Band, LineChart, Mark, Scale, Series as Line};

/// Steps of history before the forecast, in lengths of it.
const BEFORE: usize = 3;

/// The last of the history, the median, and the band between the lowest and highest quantiles drawn.
pub(super) fn forecast(name: &str, series: &Series, points: &[Prediction]) -> Chart {
    let shown = (points.len() * BEFORE).max(48).min(series.values.len());
    let first = series.values.len() - shown;
    let measured = (first..series.values.len())
        .map(|i| (series.at(i).timestamp() as f64, series.values[i].unwrap_or(f64::NAN)));
    let line = |quantile: usize| {
        points.iter().map(|p| (p.ts.timestamp() as f64, p.quantiles[quantile])).collect::<Vec<_>>()
    };
    let band = points.iter().map(|p| (p.ts.timestamp() as f64, p.quantiles[0], p.quantiles[4])).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for event in points.iter().flat_map(|p| &p.events).map(|(event, _)| event) {
        let from = event.start.timestamp() as f64;
        if !event.class.in_shape() && !marks.iter().any(|mark| mark.from.total_cmp(&from).is_eq()) {
            marks.push(Mark { label: event.name.clone(), from, to: Some(event.end().timestamp() as f64) });
        }
    }
    Chart::Line(LineChart {
        title: format!("Demand of {name}"),
        x: Axis::time(),
        y: Axis::new("Demand", format!("per {} min", series.step_minutes), Scale::Zero),
        series: vec![
            Line::new("measured", measured.collect()),
            Line::dashed("median", line(0)),
            Line::dashed("0.95 quantile", line(3)),
        ],
        bands: vec![Band { name: "median to 0.99 quantile".to_owned(), of: 1, points: band }],
        marks,
        limits: Vec::new(),
    })
}
