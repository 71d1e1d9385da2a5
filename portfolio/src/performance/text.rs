//! A performance for people: tables, then why figures are missing and what is flagged. The index by day is in JSON
//! alone.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

use super::shape::{BenchmarkFigures, LinkedReturn, Performance, SymbolContribution};
use crate::book::{NONE, figure, plain, table};
use crate::risk::Drawdown;

impl Display for Performance {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let base = self.base_currency.as_deref().unwrap_or_default();
        if let Some(period) = &self.period {
            writeln!(
                f,
                "from the close of {} to that of {} ({} {})\n",
                period.from,
                period.to,
                period.days(),
                if period.days() == 1 { "day" } else { "days" }
            )?;
        }
        let money = [
            ("start value", self.start_value),
            ("inflows", self.inflows),
            ("outflows", self.outflows),
            ("gain", self.gain),
            ("end value", self.end_value),
        ];
        rows(f, money.map(|(name, amount)| (name.to_owned(), format!("{} {base}", figure(amount)))))?;
        writeln!(f, "\nreturns")?;
        self.returns(f)?;
        self.risk(f)?;
        if let Some(benchmark) = &self.benchmark {
            writeln!(f, "\nbeside the benchmark")?;
            beside(f, benchmark)?;
        }
        self.symbols(f, base)?;
        self.reasons(f)
    }
}

impl Performance {
    fn returns(&self, f: &mut Formatter<'_>) -> Result {
        let (weighted, money, dietz) = (&self.time_weighted, &self.money_weighted, &self.modified_dietz);
        let mut told = vec![
            ("time-weighted, daily".to_owned(), percent(weighted.total)),
            ("  a year".to_owned(), percent(weighted.annualised)),
        ];
        if let Some(LinkedReturn { total, annualised, large_flow, .. }) = &self.linked {
            told.push((
                format!("time-weighted, by months and flows over {} %", large_flow * 100.0),
                percent(*total),
            ));
            told.push(("  a year".to_owned(), percent(*annualised)));
        }
        told.push(("modified Dietz".to_owned(), percent(dietz.total)));
        told.push(("money-weighted".to_owned(), percent(money.total)));
        told.push((format!("  a year ({})", money.day_count), percent(money.annual)));
        for other in &money.others {
            told.push(("  it balances as well at".to_owned(), percent(Some(*other))));
        }
        rows(f, told)
    }

    fn risk(&self, f: &mut Formatter<'_>) -> Result {
        let risk = &self.risk;
        let returns = risk.returns.map_or_else(|| NONE.to_owned(), |returns| returns.to_string());
        let free = percent(Some(risk.risk_free));
        writeln!(
            f,
            "\nrisk: {returns} returns, {} ({} a year); risk-free {free}",
            risk.frequency,
            risk.frequency.a_year()
        )?;
        let spread = |spread: Option<crate::risk::Volatility>| percent(spread.map(|spread| spread.value));
        let told = [
            ("volatility a year, simple returns", spread(risk.volatility)),
            ("volatility over the period, log returns", spread(risk.volatility_over_period)),
            ("downside deviation a year", spread(risk.downside_deviation)),
            ("semi-deviation over the period, log returns", spread(risk.semi_deviation)),
            ("Sharpe", ratio(risk.sharpe)),
            ("Sortino", ratio(risk.sortino)),
            ("growth a year", percent(risk.cagr)),
            ("Calmar", ratio(risk.calmar)),
            ("tail ratio", ratio(risk.tail_ratio)),
            ("maximum drawdown", percent(risk.max_drawdown.map(|found| found.depth))),
        ];
        rows(f, told.map(|(name, told)| (name.to_owned(), told)))?;
        risk.max_drawdown.map_or(Ok(()), |found| writeln!(f, "    {}", Fell(found)))
    }

    fn symbols(&self, f: &mut Formatter<'_>, base: &str) -> Result {
        if let Some(contributions) = &self.contributions {
            let names = ["contribution", "start", "end", "gain", "average capital", "of the return", ""];
            let mut lines = vec![names.map(str::to_owned).to_vec()];
            lines.extend(contributions.iter().map(|row| {
                let figures = [row.start_value, row.end_value, row.gain, row.average_capital].map(figure);
                let share = [percent(row.contribution), base.to_owned()];
                std::iter::once(name(row)).chain(figures).chain(share).collect()
            }));
            writeln!(f)?;
            table(f, &lines)?;
        }
        for (title, movers) in
            [("largest gains", &self.movers.gains), ("largest losses", &self.movers.losses)]
        {
            if !movers.is_empty() {
                writeln!(f, "\n{title}")?;
                let lines =
                    movers.iter().map(|row| vec![name(row), figure(row.gain), percent(row.contribution)]);
                table(f, &lines.collect::<Vec<_>>())?;
            }
        }
        for label in &self.by_label {
            writeln!(f, "\ncontributions by {}", plain(&label.by))?;
            let parts = label.parts.iter();
            let lines =
                parts.map(|part| vec![plain(&part.name), figure(part.gain), percent(part.contribution)]);
            table(f, &lines.collect::<Vec<_>>())?;
        }
        let Some(attribution) = &self.attribution else { return Ok(()) };
        let names = ["attribution", "allocation", "selection", "interaction"];
        let mut lines = vec![names.map(str::to_owned).to_vec()];
        let effects = attribution.segments.iter().map(|segment| (plain(&segment.name), segment.effects));
        lines.extend(effects.chain([("all".to_owned(), attribution.total)]).map(|(name, of)| {
            let figures = [of.allocation, of.selection, of.interaction].map(|effect| percent(Some(effect)));
            std::iter::once(name).chain(figures).collect()
        }));
        writeln!(f)?;
        table(f, &lines)
    }

    /// Each reason once, with the figures that it concerns.
    fn reasons(&self, f: &mut Formatter<'_>) -> Result {
        let mut figures: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, why) in &self.unavailable {
            figures.entry(&why.reason).or_default().push(name);
        }
        if !figures.is_empty() {
            writeln!(f, "\nnot available, because")?;
        }
        for (reason, names) in figures {
            writeln!(f, "  {}", plain(reason))?;
            writeln!(f, "    {}", plain(&names.join(", ")))?;
        }
        if !self.flags.is_empty() {
            writeln!(f, "\nflagged")?;
        }
        self.flags
            .iter()
            .try_for_each(|flag| writeln!(f, "  {}: {}", plain(&flag.event_id), plain(&flag.reason)))
    }
}

fn beside(f: &mut Formatter<'_>, beside: &BenchmarkFigures) -> Result {
    let mut told = vec![
        ("portfolio", percent(beside.portfolio)),
        ("benchmark", percent(beside.benchmark)),
        ("active return", percent(beside.active)),
        ("beta", ratio(beside.beta.map(|beta| beta.beta))),
        ("correlation", ratio(beside.beta.and_then(|beta| beta.correlation))),
        ("alpha a year, simple", percent(beside.alpha.map(|alpha| alpha.simple))),
        ("alpha a year, compounded", percent(beside.alpha.map(|alpha| alpha.compounded))),
        ("captured of rises", percent(beside.capture.map(|capture| capture.up))),
        ("captured of falls", percent(beside.capture.map(|capture| capture.down))),
    ];
    if let Some(period) = beside.period {
        told.insert(0, ("from the close of", period.from.to_string()));
    }
    rows(f, told.into_iter().map(|(name, told)| (name.to_owned(), told)))
}

/// When it fell, and whether it is back.
struct Fell(Drawdown);

impl Display for Fell {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(fall) = self.0.deepest {
            write!(f, "from {} to {}, ", fall.start, fall.trough)?;
            match fall.recovery {
                Some(recovery) => write!(f, "back on {recovery} after {} days; ", fall.days)?,
                None => write!(f, "not back after {} days; ", fall.days)?,
            }
        }
        write!(f, "at most {} days without a new high", self.0.longest_days)
    }
}

fn name(row: &SymbolContribution) -> String {
    plain(row.symbol.as_deref().unwrap_or("cash"))
}

/// Names and figures in two columns.
fn rows(f: &mut Formatter<'_>, rows: impl IntoIterator<Item = (String, String)>) -> Result {
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, told)| vec![name, told.trim_end().to_owned()]).collect();
    table(f, &rows)
}

/// To four decimals, which JSON has more of.
fn percent(share: Option<f64>) -> String {
    match share.map(|share| share * 100.0) {
        None => NONE.to_owned(),
        Some(percent) if percent.abs() < 1e9 => format!("{percent:.4} %"),
        Some(percent) => format!("{percent:.4e} %"),
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| NONE.to_owned(), |ratio| format!("{ratio:.4}"))
}
