//! Settings of the limits: defaults, and what single tenants have instead.

use serde::{Deserialize, Serialize};

/// The section `ingest.limits`: what each tenant may send. 0 stands for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes a second, as sent or as protobuf after decompression, whichever is more.
    pub bytes_per_second: u64,
    /// Spans, log records and data points a second.
    pub records_per_second: u64,
    /// How many seconds' worth of either may come at once.
    pub burst_s: u64,
    /// Distinct attribute keys of spans and log records in a day (UTC).
    pub attribute_keys: usize,
    /// Distinct metric series in an hour.
    pub metric_series: usize,
    /// Bytes of an attribute value or a body.
    pub max_value_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_per_second: 0,
            records_per_second: 0,
            burst_s: 10,
            attribute_keys: 10_000,
            metric_series: 200_000,
            max_value_bytes: 32 * 1024,
        }
    }
}

/// A table of `ingest.tenants`: one tenant's own limits; what is absent is as for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantLimits {
    /// The tenant.
    pub name: String,
    /// See [`Limits::bytes_per_second`].
    #[serde(default)]
    pub bytes_per_second: Option<u64>,
    /// See [`Limits::records_per_second`].
    #[serde(default)]
    pub records_per_second: Option<u64>,
    /// See [`Limits::burst_s`].
    #[serde(default)]
    pub burst_s: Option<u64>,
    /// See [`Limits::attribute_keys`].
    #[serde(default)]
    pub attribute_keys: Option<usize>,
    /// See [`Limits::metric_series`].
    #[serde(default)]
    pub metric_series: Option<usize>,
    /// See [`Limits::max_value_bytes`].
    #[serde(default)]
    pub max_value_bytes: Option<usize>,
}

impl TenantLimits {
    /// `common`, with what this tenant has instead.
    pub fn over(&self, common: Limits) -> Limits {
        Limits {
            bytes_per_second: self.bytes_per_second.unwrap_or(common.bytes_per_second),
            records_per_second: self.records_per_second.unwrap_or(common.records_per_second),
            burst_s: self.burst_s.unwrap_or(common.burst_s),
            attribute_keys: self.attribute_keys.unwrap_or(common.attribute_keys),
            metric_series: self.metric_series.unwrap_or(common.metric_series),
            max_value_bytes: self.max_value_bytes.unwrap_or(common.max_value_bytes),
        }
    }
}

impl Limits {
    /// What makes no sense: the key, and why.
    pub(crate) fn fault(&self) -> Option<(&'static str, &'static str)> {
        if !(1..=3600).contains(&self.burst_s) {
            return Some(("burst_s", "must be between 1 and 3600 seconds"));
        }
        if (1..64).contains(&self.max_value_bytes) {
            return Some(("max_value_bytes", "must be at least 64, or 0 for no limit"));
        }
        None
    }
}

/// What makes no sense in the settings of all and of single tenants: the section, and why.
pub(crate) fn fault(common: Limits, tenants: &[TenantLimits]) -> Option<(&'static str, String)> {
    if let Some((key, why)) = common.fault() {
        return Some(("limits", format!("{key} {why}")));
    }
    let fault = |what| Some(("tenants", what));
    for (at, tenant) in tenants.iter().enumerate() {
        if tenant.name.trim().is_empty() {
            return fault(format!("name of table {} is empty", at + 1));
        }
        if tenants[..at].iter().any(|other| other.name == tenant.name) {
            return fault(format!("table {} is about {}, which has a table already", at + 1, tenant.name));
        }
        if let Some((key, why)) = tenant.over(common).fault() {
            return fault(format!("{key} of {} {why}", tenant.name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_own_where_it_says_so() {
        let tenant: TenantLimits =
            serde_json::from_str(r#"{"name": "acme", "records_per_second": 5, "metric_series": 0}"#)
                .expect("valid");
        let limits = tenant.over(Limits { bytes_per_second: 7, ..Limits::default() });
        assert_eq!((limits.bytes_per_second, limits.records_per_second, limits.metric_series), (7, 5, 0));
    }

    #[test]
    fn faults_name_the_place() {
        let named = |name: &str| TenantLimits { name: name.into(), ..TenantLimits::default() };
        let bad = TenantLimits { max_value_bytes: Some(10), ..named("acme") };
        insta::assert_snapshot!(
            [
                fault(Limits { burst_s: 0, ..Limits::default() }, &[]),
                fault(Limits::default(), &[named(" ")]),
                fault(Limits::default(), &[named("a"), named("a")]),
                fault(Limits::default(), &[bad]),
                fault(Limits::default(), &[named("a"), named("b")]),
            ]
            .map(|found| found.map_or_else(String::new, |(section, why)| format!("{section}: {why}")))
            .join("\n"),
            @r"
        limits: burst_s must be between 1 and 3600 seconds
        tenants: name of table 1 is empty
        tenants: table 2 is about a, which has a table already
        tenants: max_value_bytes of acme must be at least 64, or 0 for no limit
        "
        );
    }
}
