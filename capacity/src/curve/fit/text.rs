//! A fit in plain words.

use super::{CurveFit, Grade};
use crate::curve::figures::{figure, percent};

impl CurveFit {
    /// The fit for a terminal: the verdict first, then aligned figures.
    pub fn text(&self) -> String {
        let mut lines = vec![self.headline()];
        lines.extend(self.reasons.iter().map(|reason| format!("  - {reason}")));
        if self.verdict != Grade::Refused {
            lines.push(String::new());
            lines.extend(self.coefficients());
            lines.push(String::new());
            lines.extend(self.outlook());
            lines.push(String::new());
            lines.extend(self.quality());
        }
        if !self.notes.is_empty() {
            lines.push(String::new());
            lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        }
        lines.join("\n") + "\n"
    }

    fn headline(&self) -> String {
        let verdict = match self.verdict {
            Grade::Good => "a good fit",
            Grade::Weak => "a weak fit",
            Grade::Refused => "no fit",
        };
        let measured = self.points.map_or_else(
            || "no usable points".to_owned(),
            |p| {
                let points = if p.count == 1 { "1 point".to_owned() } else { format!("{} points", p.count) };
                let [low, high] = p.load.map(figure);
                format!("{points} at loads from {low} to {high}")
            },
        );
        format!("Universal Scalability Law: {verdict}, {measured}")
    }

    fn coefficients(&self) -> Vec<String> {
        let interval = self.student_intervals.as_ref();
        let rows = [
            ("alpha", self.alpha, interval.map(|i| i.alpha), "contention"),
            ("beta", self.beta, interval.map(|i| i.beta), "coherency"),
            ("gamma", self.gamma, interval.map(|i| i.gamma), "throughput at load 1"),
        ];
        let mut lines =
            vec![format!("{:<8}{:>12}   {:<26}", "", "estimate", "95 % interval").trim_end().to_owned()];
        lines.extend(rows.into_iter().map(|(name, estimate, interval, meaning)| {
            let estimate = estimate.map_or_else(|| "unknown".to_owned(), figure);
            let interval = interval.map(|i| i.map(Some));
            format!("{name:<8}{estimate:>12}   {:<26}{meaning}", range(interval))
        }));
        lines
    }

    fn outlook(&self) -> Vec<String> {
        let bootstrap = self.bootstrap.as_ref();
        let mut lines = Vec::new();
        lines.push(match (&self.peak, &self.peak_reason) {
            (Some(peak), _) => format!(
                "{:<8}{:>12}   {:<26}at load {} ({})",
                "peak",
                figure(peak.throughput),
                range(bootstrap.map(|b| b.peak_throughput)),
                figure(peak.load),
                range(bootstrap.map(|b| b.peak_load)),
            ),
            (None, reason) => {
                format!("{:<8}{:>12}   {}", "peak", "none", reason.as_deref().unwrap_or_default())
            }
        });
        lines.push(match (self.limit, &self.limit_reason) {
            (Some(limit), _) => format!(
                "{:<8}{:>12}   {:<26}never passed, whatever the load",
                "limit",
                figure(limit),
                range(bootstrap.map(|b| b.limit))
            ),
            (None, reason) => {
                format!("{:<8}{:>12}   {}", "limit", "none", reason.as_deref().unwrap_or_default())
            }
        });
        if let Some(optimal) = self.optimal {
            lines.push(format!(
                "{:<8}{:>12}   {:<26}at load {}: more users than that pay off less and less",
                "optimal",
                figure(optimal.throughput),
                "",
                figure(optimal.load)
            ));
        }
        lines
    }

    fn quality(&self) -> Vec<String> {
        let explained = self.r_squared.map_or_else(String::new, |r| {
            format!("the curve explains {} of the variation of throughput; ", percent(r))
        });
        let error = self.residual_standard_error.map_or_else(|| "unknown".to_owned(), figure);
        let free = self.degrees_of_freedom.unwrap_or_default();
        let mut lines =
            vec![format!("{explained}points lie {error} off it on average ({free} degrees of freedom)")];
        if let Some(bootstrap) = &self.bootstrap {
            lines.push(format!(
                "intervals of peak and limit from {} resamples with seed {}",
                bootstrap.resamples, bootstrap.seed
            ));
        }
        lines
    }
}

fn range(interval: Option<[Option<f64>; 2]>) -> String {
    match interval {
        Some([Some(low), Some(high)]) => format!("{} to {}", figure(low), figure(high)),
        Some([Some(low), None]) => format!("above {}", figure(low)),
        Some([None, _]) | None => "unknown".to_owned(),
    }
}
