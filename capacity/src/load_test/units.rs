//! Times and numbers as Go and wrk print them.

/// A Go duration in seconds: `1m40.5s`, `145.082066ms`, `10µs`, `0s`
/// (pkg.go.dev/time, `Duration.String` and `ParseDuration`). `None` for anything else.
pub(super) fn go_duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        seconds += number * unit_seconds(&rest[digits..unit_end])?;
        rest = &rest[unit_end..];
    }
    Some(seconds)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        // The micro sign, and the Greek letter.
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    })
}

/// A time as wrk prints it, in seconds: a number and one unit, `635.91us`, `1.02s`, `2.00m` (wg/wrk, src/units.c).
/// `None` for what is no number, such as `-nanus`.
pub(super) fn wrk_time(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..at].parse().ok()?;
    Some(number * unit_seconds(&text[at..])?).filter(|seconds| *seconds >= 0.0)
}

/// A number with wrk's decimal multiples, `2k` or `1.5M`, as its options take it.
pub(super) fn wrk_number(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let number: f64 = text[..at].parse().ok()?;
    let times = match &text[at..] {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" | "m" => 1e6,
        "G" | "g" => 1e9,
        _ => return None,
    };
    Some(number * times).filter(|number| number.is_finite() && *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go_are_read() {
        let read = |text: &str| go_duration(text).map(|seconds| (seconds * 1e9).round());
        assert_eq!(read("145.082066ms"), Some(145_082_066.0));
        assert_eq!(read("1m40.5s"), Some(100_500_000_000.0));
        assert_eq!(read("1h2m3s"), Some(3_723_000_000_000.0));
        assert_eq!(read("10.5µs"), Some(10_500.0));
        assert_eq!(read("0s"), Some(0.0));
        assert_eq!([read(""), read("12"), read("ms"), read("1x"), read("1.2.3s")], [None; 5]);
    }

    #[test]
    fn times_and_numbers_of_wrk_are_read() {
        assert_eq!(wrk_time("6.46ms"), Some(6.46 * 1e-3));
        assert_eq!(wrk_time("1.00m"), Some(60.0));
        assert_eq!([wrk_time("-nanus"), wrk_time("nan"), wrk_time("12"), wrk_time("-1.00ms")], [None; 4]);
        assert_eq!([wrk_number("2000"), wrk_number("2k"), wrk_number("x")], [Some(2e3), Some(2e3), None]);
    }
}
