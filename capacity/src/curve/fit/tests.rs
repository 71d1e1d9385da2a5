#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::curve::usl::tests::{RAYTRACER, SPECSDM91, points};

fn body(pairs: &[(f64, f64)]) -> CurveFit {
    fit(&points(pairs), &FitOptions::default())
}

fn close(got: f64, expected: f64, within: f64) {
    assert!((got - expected).abs() <= within, "{expected} is published, {got} comes out");
}

/// Six digits, which no processor's rounding changes.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            format!("{:.5e}", number.as_f64().unwrap()).parse::<f64>().unwrap().into()
        }
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
        other => other,
    }
}

#[test]
fn specsdm91_gives_the_published_figures() {
    let body = body(&SPECSDM91);
    close(body.alpha.unwrap(), 0.027_728_5, 1e-7);
    close(body.beta.unwrap(), 0.000_104_4, 1e-7);
    close(body.gamma.unwrap(), 89.9952, 1e-4);
    let errors = body.standard_errors.unwrap();
    close(errors.alpha, 0.009_12, 1e-5);
    close(errors.beta, 1.988e-5, 1e-8);
    close(errors.gamma, 14.21, 1e-2);
    close(body.residual_standard_error.unwrap(), 82.85, 1e-2);
    assert_eq!(body.degrees_of_freedom, Some(4));
    close(body.peak.unwrap().load, 96.519_56, 1e-5);
    close(body.peak.unwrap().throughput, 1884.0, 0.5);
    close(body.limit.unwrap(), 3_245.589, 1e-3);
    close(body.optimal.unwrap().load, 36.064_01, 1e-5);
    close(body.optimal.unwrap().throughput, 1542.0, 0.5);
    assert_eq!(body.verdict, Grade::Good);
}

#[test]
fn raytracer_first_six_give_the_published_intervals() {
    let intervals = body(&RAYTRACER[..6]).intervals.unwrap();
    for (got, expected, digit) in [
        (intervals.alpha, [0.007_54, 0.041_35], 1e-5),
        (intervals.beta, [0.001_10, 0.002_15], 1e-5),
        (intervals.gamma, [19.267, 22.445], 1e-3),
    ] {
        close(got[0], expected[0], 0.501 * digit);
        close(got[1], expected[1], 0.501 * digit);
    }
    // Printed under 95 %, they cover less.
    assert_eq!(intervals.level, 0.95);
    close(intervals.coverage, 0.8627, 1e-4);
}

#[test]
fn raytracer_whole_gives_the_published_intervals_at_the_bound() {
    let intervals = body(&RAYTRACER).intervals.unwrap();
    for (got, expected, digit) in [
        (intervals.alpha, [0.033_677, 0.081_864], 1e-6),
        (intervals.beta, [-0.000_214, 0.000_214], 1e-6),
        (intervals.gamma, [17.868_380, 25.829_306], 1e-6),
    ] {
        close(got[0], expected[0], 0.501 * digit);
        close(got[1], expected[1], 0.501 * digit);
    }
}

#[test]
fn student_intervals_cover_what_they_say() {
    let student = body(&SPECSDM91).student_intervals.unwrap();
    close(student.coverage, 0.95, 1e-9);
    // 2.776 standard errors on 4 degrees of freedom.
    close(student.gamma[1], 89.9952 + 2.776_445 * 14.213_489, 1e-3);
}

#[test]
fn the_first_six_points_of_the_raytracer_are_no_promise() {
    let first = body(&RAYTRACER[..6]);
    assert_eq!(first.verdict, Grade::Weak);
    insta::assert_snapshot!(first.text(), @r#"
Universal Scalability Law: a weak fit, 6 points at loads from 1 to 20
  - the peak at load 24.49 is extrapolated: throughput still rises at the largest measured load 20

            estimate   95 % interval
alpha        0.02444   -0.002259 to 0.05115      contention
beta        0.001627   0.0007949 to 0.002459     coherency
gamma          20.86   18.35 to 23.37            throughput at load 1

peak           203.5   195.6 to 221.7            at load 24.49 (20.65 to 35.47)
limit           none   saturation was not observed: the largest measured throughput 200 is 23 % of what would be the limit

the curve explains 99.96 % of the variation of throughput; points lie 1.834 off it on average (3 degrees of freedom)
intervals of peak and limit from 1000 resamples with seed 1
"#);
    // The system went on to 310.
    assert!(first.peak.unwrap().throughput < 210.0);
    let whole = body(&RAYTRACER);
    assert_eq!(whole.peak, None);
    insta::assert_snapshot!(whole.text(), @r#"
Universal Scalability Law: a good fit, 11 points at loads from 1 to 64

            estimate   95 % interval
alpha        0.05777   0.02712 to 0.08842        contention
beta               0   -0.0002719 to 0.0002719   coherency
gamma          21.85   16.78 to 26.91            throughput at load 1

peak            none   throughput does not fall up to the largest measured load 64: no coherency is seen, and without it there is no peak
limit          378.2   345.5 to 607.7            never passed, whatever the load
optimal        194.7                             at load 17.31: more users than that pay off less and less

the curve explains 99 % of the variation of throughput; points lie 9.336 off it on average (8 degrees of freedom)
intervals of peak and limit from 1000 resamples with seed 1
"#);
}

#[test]
fn a_fit_as_text() {
    let mut pairs = vec![(0.0, 0.0)];
    pairs.extend(SPECSDM91);
    let options = FitOptions { load_model: LoadModel::Closed, ..FitOptions::default() };
    insta::assert_snapshot!(fit(&points(&pairs), &options).text(), @r#"
Universal Scalability Law: a good fit, 7 points at loads from 1 to 216

            estimate   95 % interval
alpha        0.02773   0.002402 to 0.05305       contention
beta       0.0001044   0.00004918 to 0.0001595   coherency
gamma             90   50.53 to 129.5            throughput at load 1

peak            1884   1756 to 2069              at load 96.52 (74.6 to 191.5)
limit           3246   2072 to 8636              never passed, whatever the load
optimal         1542                             at load 36.06: more users than that pay off less and less

the curve explains 99 % of the variation of throughput; points lie 82.85 off it on average (4 degrees of freedom)
intervals of peak and limit from 1000 resamples with seed 1

note: 1 row of load 0 and throughput 0 is left out
note: closed model: users wait for answers, so the test slows down with the system; its throughput is sound, its latency percentiles are too low near saturation
"#);
}

#[test]
fn a_fit_as_body() {
    let value = rounded(serde_json::to_value(body(&SPECSDM91)).unwrap());
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
{
  "alpha": 0.0277285,
  "beta": 0.000104365,
  "bootstrap": {
    "alpha": [
      0.00659596,
      0.0799309
    ],
    "beta": [
      0.000025544,
      0.000175591
    ],
    "gamma": [
      56.731,
      168.232
    ],
    "level": 0.95,
    "limit": [
      2071.98,
      8636.44
    ],
    "peak_load": [
      74.6036,
      191.505
    ],
    "peak_throughput": [
      1756.04,
      2068.74
    ],
    "resamples": 1000,
    "resampling": "residuals",
    "seed": 1
  },
  "degrees_of_freedom": 4,
  "gamma": 89.9952,
  "intervals": {
    "alpha": [
      0.0100033,
      0.0454536
    ],
    "beta": [
      0.0000657442,
      0.000142987
    ],
    "coverage": 0.876076,
    "gamma": [
      62.3759,
      117.615
    ],
    "level": 0.95
  },
  "limit": 3245.59,
  "limit_reason": null,
  "load_model": "unknown",
  "notes": [],
  "optimal": {
    "load": 36.064,
    "throughput": 1542.4
  },
  "peak": {
    "load": 96.5196,
    "throughput": 1883.9
  },
  "peak_reason": null,
  "points": {
    "count": 7,
    "distinct_loads": 7,
    "load": [
      1.0,
      216.0
    ],
    "throughput": [
      64.9,
      1853.2
    ]
  },
  "r_squared": 0.989561,
  "reasons": [],
  "residual_standard_error": 82.8458,
  "standard_errors": {
    "alpha": 0.00912173,
    "beta": 0.0000198753,
    "gamma": 14.2135
  },
  "student_intervals": {
    "alpha": [
      0.00240249,
      0.0530545
    ],
    "beta": [
      0.0000491829,
      0.000159548
    ],
    "coverage": 0.95,
    "gamma": [
      50.5323,
      129.458
    ],
    "level": 0.95
  },
  "verdict": "good"
}
"#);
}

#[test]
fn a_refused_fit_has_reasons_and_no_figures() {
    let refused = body(&SPECSDM91[..5]);
    insta::assert_snapshot!(refused.text(), @r#"
Universal Scalability Law: no fit, 5 points at loads from 1 to 108
  - only 5 different loads are measured; three coefficients need at least 6
"#);
    insta::assert_json_snapshot!(refused, @r#"
{
  "verdict": "refused",
  "reasons": [
    "only 5 different loads are measured; three coefficients need at least 6"
  ],
  "notes": [],
  "alpha": null,
  "beta": null,
  "gamma": null,
  "intervals": null,
  "student_intervals": null,
  "bootstrap": null,
  "standard_errors": null,
  "residual_standard_error": null,
  "degrees_of_freedom": null,
  "r_squared": null,
  "peak": null,
  "peak_reason": "the fit is refused",
  "limit": null,
  "limit_reason": "the fit is refused",
  "optimal": null,
  "points": {
    "count": 5,
    "distinct_loads": 5,
    "load": [
      1.0,
      108.0
    ],
    "throughput": [
      64.9,
      1853.2
    ]
  },
  "load_model": "unknown"
}
"#);
    insta::assert_snapshot!(body(&[]).text(), @r#"
Universal Scalability Law: no fit, no usable points
  - there is no point with a load above 0
"#);
}

#[test]
fn every_figure_is_null_or_a_number() {
    // serde_json writes what is not finite as null, so a bare f64 field must not be null.
    for pairs in [&SPECSDM91[..], &RAYTRACER[..6], &RAYTRACER[..]] {
        let body = body(pairs);
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["intervals"]["alpha"][0].as_f64(), body.intervals.map(|i| i.alpha[0]));
        assert!(json["bootstrap"]["gamma"].as_array().unwrap().iter().all(Value::is_number));
    }
}

/// Whether every figure is one that JSON can write.
fn finite(body: &CurveFit) -> bool {
    let figures =
        [body.alpha, body.beta, body.gamma, body.residual_standard_error, body.r_squared, body.limit];
    let pairs = [body.peak, body.optimal].into_iter().flatten().flat_map(|p| [p.load, p.throughput]);
    let intervals = [body.intervals, body.student_intervals].into_iter().flatten();
    let bounds = intervals.flat_map(|i| [i.alpha, i.beta, i.gamma, [i.coverage, i.level]].concat());
    let resampled = body.bootstrap.iter().flat_map(|b| {
        [b.alpha, b.beta, b.gamma, b.peak_load, b.peak_throughput, b.limit].concat().into_iter().flatten()
    });
    figures.into_iter().flatten().chain(pairs).chain(bounds).chain(resampled).all(f64::is_finite)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_points_give_figures_or_reasons(
        wild in prop::collection::vec((any::<f64>(), any::<f64>()), 0..12),
        positive in prop::collection::vec((1e-300_f64..1e300, 0.0_f64..1e300), 0..12),
        sane in prop::collection::vec((1e-1_f64..1e6, 0.0_f64..1e9), 6..12),
    ) {
        for pairs in [wild, positive, sane] {
            let body = body(&pairs);
            prop_assert!(finite(&body), "{body:?}");
            prop_assert_eq!(body.verdict == Grade::Good, body.reasons.is_empty());
            prop_assert_eq!(body.verdict == Grade::Refused, body.alpha.is_none());
            prop_assert_eq!(body.peak.is_none(), body.peak_reason.is_some());
            prop_assert_eq!(body.limit.is_none(), body.limit_reason.is_some());
            prop_assert!(!body.text().contains("NaN"));
        }
    }
}
