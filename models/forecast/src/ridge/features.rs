//! What the recent past says about a step to come, in logarithms against the shape.
//!
//! Means over windows that end at the origin, each four times as long as the one before up to half a day and then
//! one, three, seven and twenty-one days, as differences so that each says what the longer ones do not; and what
//! the same phase showed one day, three days and a week before.

/// Days whose unrest at the same phase counts.
const ALIKE: usize = 7;

/// Means over windows of the past.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    /// Position of the first entry.
    first: usize,
    sum: Vec<f64>,
    count: Vec<f64>,
    /// Sums of absolute differences between neighbours.
    jumps: Vec<f64>,
    last: Option<f64>,
}

impl Past {
    /// An empty past that begins at a position.
    pub(super) fn new(first: usize) -> Self {
        Self { first, sum: vec![0.0], count: vec![0.0], jumps: vec![0.0], last: None }
    }

    /// Adds the next step's log ratio to the shape, if it was measured.
    pub(super) fn push(&mut self, residual: Option<f64>) {
        let end = self.sum.len() - 1;
        let jump = match (residual, self.last) {
            (Some(now), Some(last)) => (now - last).abs(),
            _ => 0.0,
        };
        self.sum.push(self.sum[end] + residual.unwrap_or(0.0));
        self.count.push(self.count[end] + f64::from(u8::from(residual.is_some())));
        self.jumps.push(self.jumps[end] + jump);
        self.last = residual.or(self.last);
    }

    fn over(&self, of: &[f64], from: usize, to: usize) -> Option<f64> {
        let clip = |at: usize| at.saturating_sub(self.first).min(self.sum.len() - 1);
        let (from, to) = (clip(from), clip(to));
        let count = self.count[to] - self.count[from];
        (count > 0.0).then(|| (of[to] - of[from]) / count)
    }

    /// Forgets what lies before a position.
    pub(super) fn forget(&mut self, before: usize) {
        let gone = before.saturating_sub(self.first).min(self.sum.len() - 1);
        [&mut self.sum, &mut self.count, &mut self.jumps]
            .into_iter()
            .for_each(|sums| drop(sums.drain(..gone)));
        self.first += gone;
    }

    /// The mean of the measured steps between two positions.
    pub(super) fn mean(&self, from: usize, to: usize) -> Option<f64> {
        self.over(&self.sum, from, to)
    }
}

/// The windows, in lived steps.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    windows: Vec<usize>,
    per_day: usize,
}

impl Ladder {
    /// The windows that a past of `length` steps can fill twice.
    pub(super) fn new(per_day: usize, length: usize) -> Self {
        let short = std::iter::successors(Some(1), |w| Some(w * 4)).take_while(|w| *w * 2 <= per_day.max(3));
        let days = [1, 3, 7, 21].map(|days| days * per_day);
        let mut windows: Vec<usize> = short.chain(days).filter(|w| *w * 2 <= length).collect();
        windows.dedup();
        if windows.is_empty() {
            windows.push(length.max(1));
        }
        Self { windows, per_day }
    }

    /// The shortest windows, at most so many.
    pub(super) fn shortest(&self, count: usize) -> &[usize] {
        &self.windows[..count.min(self.windows.len())]
    }

    /// The longest window.
    pub(super) fn longest(&self) -> usize {
        self.windows[self.windows.len() - 1]
    }

    /// The steps of the past that features may look at.
    pub(super) fn reach(&self) -> usize {
        self.longest().max(8 * self.per_day)
    }

    /// The coefficients expected for a step `ahead`: windows shorter than the distance say little about it.
    pub(super) fn expected(&self, ahead: usize) -> Vec<f64> {
        let persist = |w: &usize| *w as f64 / (*w + ahead) as f64;
        self.windows.iter().map(persist).chain([0.0; 4]).collect()
    }

    /// The features of the step `ahead` (1 is the next) of the position `origin`, up to which the past is known.
    pub(super) fn features(&self, past: &Past, origin: usize, ahead: usize) -> Vec<f64> {
        let mut means = Vec::with_capacity(self.windows.len());
        let mut longer = 0.0;
        for window in self.windows.iter().rev() {
            let mean = past.mean(origin.saturating_sub(*window), origin).unwrap_or(longer);
            means.push(mean - longer);
            longer = mean;
        }
        let level = means[0];
        means.reverse();
        let (first, near) = (self.first(ahead), (self.per_day / 96).max(usize::from(self.per_day >= 24)));
        let like = |back: usize| self.like(past, &past.sum, origin, ahead, back, near);
        let yesterday = like(first);
        let three: Vec<f64> = (first..first + 3).filter_map(like).collect();
        let three = (!three.is_empty()).then(|| three.iter().sum::<f64>() / three.len() as f64);
        let week = like(first.div_ceil(7) * 7);
        let against = |seen: Option<f64>| seen.map_or(0.0, |seen| seen - level);
        means.extend([against(yesterday), against(three), against(week.or(three)), 1.0]);
        means
    }

    /// The fewest days back at which the phase of the step `ahead` lies in the past.
    fn first(&self, ahead: usize) -> usize {
        ahead.saturating_sub(1) / self.per_day + 1
    }

    /// The mean of sums over the steps near the phase of the step `ahead`, some days back.
    fn like(
        &self,
        past: &Past,
        of: &[f64],
        origin: usize,
        ahead: usize,
        back: usize,
        near: usize,
    ) -> Option<f64> {
        let center =
            (origin + ahead - 1).checked_sub(back * self.per_day).filter(|center| *center < origin)?;
        past.over(of, center.saturating_sub(near), (center + near + 1).min(origin))
    }

    /// What tells how far the step `ahead` will stray, in logarithms: the unrest of the last steps, of the last day
    /// and of the last week, and what the same phase of the days before had beyond that.
    pub(super) fn unrest(&self, past: &Past, origin: usize, ahead: usize) -> Vec<f64> {
        let log = |jumps: Option<f64>| jumps.map(|jumps| (jumps + 1e-3).ln());
        let last = |window: usize| {
            log(past.over(&past.jumps, origin.saturating_sub(window), origin)).unwrap_or(0.1_f64.ln())
        };
        let week = last(7 * self.per_day);
        let (first, near) = (self.first(ahead), (self.per_day / 288).max(1));
        let seen: Vec<f64> = (first..first + ALIKE)
            .filter_map(|back| self.like(past, &past.jumps, origin, ahead, back, near))
            .collect();
        let alike = (!seen.is_empty()).then(|| seen.iter().sum::<f64>() / seen.len() as f64);
        vec![last(12), last(self.per_day), week, log(alike).unwrap_or(week) - week, 1.0]
    }
}
