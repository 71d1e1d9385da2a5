//! How others fared in the same minutes: is it this customer alone? One read by the key of `events`, or of the
//! minute rollups where only requests are known.

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::subject::{Flow, Stage, Subject};
use super::{Cohort, CohortFigures, Reading};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Function, ScanQuery};
use crate::traces::TraceSummary;

/// Half of the minutes that are compared.
const AROUND: TimeDelta = TimeDelta::minutes(5);
/// So many others, and this share of all, with the same reason are a pattern.
const MANY: u64 = 3;
const SHARE: f64 = 0.05;

/// The names of events that end a thing of a flow: well, and not.
fn ends(flow: Flow) -> (&'static [&'static str], &'static [&'static str]) {
    match flow {
        Flow::Order => (&["order.accepted", "order.partially_filled", "order.filled"], &["order.rejected"]),
        Flow::Deposit => (&["deposit.completed"], &["deposit.failed"]),
        Flow::Withdrawal => (&["withdrawal.completed"], &["withdrawal.failed"]),
        Flow::Kyc => (&["kyc.approved"], &["kyc.rejected"]),
    }
}

/// Why there is nothing to compare.
pub(super) fn none(why: &str) -> Cohort {
    Cohort { sentence: why.to_owned(), figures: None }
}

#[derive(Debug, Row, Deserialize)]
struct CountRow {
    succeeded: u64,
    failed: u64,
    same: u64,
}

/// How others of the same kind fared: in the minutes around a refusal, and after the last step of what hangs.
/// `confidential`: the reason must not be counted, for that would tell it.
pub(super) async fn of_subject(
    store: &Store,
    tenant: &str,
    subject: &Subject<'_>,
    confidential: bool,
    now: DateTime<Utc>,
) -> Result<Cohort> {
    let at = subject.decisive.ts;
    let from = if subject.stage == Stage::Open { at } else { at - AROUND };
    let to = if subject.stage == Stage::Open { at + AROUND + AROUND } else { at + AROUND };
    let range = TimeRange { from, to: to.min(now).max(from) };
    let (well, badly) = ends(subject.flow);
    let column = |name: &str| Expr::Column(name.to_owned());
    let attribute = |key: &str| Expr::MapValue { column: "attributes".to_owned(), key: key.to_owned() };
    let (id, own) = match subject.flow {
        Flow::Order => (column("order_id"), Filter::eq("order_id", subject.id)),
        Flow::Deposit | Flow::Withdrawal => {
            (attribute("payment.id"), Filter::map_eq("attributes", "payment.id", subject.id))
        }
        Flow::Kyc => (column("customer_id"), Filter::eq("customer_id", subject.id)),
    };
    let named = |names: &[&str]| Filter::one_of("name", names.iter().copied());
    let reason = ["reason.code", "reason"]
        .into_iter()
        .find_map(|key| Some(Filter::map_eq("attributes", key, subject.decisive.attribute(key)?)))
        .filter(|_| subject.stage == Stage::Failed && !confidential);
    let counted = reason.is_some();
    let same = Filter::And(vec![named(badly), reason.unwrap_or(Filter::Or(Vec::new()))]);
    let many =
        |alias: &str, only: Filter| Aggregate::new(Function::CountDistinct(id.clone()), alias).only(only);
    let scan = ScanQuery::aggregate(tenant, "events")
        .filter(named(&[well, badly].concat()))
        .filter(Filter::within("ts", &range))
        .filter(Filter::Not(Box::new(own)))
        .aggregates([many("succeeded", named(well)), many("failed", named(badly)), many("same", same)]);
    let rows: Vec<CountRow> = scan.fetch(store).await?;
    let row = rows.first();
    Ok(tell(CohortFigures {
        of: subject.flow.plural().to_owned(),
        from: range.from,
        to: range.to,
        succeeded: row.map_or(0, |row| row.succeeded),
        failed: row.map_or(0, |row| row.failed),
        same_reason: row.filter(|_| counted).map(|row| row.same),
        reading: Reading::Nobody,
    }))
}

#[derive(Debug, Row, Deserialize)]
struct CallsRow {
    calls: u64,
    errors: u64,
}

/// How the same request fared with others.
pub(super) async fn of_request(store: &Store, tenant: &str, trace: &TraceSummary) -> Result<Cohort> {
    let range = TimeRange { from: trace.start - AROUND, to: trace.start + AROUND }.aligned(60);
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::eq("service", &trace.root_service))
        .filter(Filter::eq("operation", &trace.root_operation))
        .filter(Filter::within("m", &range))
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")]);
    let rows: Vec<CallsRow> = scan.fetch(store).await?;
    let (calls, errors) = rows.first().map_or((0, 0), |row| (row.calls, row.errors));
    let failed = errors.saturating_sub(u64::from(trace.errors > 0));
    Ok(tell(CohortFigures {
        of: "requests".to_owned(),
        from: range.from,
        to: range.to,
        succeeded: calls.saturating_sub(errors),
        failed,
        same_reason: None,
        reading: Reading::Nobody,
    }))
}

/// Reads figures, and puts them in words.
fn tell(figures: CohortFigures) -> Cohort {
    let CohortFigures { of, from, to, succeeded, failed, same_reason, .. } = &figures;
    let all = succeeded + failed;
    let minutes = (*to - *from).num_minutes();
    let shared = same_reason.unwrap_or(*failed);
    let reading = match shared {
        _ if all == 0 => Reading::Nobody,
        0 => Reading::Alone,
        shared if shared >= MANY && shared as f64 >= SHARE * all as f64 => Reading::Pattern,
        _ => Reading::Few,
    };
    let within = if minutes >= 1 { format!("In these {minutes} minutes") } else { "Since then".to_owned() };
    let sentence = if reading == Reading::Nobody {
        format!("{within} no other {of} ended, so there is nothing to compare with.")
    } else {
        let went = format!("{within} {succeeded} of {all} other {of} went through");
        let how = match same_reason {
            Some(0) => "; none failed for the same reason".to_owned(),
            Some(same) => format!("; {same} failed for the same reason"),
            None => String::new(),
        };
        let said = match reading {
            Reading::Pattern => "This is a pattern, not this customer alone.",
            Reading::Few => "A few others share it.",
            Reading::Alone | Reading::Nobody => "It is this customer alone.",
        };
        format!("{went}{how}. {said}")
    };
    Cohort { sentence, figures: Some(CohortFigures { reading, ..figures }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn told(succeeded: u64, failed: u64, same_reason: Option<u64>) -> Cohort {
        let from = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let (to, of) = (from + TimeDelta::minutes(10), "orders".to_owned());
        tell(CohortFigures { of, from, to, succeeded, failed, same_reason, reading: Reading::Nobody })
    }

    #[test]
    fn figures_are_read() {
        let words = |s, f, r| told(s, f, r).sentence;
        assert_eq!(
            words(412, 8, Some(3)),
            "In these 10 minutes 412 of 420 other orders went through; 3 failed for the same reason. A few others share it."
        );
        assert_eq!(
            words(40, 20, Some(18)),
            "In these 10 minutes 40 of 60 other orders went through; 18 failed for the same reason. This is a pattern, not \
             this customer alone."
        );
        assert_eq!(
            words(9, 1, Some(0)),
            "In these 10 minutes 9 of 10 other orders went through; none failed for the same reason. It is this customer alone."
        );
        assert_eq!(
            words(0, 0, Some(0)),
            "In these 10 minutes no other orders ended, so there is nothing to compare with."
        );
        assert_eq!(
            words(1, 9, None),
            "In these 10 minutes 1 of 10 other orders went through. This is a pattern, not this customer alone."
        );
    }

    proptest! {
        #[test]
        fn a_reading_follows_from_the_figures(s in 0_u64..2_000, f in 0_u64..500, same in 0_u64..500) {
            let same = same.min(f);
            let reading = told(s, f, Some(same)).figures.unwrap().reading;
            prop_assert_eq!(reading == Reading::Nobody, s + f == 0);
            prop_assert_eq!(reading == Reading::Alone, s + f > 0 && same == 0);
            prop_assert!(reading != Reading::Pattern || same >= MANY);
        }
    }
}
