//! How portfolios are to be looked at.

use crate::cached::Freshness;
use crate::error::ApiError;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use headroom_portfolio::book::{Terms, View, is_currency};
use headroom_portfolio::performance::Ask;
use headroom_portfolio::returns::ShortPeriods;
use headroom_query::portfolio::{AssetsAsk, Beside, Look};
use headroom_query::range::parse_instant;
use serde::Deserialize;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// Days that are told when no first one is given.
const DAYS: i64 = 30;

/// Handlers read one query string as several of these.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MomentArgs {
    /// The moment to value at: `now-1h`, RFC 3339, or milliseconds since 1970; now when absent.
    as_of: Option<String>,
}

impl MomentArgs {
    /// The moment, and how fresh what is told of it is.
    pub(super) fn read(&self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, Freshness), ApiError> {
        let as_of = self.as_of.as_deref().map_or(Ok(now), |text| parse_instant(text, now))?;
        Ok((as_of, Freshness::of(self.as_of.is_some())))
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookArgs {
    /// Currency of the totals; that of the first money that moved when absent.
    base: Option<String>,
    /// Which lots a sale closes: `fifo` (default), `lifo`, `average` or `specific`.
    method: Option<String>,
    /// Days after which a price is none.
    stale_after_days: Option<u32>,
}

impl LookArgs {
    pub(super) fn read(&self) -> Result<Look, ApiError> {
        Ok(Look {
            method: parsed("method", self.method.as_deref())?.unwrap_or_default(),
            base_currency: currency(self.base.as_deref())?,
            stale_after: self.stale_after_days.map(|days| TimeDelta::days(days.into())),
        })
    }
}

/// A file's format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileForm {
    /// With a header; decimals as they are.
    #[default]
    Csv,
    /// Decimals as decimals.
    Parquet,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileArgs {
    /// `csv` (default) or `parquet`.
    #[serde(default)]
    #[param(inline)]
    pub(super) format: FileForm,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PerformanceArgs {
    /// The period begins at the close of this day; that before the first booking when absent.
    from: Option<NaiveDate>,
    /// And ends at the close of this one; today when absent.
    to: Option<NaiveDate>,
    /// How the years of the money-weighted return are counted: `act/365` (default), `30/360`, ...
    day_count: Option<String>,
    /// How often risk takes a return: `trading-day` (default), `day`, `week`, `month`.
    frequency: Option<String>,
    /// What could be had without risk, a year: 0.02 is 2 %.
    risk_free: Option<f64>,
    /// A symbol to compare with, by its prices.
    benchmark: Option<String>,
    /// A portfolio to compare with (a model portfolio): the return beyond its own is attributed to segments.
    benchmark_portfolio: Option<String>,
    /// The label of symbols that segments are named by: `asset_class`, `sector` (default), `venue`; `symbol` for
    /// single ones.
    attribute_by: Option<String>,
    /// Tell the linked return too; a flow of more than this share of the value is valued.
    large_flow: Option<f64>,
    /// Annualise returns of less than a year.
    #[serde(default)]
    annualise_short: bool,
}

impl PerformanceArgs {
    /// What is compared with.
    pub(super) fn beside(&self) -> Beside<'_> {
        let by = self.attribute_by.as_deref().unwrap_or("sector");
        Beside {
            symbol: self.benchmark.as_deref(),
            portfolio: self.benchmark_portfolio.as_deref().map(|portfolio| (portfolio, by)),
        }
    }

    pub(super) fn read(&self, look: Look) -> Result<Ask, ApiError> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from >= to) {
            return Err(ApiError::bad_request(
                "`from` is not before `to`",
                "give two days, the earlier first",
            ));
        }
        let finite = |name: &str, value: Option<f64>, least: f64| match value {
            Some(value) if !value.is_finite() || value < least => {
                Err(ApiError::bad_request(format!("`{name}` {value} is no such share"), "0.02 is 2 %"))
            }
            value => Ok(value),
        };
        Ok(Ask {
            from: self.from,
            to: self.to,
            terms: Terms { method: look.method, ..Terms::default() },
            view: View {
                base_currency: look.base_currency,
                stale_after: look.stale_after,
                ..View::default()
            },
            day_count: parsed("day_count", self.day_count.as_deref())?.unwrap_or_default(),
            short: if self.annualise_short { ShortPeriods::Annualise } else { ShortPeriods::default() },
            large_flow: finite("large_flow", self.large_flow, f64::MIN_POSITIVE)?,
            frequency: parsed("frequency", self.frequency.as_deref())?.unwrap_or(Ask::default().frequency),
            risk_free: finite("risk_free", self.risk_free, -1.0)?.unwrap_or_default(),
            ..Ask::default()
        })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssetsArgs {
    /// First day; thirty days before the last when absent.
    from: Option<NaiveDate>,
    /// Last day; today, as of now, when absent.
    to: Option<NaiveDate>,
    /// The moment at which the last day is told: `now-1h`, RFC 3339, or milliseconds since 1970; its end when absent.
    as_of: Option<String>,
    /// Currency of all figures; USD when absent.
    base: Option<String>,
    /// Only portfolios whose first booking was in this month: `2026-11`.
    cohort: Option<String>,
    /// Days after which a price is none.
    stale_after_days: Option<u32>,
}

impl AssetsArgs {
    pub(super) fn read(&self, now: DateTime<Utc>) -> Result<AssetsAsk, ApiError> {
        let as_of = self.as_of.as_deref().map(|text| parse_instant(text, now)).transpose()?;
        let to = self.to.unwrap_or(as_of.unwrap_or(now).date_naive());
        let cohort = match self.cohort.as_deref() {
            None => None,
            Some(month) => Some(format!("{month}-01").parse().map_err(|_| {
                ApiError::bad_request(format!("the cohort `{month}` is no month"), "write 2026-11")
            })?),
        };
        Ok(AssetsAsk {
            from: self.from.unwrap_or(to - TimeDelta::days(DAYS)),
            to,
            as_of,
            base_currency: currency(self.base.as_deref())?.unwrap_or_else(|| "USD".to_owned()),
            cohort,
            stale_after: self.stale_after_days.map(|days| TimeDelta::days(days.into())),
        })
    }
}

fn parsed<T: FromStr<Err: ToString>>(name: &str, text: Option<&str>) -> Result<Option<T>, ApiError> {
    let parsed = text.map(str::parse::<T>).transpose();
    parsed.map_err(|error| {
        ApiError::bad_request(
            format!("`{name}`: {}", error.to_string()),
            "/openapi.json lists the arguments of each path",
        )
    })
}

fn currency(text: Option<&str>) -> Result<Option<String>, ApiError> {
    match text {
        Some(code) if !is_currency(code) => Err(ApiError::bad_request(
            format!("`base` \"{code}\" is no currency"),
            "write its code in capital letters, such as EUR",
        )),
        code => Ok(code.map(str::to_owned)),
    }
}
