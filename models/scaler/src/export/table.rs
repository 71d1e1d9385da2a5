//! A table of the steps.

use chrono::SecondsFormat;

use super::Schedule;

/// CSV with a header: `service,from,until,before,replicas,quantile,reason`, times in UTC.
///
/// # Errors
/// A row that cannot be written.
pub fn csv(schedules: &[Schedule]) -> Result<String, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["service", "from", "until", "before", "replicas", "quantile", "reason"])?;
    for schedule in schedules {
        for window in &schedule.windows {
            table.write_record([
                &schedule.service,
                &window.from.to_rfc3339_opts(SecondsFormat::Secs, true),
                &window.until.to_rfc3339_opts(SecondsFormat::Secs, true),
                &window.before.to_string(),
                &window.replicas.to_string(),
                &schedule.quantile.to_string(),
                &window.reason,
            ])?;
        }
    }
    let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
