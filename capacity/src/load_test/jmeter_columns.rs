//! The columns of JMeter's CSV logs, their delimiter and their times.

use chrono::{DateTime, NaiveDateTime};
use csv::{ByteRecord, ReaderBuilder};

use super::ImportError;
use super::csv_records::field;

/// The forms of time that JMeter tries itself (listeners.xml, "timestamp_format"). The month comes first, for
/// else `03/01/24` would be a day of the year 3.
const TIMES: [&str; 3] = ["%m/%d/%y %H:%M:%S%.f", "%Y/%m/%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];

/// Where the values lie in a row.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) count: usize,
    pub(super) time: usize,
    pub(super) elapsed: usize,
    pub(super) label: Option<usize>,
    pub(super) code: Option<usize>,
    pub(super) message: Option<usize>,
    pub(super) thread: Option<usize>,
    pub(super) success: Option<usize>,
    pub(super) threads: Option<usize>,
    pub(super) samples: Option<usize>,
    pub(super) errors: Option<usize>,
}

impl Columns {
    /// By the names in the first row.
    ///
    /// Errors: no column for the time or the duration of a sample.
    pub(super) fn named(header: &ByteRecord, source: &str) -> Result<Self, ImportError> {
        let at = |name: &str| (0..header.len()).find(|at| field(header, *at) == Some(name));
        let needed = |name: &str| {
            at(name).ok_or_else(|| {
                ImportError::document(
                    source,
                    format!("no column {name}: save it with jmeter.save.saveservice"),
                )
            })
        };
        Ok(Self {
            count: header.len(),
            time: needed("timeStamp")?,
            elapsed: needed("elapsed")?,
            label: at("label"),
            code: at("responseCode"),
            message: at("responseMessage"),
            thread: at("threadName"),
            success: at("success"),
            threads: at("allThreads"),
            samples: at("SampleCount"),
            errors: at("ErrorCount"),
        })
    }

    /// In JMeter's fixed order, as far as its defaults save them: 17 columns since JMeter 4 (16 without URL), 15
    /// without the bytes sent, fewer in older versions, where the number of threads is not looked for.
    pub(super) fn in_order(count: usize) -> Self {
        let threads = match count {
            16.. => Some(12),
            15 => Some(11),
            _ => None,
        };
        Self {
            count,
            time: 0,
            elapsed: 1,
            label: Some(2),
            code: Some(3),
            message: Some(4),
            thread: Some(5),
            success: Some(7),
            threads,
            samples: None,
            errors: None,
        }
    }
}

fn split(line: &str, delimiter: u8) -> Option<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(line.as_bytes());
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).ok()?.then_some(record)
}

/// The delimiter of a line that names JMeter's columns.
pub(super) fn header_delimiter(line: &str) -> Option<u8> {
    let at = line.find("timeStamp").filter(|_| line.contains("elapsed"))?;
    let (before, after) =
        (line[..at].trim_end_matches('"'), line[at + "timeStamp".len()..].trim_start_matches('"'));
    let delimiter = after.chars().next().or_else(|| before.chars().last())?;
    u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
}

/// The delimiter of a first row without names: time, duration and, as the eighth, true or false.
pub(super) fn bare_delimiter(line: &str) -> Option<u8> {
    [b',', b';', b'\t', b'|'].into_iter().find(|delimiter| {
        split(line, *delimiter).is_some_and(|record| {
            let text = |at| field(&record, at).unwrap_or_default();
            milliseconds(text(0)).is_some()
                && text(1).parse::<u64>().is_ok()
                && matches!(text(7), "true" | "false")
        })
    })
}

/// A time in milliseconds since 1970, and whether it was written without a time zone.
pub(super) fn milliseconds(text: &str) -> Option<(i64, bool)> {
    if let Ok(number) = text.parse::<i64>() {
        return Some((number, false));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some((time.timestamp_millis(), false));
    }
    let time = TIMES.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some((time.and_utc().timestamp_millis(), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_stands_by_the_time() {
        assert_eq!(header_delimiter("timeStamp,elapsed,label"), Some(b','));
        assert_eq!(header_delimiter("\"timeStamp\"|\"elapsed\""), Some(b'|'));
        assert_eq!(header_delimiter("elapsed\ttimeStamp"), Some(b'\t'));
        assert_eq!(header_delimiter("time,elapsed"), None);
        let bare =
            "1795662867310,163,\"GET /a,b\",200,OK,Thread Group 1-1,text,true,,169,123,1,1,null,160,0,25";
        assert_eq!(bare_delimiter(bare), Some(b','));
        assert_eq!(bare_delimiter("1795662867310,163,x,200,OK,t,text,yes"), None);
    }

    #[test]
    fn times_are_read_in_the_forms_that_jmeter_tries() {
        let hour = Some((1_709_296_496_789, true));
        assert_eq!(milliseconds("2024/03/01 12:34:56.789"), hour);
        assert_eq!(milliseconds("2024-03-01 12:34:56.789"), hour);
        assert_eq!(milliseconds("03/01/24 12:34:56"), Some((1_709_296_496_000, true)));
        assert_eq!(milliseconds("2024-03-01T13:34:56.789+01:00"), Some((1_709_296_496_789, false)));
        assert_eq!(milliseconds("1709296496789"), Some((1_709_296_496_789, false)));
        assert_eq!(milliseconds("noon"), None);
    }
}
