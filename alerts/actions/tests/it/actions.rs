//! Which rule refuses, what is decided once, and what turns an action off.

use headroom_actions::{Action, Afterwards, Disabled, Signal, State, Verdict};

use crate::{at, rollback, situation};

const BOTH: [Signal; 2] = [Signal::Burn, Signal::Canary];

/// What is decided about the alerts of services, each at its second.
fn decided(action: &Action, asked: &[(i64, &str, &str, &[Signal])]) -> Vec<Option<Verdict>> {
    let mut state = State::default();
    let asked = asked.iter().map(|(second, alert, service, signals)| {
        let decision = action.decide(&mut state, &situation(alert, service, signals), at(*second));
        decision.map(|decision| decision.verdict)
    });
    asked.collect()
}

#[test]
fn each_rule_refuses_on_its_own() {
    use Signal::{Burn, Canary, Deploy};
    use Verdict::{Done, RefusedCoolDown, RefusedMostPerHour, RefusedSignals};
    let of = |asked: &[(i64, &str, &str, &[Signal])]| decided(&rollback(), asked);
    assert_eq!(of(&[(0, "a", "order", &[Burn])]), [Some(RefusedSignals)]);
    assert_eq!(of(&[(0, "a", "order", &[Canary])]), [Some(RefusedSignals)]);
    assert_eq!(
        of(&[(0, "a", "order", &[Burn, Deploy])]),
        [Some(RefusedSignals)],
        "two, and not those it names"
    );
    assert_eq!(of(&[(0, "a", "order", &BOTH)]), [Some(Done)]);
    let waits = [
        (0, "a", "order", &BOTH[..]),
        (1_799, "b", "order", &BOTH),
        (1_799, "c", "risk", &BOTH),
        (1_800, "b", "order", &BOTH),
        (3_600, "b", "order", &BOTH),
    ];
    let expected = [Some(Done), Some(RefusedCoolDown), Some(Done), Some(RefusedMostPerHour), Some(Done)];
    assert_eq!(of(&waits), expected, "the pause is of the service, the hour of all");
}

#[test]
fn a_decision_is_told_once_and_a_run_is_the_last_of_its_alert() {
    use Signal::Burn;
    use Verdict::{Done, RefusedSignals};
    let asked = [(0, &[Burn][..]), (15, &[Burn]), (30, &BOTH), (45, &BOTH), (60, &[Burn]), (4_000, &BOTH)];
    let asked = asked.map(|(second, signals)| (second, "a", "order", signals));
    assert_eq!(decided(&rollback(), &asked), [Some(RefusedSignals), None, Some(Done), None, None, None]);
}

#[test]
fn a_rehearsal_decides_as_if_it_ran() {
    let dry = Action { dry_run: true, ..rollback() };
    let asked = [
        (0, "a", "order", &BOTH[..]),
        (60, "b", "order", &BOTH),
        (60, "c", "risk", &BOTH),
        (61, "d", "pay", &BOTH),
    ];
    use Verdict::{Dry, RefusedCoolDown, RefusedMostPerHour};
    assert_eq!(
        decided(&dry, &asked),
        [Some(Dry), Some(RefusedCoolDown), Some(Dry), Some(RefusedMostPerHour)]
    );
}

#[test]
fn a_silenced_alert_and_an_action_that_is_off_run_nothing() {
    let (action, mut state) = (rollback(), State::default());
    let mut silenced = situation("a", "order", &BOTH);
    silenced.silenced = true;
    let refused = action.decide(&mut state, &silenced, at(0)).unwrap();
    assert_eq!((refused.verdict, refused.why.as_str()), (Verdict::RefusedSilenced, "the alert is silenced"));
    let (by, why) = ("dana".to_owned(), "we migrate".to_owned());
    state.disabled = Some(Disabled { at: at(1), by, why });
    let refused = action.decide(&mut state, &situation("a", "order", &BOTH), at(2)).unwrap();
    assert_eq!(refused.verdict, Verdict::RefusedDisabled);
    assert_eq!(refused.why, "dana turned it off: we migrate");
    state.disabled = None;
    let done = action.decide(&mut state, &situation("a", "order", &BOTH), at(3)).unwrap();
    assert_eq!((done.verdict, done.why.as_str()), (Verdict::Done, "burn speaks; canary speaks"));
    assert_eq!(state.decisions.len(), 3, "the newest first");
    assert_eq!(state.decisions[0], done);
}

/// What a run is found to have done by what is seen afterwards, at each of these minutes.
fn looked_at(minutes: &[i64], afterwards: Afterwards) -> (Vec<Vec<Verdict>>, State) {
    let (action, mut state) = (rollback(), State::default());
    action.decide(&mut state, &situation("a", "order", &BOTH), at(0)).unwrap();
    let verdicts = minutes.iter().map(|minute| {
        let found = action.verify(&mut state, |_| afterwards, at(minute * 60));
        found.into_iter().map(|decision| decision.verdict).collect()
    });
    (verdicts.collect(), state)
}

#[test]
fn a_run_that_did_not_help_turns_the_action_off() {
    use Verdict::{DidNotHelp, Helped};
    for (afterwards, verdict) in [
        (Afterwards::Over, Helped),
        (Afterwards::Open(Some(16.0)), Helped),
        (Afterwards::Open(Some(0.9)), Helped),
        (Afterwards::Open(Some(16.1)), DidNotHelp),
        (Afterwards::Open(Some(50.0)), DidNotHelp),
    ] {
        let (found, state) = looked_at(&[14, 15, 16], afterwards);
        assert_eq!(found, [vec![], vec![verdict], vec![]], "{afterwards:?}");
        assert_eq!(state.disabled.is_some(), verdict == DidNotHelp);
    }
    let (found, state) = looked_at(&[15, 29, 30], Afterwards::Open(None));
    assert_eq!(found, [vec![], vec![], vec![DidNotHelp]], "what is not seen is waited for once");
    let off = state.disabled.unwrap();
    assert_eq!(off.by, "headroom");
    assert!(off.why.starts_with("a run for order did not help"), "{}", off.why);
}

#[test]
fn a_rehearsal_is_not_judged() {
    let (action, mut state) = (Action { dry_run: true, ..rollback() }, State::default());
    action.decide(&mut state, &situation("a", "order", &BOTH), at(0)).unwrap();
    assert_eq!(action.verify(&mut state, |_| Afterwards::Open(Some(99.0)), at(7_200)), []);
}

#[test]
fn what_is_over_is_forgotten_and_what_is_to_be_looked_at_is_not() {
    let (action, mut state) = (rollback(), State::default());
    action.decide(&mut state, &situation("a", "order", &BOTH), at(0)).unwrap();
    state.forget(|_| false, action.memory(), at(9_999));
    assert_eq!((state.verdicts.len(), state.runs.len()), (0, 1), "nobody looked whether it helped");
    action.verify(&mut state, |_| Afterwards::Over, at(9_999));
    state.forget(|_| false, action.memory(), at(9_999));
    assert!(state.runs.is_empty());
}

#[test]
fn rules_that_would_protect_from_nothing_are_refused() {
    use chrono::TimeDelta;
    let refused = |change: fn(&mut Action)| {
        let mut action = rollback();
        change(&mut action);
        action.check().unwrap_err()
    };
    rollback().check().unwrap();
    assert!(refused(|action| action.signals = [Signal::Burn].into()).contains("one of canary and deploy"));
    assert!(
        refused(|action| action.signals = [Signal::Canary, Signal::Deploy].into()).contains("must name burn")
    );
    assert!(refused(|action| action.most_per_hour = 0).contains("at least 1"));
    assert!(
        refused(|action| action.cool_down = TimeDelta::minutes(1))
            .contains("cool_down_seconds must be at least")
    );
    assert!(refused(|action| action.verify_after = TimeDelta::zero()).contains("at least 1"));
}
