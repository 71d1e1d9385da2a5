//! Figures in sentences.

/// A figure with four digits, without zeros behind the point: 1884, 96.52, 0.0001044.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-5..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = (3 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A share as percent: whole, with one digit below ten, and with two close to all.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        99.5..99.995 => format!("{percent:.2} %"),
        -9.95..9.95 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_kept() {
        let figures =
            [1884.4, 96.519_56, 0.000_104_4, 0.5, 100.0, 123_456.7, 9999.9, -2.5, 1e-9, 4.2e12, 0.0];
        insta::assert_snapshot!(figures.map(figure).join(" "), @"1884 96.52 0.0001044 0.5 100 123457 10000 -2.5 1.000e-9 4.200e12 0");
        assert_eq!(percent(0.123_4), "12 %");
        assert_eq!(percent(0.052), "5.2 %");
        assert_eq!(percent(0.999_6), "99.96 %");
        assert_eq!(percent(1.0), "100 %");
    }
}
