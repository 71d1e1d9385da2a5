//! Reads the tables of days that differ from the regular session.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use crate::error::{CalendarError, Result};
use crate::venue::{DayRule, SessionKind};

/// Parses `date,kind,open,close` lines; `#` starts a comment line.
pub(super) fn parse(file: &str, text: &str) -> Result<BTreeMap<NaiveDate, DayRule>> {
    let mut days = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse =
            |message: String| CalendarError::Content { file: file.to_owned(), line: index + 1, message };
        let fields: Vec<&str> = line.split(',').collect();
        let [date, kind, open, close] = fields[..] else {
            return Err(refuse(format!("expected date,kind,open,close but found {} fields", fields.len())));
        };
        let date: NaiveDate =
            date.parse().map_err(|_| refuse(format!("`{date}` is not a date like 2026-12-24")))?;
        let time = |text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M")
                .map_err(|_| refuse(format!("`{text}` is not a time like 09:30")))
        };
        let rule = match kind {
            "closed" => DayRule::Closed,
            "early" => DayRule::Hours(SessionKind::Early, time(open)?, time(close)?),
            "late" => DayRule::Hours(SessionKind::Late, time(open)?, time(close)?),
            "extra" => DayRule::Hours(SessionKind::Extra, time(open)?, time(close)?),
            other => return Err(refuse(format!("`{other}` is not closed, early, late or extra"))),
        };
        days.insert(date, rule);
    }
    Ok(days)
}
