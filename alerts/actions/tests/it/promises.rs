//! What holds whatever happens.

use chrono::TimeDelta;
use headroom_actions::{Action, Afterwards, Signal, Situation, State, Verdict};
use proptest::prelude::*;

use crate::{at, rollback, situation};

const SERVICES: [&str; 3] = ["order", "risk", "payment"];
const SIGNALS: [Signal; 3] = [Signal::Burn, Signal::Canary, Signal::Deploy];

/// An alert that is asked about, a while after the one before.
#[derive(Debug, Clone)]
struct Asked {
    wait: i64,
    alert: usize,
    signals: [bool; 3],
    silenced: bool,
    afterwards: Option<f64>,
    enable: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let wait = prop_oneof![3 => 0_i64..120, 2 => 0_i64..2_000, 1 => 0_i64..20_000];
    let burn = prop::option::of(0.0_f64..40.0);
    (wait, 0_usize..40, any::<[bool; 3]>(), prop::bool::weighted(0.1), burn, any::<bool>()).prop_map(
        |(wait, alert, signals, silenced, afterwards, enable)| Asked {
            wait,
            alert,
            signals,
            silenced,
            afterwards,
            enable,
        },
    )
}

fn action() -> impl Strategy<Value = Action> {
    (any::<[bool; 3]>(), any::<bool>(), 1_i64..7_200, 1_u32..5, 1_i64..3_600).prop_map(
        |(signals, dry_run, cool_down, most_per_hour, verify_after)| Action {
            signals: chosen(signals).collect(),
            dry_run,
            cool_down: TimeDelta::seconds(cool_down.max(verify_after)),
            most_per_hour,
            verify_after: TimeDelta::seconds(verify_after),
            ..rollback()
        },
    )
}

fn chosen(signals: [bool; 3]) -> impl Iterator<Item = Signal> {
    SIGNALS.into_iter().zip(signals).filter(|(_, there)| *there).map(|(signal, _)| signal)
}

fn situation_of(asked: &Asked) -> Situation {
    let signals: Vec<Signal> = chosen(asked.signals).collect();
    let alert = format!("alert-{}", asked.alert);
    Situation { silenced: asked.silenced, ..situation(&alert, SERVICES[asked.alert % 3], &signals) }
}

/// Runs an action, writing its state down and reading it back between any two decisions, as a restart would. Two
/// evaluators ask after one another. Gives the second, situation, verdict and whether it was off, of each run.
fn runs(action: &Action, happened: &[Asked]) -> Vec<(i64, Situation, Verdict, bool)> {
    let (mut stored, mut now, mut runs) = (serde_json::to_string(&State::default()).unwrap(), 0, Vec::new());
    for asked in happened {
        now += asked.wait;
        for _evaluator in 0..2 {
            let mut state: State = serde_json::from_str(&stored).unwrap();
            action.verify(&mut state, |_| Afterwards::Open(asked.afterwards), at(now));
            let off = state.disabled.is_some();
            let situation = situation_of(asked);
            let decision = action.decide(&mut state, &situation, at(now));
            if let Some(decision) = decision.filter(|d| matches!(d.verdict, Verdict::Done | Verdict::Dry)) {
                runs.push((now, situation, decision.verdict, off));
            }
            state.forget(|_| true, action.memory(), at(now));
            if asked.enable {
                state.disabled = None;
            }
            stored = serde_json::to_string(&state).unwrap();
        }
    }
    runs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_hour_has_more_runs_than_allowed(action in action(), happened in prop::collection::vec(asked(), 1..60)) {
        let runs = runs(&action, &happened);
        for (n, (from, ..)) in runs.iter().enumerate() {
            let within = runs[n..].iter().take_while(|(at, ..)| at - from < 3_600).count();
            prop_assert!(within <= action.most_per_hour as usize, "{} from {}", within, from);
        }
    }

    #[test]
    fn no_service_is_remedied_twice_within_the_cool_down(action in action(), happened in prop::collection::vec(asked(), 1..60)) {
        let runs = runs(&action, &happened);
        for service in SERVICES {
            let own: Vec<i64> = runs.iter().filter(|(_, s, ..)| s.service == service).map(|(at, ..)| *at).collect();
            prop_assert!(own.windows(2).all(|pair| pair[1] - pair[0] >= action.cool_down.num_seconds()), "{:?}", own);
        }
    }

    #[test]
    fn nothing_runs_with_one_signal_or_silenced_or_off_and_each_alert_once(
        action in action(), happened in prop::collection::vec(asked(), 1..60),
    ) {
        let runs = runs(&action, &happened);
        for (_, situation, _, off) in &runs {
            let there = action.signals.iter().filter(|signal| situation.signals.contains_key(signal)).count();
            prop_assert!(there >= 2 && there == action.signals.len());
            prop_assert!(!situation.silenced && !off);
        }
        let alerts: std::collections::BTreeSet<&str> = runs.iter().map(|(_, s, ..)| s.alert.as_str()).collect();
        prop_assert_eq!(alerts.len(), runs.len(), "two evaluators, one run");
    }

    #[test]
    fn a_rehearsal_runs_nothing_and_a_run_is_no_rehearsal(action in action(), happened in prop::collection::vec(asked(), 1..60)) {
        let expected = if action.dry_run { Verdict::Dry } else { Verdict::Done };
        prop_assert!(runs(&action, &happened).iter().all(|(_, _, verdict, _)| *verdict == expected));
    }
}
