//! Durations as OpenSLO writes them (`30d`, `1w`) and as latencies are written (`250ms`).

/// Seconds of an OpenSLO duration of fixed length: minutes `m`, hours `h`, days `d`, weeks `w`.
///
/// Months, quarters and years have no fixed length and are answered with `None`
/// inside `Ok`; anything else is an error that says what is allowed.
pub(super) fn window_seconds(text: &str) -> Result<Option<i64>, String> {
    let unknown = || {
        format!("{text:?} is not a duration; allowed: a whole number above 0 and one of m, h, d, w (M, Q, Y)")
    };
    let unit = text.chars().last().ok_or_else(unknown)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| unknown())?;
    if number <= 0 {
        return Err(unknown());
    }
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        'M' | 'Q' | 'Y' => return Ok(None),
        _ => return Err(unknown()),
    };
    number.checked_mul(seconds).map(Some).ok_or_else(unknown)
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
        assert_eq!(window_seconds("30d"), Ok(Some(30 * 86_400)));
        assert_eq!(window_seconds("4w"), Ok(Some(28 * 86_400)));
        assert_eq!(window_seconds("90m"), Ok(Some(5_400)));
        assert_eq!(window_seconds("1M"), Ok(None));
        for bad in ["", "d", "0d", "-1d", "30", "1.5h", "30 d", "9999999999999999w", "5µ"] {
            assert!(window_seconds(bad).is_err(), "{bad}");
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
