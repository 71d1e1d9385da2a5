use super::*;

fn thresholds(days: i64, target: f64) -> Vec<f64> {
    rules(days * 86_400, target).iter().map(|rule| (rule.threshold * 1000.0).round() / 1000.0).collect()
}

const HOUR: i64 = 3_600;

/// Windows, thresholds and budget at fire as vendors publish them, for 7, 30 and 90 days.
#[test]
fn the_established_tables_come_out() {
    type Row = (i64, i64, f64, f64);
    let published: [(i64, &[Row]); 3] = [
        (7, &[(1, 300, 16.8, 0.10), (6, 1_800, 5.6, 0.20), (24, 7_200, 2.8, 0.40)]),
        (30, &[(1, 300, 14.4, 0.02), (6, 1_800, 6.0, 0.05), (24, 7_200, 3.0, 0.10), (72, 21_600, 1.0, 0.10)]),
        (
            90,
            &[(1, 300, 21.6, 0.01), (6, 1_800, 10.8, 0.03), (24, 7_200, 4.5, 0.05), (72, 21_600, 3.0, 0.10)],
        ),
    ];
    for (days, rows) in published {
        let found = rules(days * 86_400, 0.999);
        assert_eq!(found.len(), rows.len(), "{days} days");
        for (rule, (hours, short, threshold, fraction)) in found.iter().zip(rows) {
            assert_eq!((rule.long, rule.short), (hours * HOUR, *short), "{days} days");
            assert!((rule.threshold - threshold).abs() < 1e-9, "{days} days: {rule:?}");
            assert!((rule.budget_fraction - fraction).abs() < 1e-9, "{days} days: {rule:?}");
        }
        let severities: Vec<Severity> = found.iter().map(|rule| rule.severity).collect();
        let all = [Severity::Critical, Severity::Major, Severity::Warning, Severity::Warning];
        assert_eq!(severities, all[..rows.len()]);
    }
}

#[test]
fn no_rule_is_below_the_allowed_rate_or_above_the_possible() {
    // 10 % over 3 d of 28 d would be 0.933: below the allowed rate.
    assert_eq!(thresholds(28, 0.999)[3], 1.0);
    assert_eq!(thresholds(27, 0.999).len(), 3);
    // At 90 % no burn is above 10: the fast rule could never fire. At 80 % none is above 5.
    assert_eq!(thresholds(30, 0.90), [6.0, 3.0, 1.0]);
    assert_eq!(thresholds(30, 0.80), [3.0, 1.0]);
    for days in 1..=120 {
        for target in [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] {
            for rule in rules(days * 86_400, target) {
                assert!(
                    rule.threshold >= 1.0 && rule.threshold <= max_burn(target) * 1.000_001,
                    "{days} {target} {rule:?}"
                );
                assert!(
                    (rule.budget_fraction - rule.threshold * rule.long as f64 / (days as f64 * DAY)).abs()
                        < 1e-12
                );
            }
        }
    }
    assert!(rules(3_600, 0.999).is_empty(), "a window of an hour has no room for a long window of an hour");
}

#[test]
fn detection_times_in_minutes() {
    let table = rules(30 * 86_400, 0.999);
    let expected: [(f64, [Option<f64>; 4]); 7] = [
        (1.0, [Some(0.864), Some(2.16), Some(4.32), Some(4.32)]),
        (0.1, [Some(8.64), Some(21.6), Some(43.2), Some(43.2)]),
        (0.05, [Some(17.28), Some(43.2), Some(86.4), Some(86.4)]),
        (0.02, [Some(43.2), Some(108.0), Some(216.0), Some(216.0)]),
        (0.01, [None, Some(216.0), Some(432.0), Some(432.0)]),
        (0.005, [None, None, Some(864.0), Some(864.0)]),
        (0.002, [None, None, None, Some(2160.0)]),
    ];
    for (error_rate, row) in expected {
        for (rule, expected) in table.iter().zip(row) {
            let minutes = detection_seconds(rule, 0.999, error_rate).map(|s| s / 60.0);
            match (minutes, expected) {
                (Some(got), Some(want)) => {
                    assert!((got - want).abs() < 1e-6, "{error_rate} {rule:?}: {got} {want}")
                }
                (got, want) => assert_eq!(got, want, "{error_rate} {rule:?}"),
            }
        }
    }
}

#[test]
fn where_one_failure_pages() {
    let table = [
        (0.99, [6, 16, 33, 100]),
        (0.995, [13, 33, 66, 200]),
        (0.999, [69, 166, 333, 1000]),
        (0.9995, [138, 333, 666, 2000]),
        (0.9999, [694, 1666, 3333, 10_000]),
    ];
    for (target, row) in table {
        for (threshold, expected) in [14.4, 6.0, 3.0, 1.0].into_iter().zip(row) {
            assert_eq!(one_failure_fires_up_to(threshold, target), expected, "{target} {threshold}");
        }
    }
}
