//! What a statement reads of the archive: rows before a boundary come from files, rows from it on from ClickHouse.
//!
//! The boundary and the list of files are fixed once for each statement, before it is planned, so that all its scans
//! see the same, whatever is archived meanwhile. Groups are pushed to ClickHouse only where a condition on `ts` leaves
//! the archive out.
//!
//! - `split` plans a read of both sides;
//! - `files` reads the files, `once` takes repeated rows of several days once;
//! - `source` gives rows to be archived.

mod files;
mod once;
mod source;
mod split;

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use headroom_archive::{Archive, Days};
use headroom_store::Clock;

use crate::error::SqlError;
use crate::provider::Provider;
use crate::scan::Predicate;
use crate::times::{self, TS};

pub(crate) use files::url;
pub use source::StoreSource;
pub(crate) use split::read;

/// The archive of a door.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) archive: Arc<Archive>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What one statement knows of the archive of a view.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// These days are read from it.
    Known(Arc<Archive>, Arc<Days>),
    /// It cannot be told; statements that ask for rows from `newest` on only do not need it.
    Unknown { newest: i64, why: SqlError },
}

impl Reach {
    /// Rows from here on are not in the archive, in nanoseconds since the epoch.
    fn boundary(&self) -> i64 {
        match self {
            Self::Known(_, days) => days.boundary().unwrap_or(i64::MIN),
            Self::Unknown { newest, .. } => *newest,
        }
    }

    /// Whether rows for which all of this holds may be in the archive.
    pub(crate) fn meets(&self, predicates: &[Predicate]) -> bool {
        times::range(predicates, TS).start < self.boundary()
    }
}

impl Past {
    /// The plan in which every read of an archived view knows how far the archive reaches.
    pub(crate) async fn fix(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let mut reaches: HashMap<(&str, Arc<str>), Option<Reach>> = HashMap::new();
        plan.apply_with_subqueries(|node| {
            if let Some(provider) = archived(node) {
                reaches.insert((provider.view.name, provider.tenant.clone()), None);
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        let now = self.clock.now();
        for ((view, tenant), reach) in &mut reaches {
            *reach = match self.archive.days(view, tenant, now).await {
                Ok(days) => days.map(|days| Reach::Known(self.archive.clone(), days)),
                Err(error) => Some(Reach::Unknown {
                    newest: self.archive.newest_boundary(now),
                    why: SqlError::Archive(error.to_string()),
                }),
            };
        }
        let fixed = plan.transform_down_with_subqueries(|node| {
            let Some(provider) = archived(&node) else { return Ok(Transformed::no(node)) };
            let reach = reaches.get(&(provider.view.name, provider.tenant.clone())).cloned().flatten();
            let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
            scan.source = provider_as_source(Arc::new(Provider { reach, ..provider }));
            Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
        })?;
        Ok(fixed.data)
    }
}

/// The archived view that a node of a plan reads.
fn archived(node: &LogicalPlan) -> Option<Provider> {
    let LogicalPlan::TableScan(scan) = node else { return None };
    let table = source_as_provider(&scan.source).ok()?;
    let any: &dyn std::any::Any = table.as_ref();
    any.downcast_ref::<Provider>().filter(|provider| provider.view.is_archived()).cloned()
}

fn external(error: SqlError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
