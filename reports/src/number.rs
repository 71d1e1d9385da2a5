//! Numbers as reports show them: digits in groups of three, a true minus, no digits that mean nothing.

/// A number with a fixed count of decimals and digits in groups: `1,234,567.50`. A number that is not finite is
/// `n/a`.
///
/// ```
/// assert_eq!(headroom_reports::number::fixed(-1234567.5, 2), "−1,234,567.50");
/// ```
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let plain = format!("{:.*}", decimals.min(12), value.abs());
    let negative = value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b));
    grouped(&plain, negative)
}

/// A number in a sentence or beside a bar: three significant digits, `k`, `M`, `G` and `T` from ten thousand on.
///
/// ```
/// use headroom_reports::number::short;
/// assert_eq!(short(0.01234), "0.0123");
/// assert_eq!(short(1234.0), "1,234");
/// assert_eq!(short(12_345_678.0), "12.3M");
/// ```
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&size) {
        return scientific(value, 2);
    }
    if (1_000.0..9_999.5).contains(&size) {
        return fixed(value, 0);
    }
    let (scaled, suffix) = si(size);
    let decimals = (2 - scaled.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{scaled:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{}{text}{suffix}", if value < 0.0 { "−" } else { "" })
}

/// A size in thousands, and the letter of that power; below ten thousand as it is.
fn si(size: f64) -> (f64, &'static str) {
    // The bounds lie where three digits round up to the next power.
    match size {
        s if s < 9_999.5 => (s, ""),
        s if s < 999_500.0 => (s / 1e3, "k"),
        s if s < 999.5e6 => (s / 1e6, "M"),
        s if s < 999.5e9 => (s / 1e9, "G"),
        s => (s / 1e12, "T"),
    }
}

/// `3.2×10¹⁸`, with at most `decimals` decimals.
pub(crate) fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let power: String = exponent.chars().map(superscript).collect();
    let mantissa = mantissa.replace('-', "−");
    match mantissa.as_str() {
        "1" => format!("10{power}"),
        _ => format!("{mantissa}×10{power}"),
    }
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c @ '4'..='9' => char::from_u32(0x2070 + u32::from(c) - u32::from('0')).unwrap_or(c),
        _ => '⁰',
    }
}

/// Digits (`1234.5`) in groups of three.
pub(crate) fn grouped(plain: &str, negative: bool) -> String {
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(plain.len() + plain.len() / 3 + 3);
    if negative {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_groups_digits_and_has_no_negative_zero() {
        assert_eq!(fixed(1234.5, 1), "1,234.5");
        assert_eq!(fixed(999.0, 0), "999");
        assert_eq!(fixed(1_000.0, 0), "1,000");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(f64::NAN, 2), "n/a");
    }

    #[test]
    fn short_keeps_three_digits() {
        let cases = [
            (0.0, "0"),
            (5.0, "5"),
            (2.5, "2.5"),
            (99.96, "100"),
            (9_999.4, "9,999"),
            (9_999.9, "10k"),
            (-45_600.0, "−45.6k"),
            (999_900.0, "1M"),
            (1e-9, "10⁻⁹"),
            (-3.2e18, "−3.2×10¹⁸"),
            (f64::INFINITY, "n/a"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text, "{value}");
        }
    }
}
