//! Where values lie on an axis, and where its ticks are.

use super::{Scale, time};
use crate::number::{grouped, scientific};

/// Values beyond this are drawn at it: a range of two such values is still a number.
const HUGE: f64 = 1e150;

/// An axis with its range and ticks. Positions are those of [`Fitted::place`].
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    scale: Scale,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<Tick>,
}

/// A tick.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Its position on the axis.
    pub(super) at: f64,
    /// Its label.
    pub(super) label: String,
    /// A second line, where it changes: the day under hours, the year under days.
    pub(super) under: Option<String>,
}

impl Tick {
    pub(super) fn new(at: f64, label: String) -> Self {
        Self { at, label, under: None }
    }
}

/// The position of a value on an axis of this scale; `None` for a gap.
pub(super) fn place(scale: Scale, value: f64) -> Option<f64> {
    match scale {
        _ if !value.is_finite() => None,
        Scale::Zero | Scale::Fit => Some(value.clamp(-HUGE, HUGE)),
        Scale::Log => (value > 0.0).then(|| value.log10()),
        Scale::Time => Some(value.clamp(time::MIN, time::MAX)),
    }
}

impl Fitted {
    /// An axis that holds all values, with about `count` ticks at most. `snug` ends it at the outermost values
    /// instead of at round ones.
    pub(super) fn new(scale: Scale, values: impl Iterator<Item = f64>, count: usize, snug: bool) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter_map(|v| place(scale, v)) {
            low = low.min(value);
            high = high.max(value);
        }
        let empty = low > high;
        let count = count.max(2);
        match scale {
            Scale::Time => {
                let (low, high) = if empty { (0.0, 86_400.0) } else { (low, high) };
                let (low, high) =
                    if high - low < 1.0 { (low - 1_800.0, high + 1_800.0) } else { (low, high) };
                Self { scale, low, high, ticks: time::ticks(low, high, count) }
            }
            Scale::Log => {
                let (low, high) = if empty { (0.0, 1.0) } else { (low, high) };
                let (low, high) = if high - low < 1e-9 { (low - 0.5, high + 0.5) } else { (low, high) };
                log(low, high, count, snug)
            }
            Scale::Zero | Scale::Fit => {
                let (low, high) = if empty { (0.0, 1.0) } else { (low, high) };
                let (low, high) =
                    if scale == Scale::Zero { (low.min(0.0), high.max(0.0)) } else { (low, high) };
                linear(scale, low, high, count, snug)
            }
        }
    }

    /// The position of a value; `None` for a gap.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        place(self.scale, value)
    }

    /// How far along the axis a position is, 0 to 1.
    pub(super) fn share(&self, at: f64) -> f64 {
        ((at - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A step of 1, 2 or 5 times a power of ten, of which at most `count` fit into a span.
fn nice_step(span: f64, count: usize) -> f64 {
    let rough = span / count as f64;
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= rough * 0.999_999)
        .unwrap_or(10.0 * power)
}

fn linear(scale: Scale, low: f64, high: f64, count: usize, snug: bool) -> Fitted {
    // Values that a double can hardly tell apart are one value.
    let size = low.abs().max(high.abs());
    let (low, high) = if high - low > size * 1e-9 && high - low > 1e-290 {
        (low, high)
    } else if size < 1e-280 {
        (0.0, 1.0)
    } else if scale == Scale::Zero {
        (low.min(0.0), high.max(0.0))
    } else {
        (low - size * 0.1, high + size * 0.1)
    };
    let step = nice_step(high - low, count);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let (low, high) = if snug { (low, high) } else { (first * step, last * step) };
    let steps = (last - first).clamp(1.0, 100.0) as usize;
    let slack = step * 1e-6;
    let ticks = (0..=steps)
        .map(|i| (first + i as f64) * step)
        .filter(|at| *at >= low - slack && *at <= high + slack)
        .map(|at| Tick::new(at, linear_label(at, step, low.abs().max(high.abs()))))
        .collect();
    Fitted { scale, low, high, ticks }
}

/// A tick's label, with as many decimals as its step needs and the same letter as the others.
fn linear_label(at: f64, step: f64, size: f64) -> String {
    let (unit, suffix) = match size {
        s if s < 1e4 => (1.0, ""),
        s if s < 1e6 => (1e3, "k"),
        s if s < 1e9 => (1e6, "M"),
        s if s < 1e12 => (1e9, "G"),
        s if s < 1e15 => (1e12, "T"),
        _ => return if at == 0.0 { "0".to_owned() } else { scientific(at, 3) },
    };
    if at.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    let decimals = (-(step / unit).log10() - 1e-9).ceil().clamp(0.0, 20.0) as usize;
    if decimals > 6 {
        return scientific(at, 3);
    }
    format!("{}{suffix}", grouped(&format!("{:.decimals$}", at.abs() / unit), at < 0.0))
}

fn log(low: f64, high: f64, count: usize, snug: bool) -> Fitted {
    let decades = high.ceil() - low.floor();
    let (low, high, ticks) = if decades <= 2.0 && count >= 3 {
        // Few decades: 1, 2 and 5 of each.
        let all: Vec<f64> = (low.floor() as i32 - 1..=high.ceil() as i32)
            .flat_map(|power| [1f64, 2.0, 5.0].map(|m| f64::from(power) + m.log10()))
            .collect();
        let low_end = all.iter().copied().filter(|t| *t <= low + 1e-9).fold(low - 1.0, f64::max);
        let high_end = all.iter().copied().filter(|t| *t >= high - 1e-9).fold(high + 1.0, f64::min);
        let (low, high) = if snug { (low, high) } else { (low_end, high_end) };
        (low, high, all)
    } else {
        let (low, high) = if snug { (low, high) } else { (low.floor(), high.ceil()) };
        let every = ((high - low) / count as f64).ceil().max(1.0);
        let first = (low / every).floor();
        let ticks = (0..=((high - low) / every) as usize + 1).map(|i| (first + i as f64) * every).collect();
        (low, high, ticks)
    };
    let ticks = ticks
        .into_iter()
        .filter(|t| *t >= low - 1e-9 && *t <= high + 1e-9)
        .map(|t| Tick::new(t, log_label(t)))
        .collect();
    Fitted { scale: Scale::Log, low, high, ticks }
}

fn log_label(at: f64) -> String {
    let value = 10f64.powf(at);
    if (-4.0..12.0).contains(&at) { crate::number::short(value) } else { scientific(value, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, values: &[f64], count: usize) -> Vec<String> {
        Fitted::new(scale, values.iter().copied(), count, false).ticks.into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(labels(Scale::Zero, &[3.0, 187.0], 5), ["0", "50", "100", "150", "200"]);
        assert_eq!(labels(Scale::Fit, &[0.91, 0.999], 5), ["0.90", "0.92", "0.94", "0.96", "0.98", "1.00"]);
        assert_eq!(labels(Scale::Zero, &[1_250_000.0], 4), ["0", "0.5M", "1.0M", "1.5M"]);
        assert_eq!(labels(Scale::Fit, &[-20.0, 20.0], 4), ["−20", "−10", "0", "10", "20"]);
        assert_eq!(labels(Scale::Zero, &[1200.0], 4), ["0", "500", "1,000", "1,500"]);
    }

    #[test]
    fn log_ticks_are_decades() {
        assert_eq!(labels(Scale::Log, &[0.5, 4_000.0], 6), ["0.1", "1", "10", "100", "1,000", "10k"]);
        assert_eq!(labels(Scale::Log, &[12.0, 90.0], 6), ["10", "20", "50", "100"]);
        assert_eq!(labels(Scale::Log, &[0.0, -1.0, f64::NAN], 6), ["1", "2", "5", "10"]);
    }

    #[test]
    fn equal_and_extreme_values_have_an_axis() {
        for values in [
            &[7.0, 7.0][..],
            &[0.0],
            &[],
            &[f64::NAN, f64::INFINITY],
            &[f64::MAX, f64::MIN],
            &[f64::MIN_POSITIVE, 5e-324],
            &[1e15, 1e15 + 1.0],
            &[-1e-300, 1e300],
            &[1e-12, 2e-12],
        ] {
            for scale in [Scale::Zero, Scale::Fit, Scale::Log, Scale::Time] {
                for snug in [true, false] {
                    let axis = Fitted::new(scale, values.iter().copied(), 6, snug);
                    assert!(axis.low.is_finite() && axis.high.is_finite(), "{scale:?} {values:?}");
                    assert!(axis.high > axis.low, "{scale:?} {values:?} {axis:?}");
                    assert!(axis.ticks.len() <= 24, "{scale:?} {values:?} {}", axis.ticks.len());
                    assert!(axis.ticks.iter().all(|t| t.at.is_finite() && !t.label.contains("NaN")));
                }
            }
        }
    }
}
