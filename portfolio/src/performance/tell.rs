//! From a history to what is told of it.

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::history::{Capital, Day, History};
use super::options::Ask;
use super::shape::{
    DietzReturn, IndexDay, LinkedReturn, MoneyWeightedReturn, Performance, RiskFigures, TimeWeightedReturn,
};
use super::unavailable::{Figure, Reasons, Unavailable};
use super::{benchmark, positions, risk};
use crate::returns::{
    IndexPoint, NoReturn, Payment, Period, ShortPeriods, TimeWeighted, Timing, Valuation, annualised, linked,
    minus, modified, money_weighted, plus, xirr,
};

pub(super) fn tell(history: Figure<History>, ask: &Ask) -> Performance {
    let mut reasons = Reasons::default();
    let Some(history) = reasons.told("period", history) else {
        return Performance { unavailable: reasons.0, ..nothing(ask) };
    };
    let (start, end) = (&history.first().value, &history.last().value);
    let inflows = history.sum(|day| &day.inflow);
    let outflows = history.sum(|day| &day.outflow);
    let index = history.index();
    let capital = history.capital();
    let mut told = Performance {
        period: Some(history.period),
        base_currency: history.base_currency.clone(),
        start_value: reasons.money("start_value", start.clone()),
        end_value: reasons.money("end_value", end.clone()),
        gain: reasons.money("gain", gain(start, end, &inflows, &outflows)),
        inflows: reasons.money("inflows", inflows),
        outflows: reasons.money("outflows", outflows),
        time_weighted: time_weighted(history.period, &index, ask.short, &mut reasons),
        linked: ask.large_flow.map(|large| linked_return(&history, &capital, large, ask.short, &mut reasons)),
        modified_dietz: dietz(&capital, &mut reasons),
        money_weighted: money(&capital, ask, &mut reasons),
        risk: risk::figures(&history, &index, ask, &mut reasons),
        benchmark: ask
            .benchmark
            .as_ref()
            .map(|_| benchmark::figures(&history, &capital, &index, ask, &mut reasons)),
        index: by_day(&history, &index, &mut reasons),
        flags: history.flags.clone(),
        ..nothing(ask)
    };
    positions::tell(&history, &capital, ask, &mut told, &mut reasons);
    told.unavailable = reasons.0;
    told
}

/// What is told where there is no history.
fn nothing(ask: &Ask) -> Performance {
    Performance {
        period: None,
        base_currency: None,
        start_value: None,
        end_value: None,
        inflows: None,
        outflows: None,
        gain: None,
        time_weighted: TimeWeightedReturn::default(),
        linked: None,
        modified_dietz: DietzReturn::default(),
        money_weighted: MoneyWeightedReturn {
            total: None,
            annual: None,
            others: Vec::new(),
            day_count: ask.day_count,
        },
        risk: RiskFigures::none(ask),
        benchmark: None,
        index: Vec::new(),
        contributions: None,
        movers: super::Movers::default(),
        by_label: Vec::new(),
        attribution: None,
        unavailable: std::collections::BTreeMap::new(),
        flags: Vec::new(),
    }
}

fn gain(
    start: &Figure<Decimal>,
    end: &Figure<Decimal>,
    inflows: &Figure<Decimal>,
    outflows: &Figure<Decimal>,
) -> Figure<Decimal> {
    let grown = minus(end.clone()?, start.clone()?)?;
    Ok(plus(minus(grown, inflows.clone()?)?, outflows.clone()?)?)
}

fn time_weighted(
    period: Period,
    index: &Figure<Vec<IndexPoint>>,
    short: ShortPeriods,
    reasons: &mut Reasons,
) -> TimeWeightedReturn {
    let total = index.as_ref().map(|index| index.last().map_or(0.0, |last| last.value - 1.0));
    let total = total.map_err(Clone::clone);
    let a_year = total.clone().and_then(|total| Ok(annualised(total, period, short)?));
    TimeWeightedReturn {
        total: reasons.told("time_weighted.total", total),
        annualised: reasons.told("time_weighted.annualised", a_year),
    }
}

fn linked_return(
    history: &History,
    capital: &Figure<Capital>,
    large_flow: f64,
    short: ShortPeriods,
    reasons: &mut Reasons,
) -> LinkedReturn {
    let found = capital.as_ref().map_err(Clone::clone).and_then(|capital| {
        let large = Decimal::from_f64(large_flow).ok_or(NoReturn::TooLarge)?;
        let valuations = valuations(history, capital, large)?;
        Ok(linked(&valuations, &capital.flows, Timing::Daily, large)?)
    });
    let a_year =
        found.clone().and_then(|found: TimeWeighted| Ok(annualised(found.total, history.period, short)?));
    LinkedReturn {
        annualised: reasons.told("linked.annualised", a_year),
        large_flow,
        valuations: reasons.told("linked.valuations", found.clone().map(|found| found.parts + 1)),
        total: reasons.told("linked.total", found).map(|found| found.total),
    }
}

/// At both ends, at the end of each month, and beside each large flow: before it where money comes in, after it where it
/// goes.
fn valuations(history: &History, capital: &Capital, large: Decimal) -> Figure<Vec<Valuation>> {
    let at = |date: NaiveDate, day: &Day| Ok::<_, Unavailable>(Valuation { date, value: day.value.clone()? });
    let mut valuations = vec![capital.opening];
    let mut flows = capital.flows.iter().peekable();
    let begun = history.days.partition_point(|day| day.date < capital.opening.date);
    for pair in history.days[begun..].windows(2) {
        let (before, day) = (&pair[0], &pair[1]);
        // Until the next day of the history nothing changes.
        let quiet = before.date.iter_days().take_while(|date| *date < day.date);
        for date in quiet.filter(|date| is_end_of_month(*date)) {
            valuations.push(at(date, before)?);
        }
        let last = valuations.last().map_or(capital.opening.value, |valuation| valuation.value);
        let Some(flow) = flows.next_if(|flow| flow.date == day.date) else { continue };
        if last.abs().checked_mul(large).is_some_and(|most| flow.amount.abs() <= most) {
            continue;
        }
        valuations.push(match day.date.pred_opt() {
            Some(eve) if flow.amount > Decimal::ZERO => at(eve, before)?,
            _ => at(day.date, day)?,
        });
    }
    valuations.push(capital.closing);
    valuations.dedup_by_key(|valuation| valuation.date);
    Ok(valuations)
}

fn is_end_of_month(date: NaiveDate) -> bool {
    date.succ_opt().is_none_or(|next| next.day() == 1)
}

fn dietz(capital: &Figure<Capital>, reasons: &mut Reasons) -> DietzReturn {
    let found = capital
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|capital| Ok(modified(capital.opening, capital.closing, &capital.flows, Timing::End)?));
    let base = found.clone().map(|found| found.base);
    let average_capital = reasons.money("modified_dietz.average_capital", base);
    let total = reasons.told("modified_dietz.total", found).map(|found| found.ratio);
    DietzReturn { total, average_capital }
}

fn money(capital: &Figure<Capital>, ask: &Ask, reasons: &mut Reasons) -> MoneyWeightedReturn {
    let capital = capital.as_ref().map_err(Clone::clone);
    let total = capital.clone().and_then(|capital| {
        Ok(money_weighted(capital.opening, capital.closing, &capital.flows, Timing::End)?.rate)
    });
    let annual = capital.and_then(|capital| {
        let Capital { opening, closing, flows } = capital;
        let mut payments = vec![Payment { date: opening.date, amount: -opening.value }];
        payments.extend(flows.iter().map(|flow| Payment { date: flow.date, amount: -flow.amount }));
        payments.push(Payment { date: closing.date, amount: closing.value });
        Ok(xirr(&payments, ask.day_count)?)
    });
    let total = reasons.told("money_weighted.total", total);
    let annual = reasons.told("money_weighted.annual", annual);
    let (annual, others) = annual.map_or((None, Vec::new()), |found| (Some(found.rate), found.others));
    MoneyWeightedReturn { total, annual, others, day_count: ask.day_count }
}

fn by_day(history: &History, index: &Figure<Vec<IndexPoint>>, reasons: &mut Reasons) -> Vec<IndexDay> {
    let points = reasons.told("index", index.clone()).unwrap_or_default();
    let mut points = points.iter().peekable();
    let mut high = f64::MIN;
    let day = |day: &Day| {
        let index = points.next_if(|point| point.date == day.date).map(|point| point.value);
        high = high.max(index.unwrap_or(f64::MIN));
        IndexDay {
            date: day.date,
            value: day.value.as_ref().ok().map(Decimal::normalize),
            flow: day.flow().ok().map(|flow| flow.normalize()),
            index,
            drawdown: index.map(|index| 1.0 - index / high),
        }
    };
    history.days.iter().map(day).collect()
}
