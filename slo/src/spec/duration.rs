//! Durations as OpenSLO writes them (`30d`, `1w`) and as latencies are written (`250ms`).

/// A duration of OpenSLO: a number above 0 and a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// The units of OpenSLO's durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `M`
    Month,
    /// `Q`
    Quarter,
    /// `Y`
    Year,
}

impl Span {
    /// Reads `30d`; the error says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "{text:?} is not a duration; allowed: a whole number above 0 and one of m, h, d, w, M, Q, Y"
            )
        };
        let unit = text.chars().last().ok_or_else(unknown)?;
        let number = &text[..text.len() - unit.len_utf8()];
        let unit = match unit {
            'm' => Unit::Minute,
            'h' => Unit::Hour,
            'd' => Unit::Day,
            'w' => Unit::Week,
            'M' => Unit::Month,
            'Q' => Unit::Quarter,
            'Y' => Unit::Year,
            _ => return Err(unknown()),
        };
        let plain = number.starts_with(|c: char| c.is_ascii_digit() && c != '0');
        let count = number.parse().ok().filter(|_| plain).ok_or_else(unknown)?;
        Ok(Self { count, unit })
    }

    /// Its seconds; `None` for months, quarters and years, which have no fixed length.
    pub fn seconds(self) -> Option<i64> {
        let unit = match self.unit {
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
            Unit::Week => 604_800,
            Unit::Month | Unit::Quarter | Unit::Year => return None,
        };
        Some(i64::from(self.count) * unit)
    }

    /// Its seconds, where a month counts as 30 days, a quarter as 90 and a year as 365.
    pub fn nominal_seconds(self) -> i64 {
        let days = match self.unit {
            Unit::Month => 30,
            Unit::Quarter => 90,
            _ => 365,
        };
        self.seconds().unwrap_or(i64::from(self.count) * days * 86_400)
    }
}

/// Nanoseconds of a latency such as `250ms`, `1.5s`, `800us`, `20ns` or `1m`.
pub(super) fn latency_ns(text: &str) -> Result<u64, String> {
    let unknown = || {
        format!(
            "{text:?} is not a latency; allowed: a number above 0 and one of ns, us, ms, s, m, such as 250ms"
        )
    };
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(unknown)?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| unknown())?;
    let scale = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 6e10,
        _ => return Err(unknown()),
    };
    let ns = (number * scale).round();
    if !(1.0..=8.64e13).contains(&ns) {
        return Err(format!("{text:?} is out of range; allowed: 1ns to one day"));
    }
    Ok(ns as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_openslo_writes() {
        let seconds = |text| Span::parse(text).map(Span::seconds);
        assert_eq!(seconds("30d"), Ok(Some(30 * 86_400)));
        assert_eq!(seconds("4w"), Ok(Some(28 * 86_400)));
        assert_eq!(seconds("90m"), Ok(Some(5_400)));
        assert_eq!(seconds("12h"), Ok(Some(43_200)));
        for unfixed in ["1M", "1Q", "2Y"] {
            assert_eq!(seconds(unfixed), Ok(None));
        }
        for bad in ["", "d", "0d", "-1d", "+1d", "01d", "30", "1.5h", "30 d", "9999999999999999w", "5µ", "1D"]
        {
            assert!(Span::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reads_latencies() {
        assert_eq!(latency_ns("250ms"), Ok(250_000_000));
        assert_eq!(latency_ns("1.5s"), Ok(1_500_000_000));
        assert_eq!(latency_ns("300us"), Ok(300_000));
        for bad in ["", "ms", "250", "0ms", "-1s", "1.2.3s", "1h", "2000m"] {
            assert!(latency_ns(bad).is_err(), "{bad}");
        }
    }
}
