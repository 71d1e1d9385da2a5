//! When a step of a policy begins and ends, and what is refused.

use headroom_actions::{BudgetPolicy, Effect, Step, Turn, When};
use headroom_slo::Severity;
use proptest::prelude::*;

fn step(when: &str) -> Step {
    toml::from_str(&format!("name = 's'\nalert = 'stop'\nok = 'go'\n{when}")).unwrap()
}

/// What becomes of a step by one figure after another.
fn turns(when: &str, figures: &[Option<f64>]) -> Vec<Turn> {
    let step = step(when);
    let mut open = false;
    let turn = |figure: &Option<f64>| {
        let turn = step.turn(open, *figure);
        open = match turn {
            Turn::Begin => true,
            Turn::End => false,
            Turn::Stay => open,
        };
        turn
    };
    figures.iter().map(turn).collect()
}

#[test]
fn a_step_begins_at_its_limit_and_ends_when_the_figure_has_recovered() {
    use Turn::{Begin, End, Stay};
    for (when, figures, expected, why) in [
        (
            "budget_at_most = 0.25",
            vec![Some(0.26), Some(0.25), Some(0.29), Some(0.30)],
            vec![Stay, Begin, Stay, End],
            "a twentieth must come back",
        ),
        (
            "budget_at_most = 0.25\nrecovers_at = 0.5",
            vec![Some(0.1), Some(0.49), Some(0.5)],
            vec![Begin, Stay, End],
            "or as much as was agreed",
        ),
        (
            "budget_at_most = 0",
            vec![Some(0.01), Some(-0.5), None, Some(0.04), Some(0.05)],
            vec![Stay, Begin, Stay, Stay, End],
            "spent; without a figure nothing changes",
        ),
        (
            "budget_at_most = -0.5",
            vec![Some(-0.4), Some(-0.5), Some(-0.45)],
            vec![Stay, Begin, End],
            "overspent by half",
        ),
        (
            "burn_above = 1.5\nover = '7d'",
            vec![Some(1.5), Some(1.51), Some(1.3), Some(1.2)],
            vec![Stay, Begin, Stay, End],
            "it ends at four fifths",
        ),
        (
            "burn_above = 1\nover = '1h'\nrecovers_at = 1",
            vec![Some(1.1), Some(1.0), Some(1.1)],
            vec![Begin, End, Begin],
            "without a gap",
        ),
    ] {
        assert_eq!(turns(when, &figures), expected, "{when}: {why}");
    }
}

#[test]
fn a_policy_is_read_and_said_in_words() {
    let policy: BudgetPolicy = toml::from_str(
        "name = 'standard'\nmatchers = ['service=\"order\"']\n\
         [[steps]]\nname = 'owners'\nbudget_at_most = 0.25\nalert = 'Look at it'\nok = 'Fine again'\n\
         [[steps]]\nname = 'freeze'\nbudget_at_most = 0\neffect = 'freeze'\nseverity = 'major'\nalert = 'Fixes only'\nok = 'Go'\n\
         [[steps]]\nname = 'week'\nburn_above = 1.5\nover = '7d'\nalert = 'A quarter works on it'\nok = 'As before'\n",
    )
    .unwrap();
    policy.check().unwrap();
    let words: Vec<String> = policy.steps.iter().map(|step| step.when.words()).collect();
    assert_eq!(
        words,
        ["25 % of the budget is left, or less", "the budget is spent", "it burns above 1.5x over 7 days"]
    );
    let figures: Vec<String> =
        policy.steps.iter().zip([0.187, -0.5, 2.0]).map(|(step, figure)| step.when.figure(figure)).collect();
    let expected = [
        "18.7 % of the budget is left",
        "the budget is overspent by 50 % of its size",
        "it burns at 2.0x the allowed rate over 7 days",
    ];
    assert_eq!(figures, expected);
    assert_eq!((policy.steps[0].effect, policy.steps[0].severity), (Effect::Tell, Severity::Warning));
    assert_eq!((policy.steps[1].effect, policy.steps[1].severity), (Effect::Freeze, Severity::Major));
    assert_eq!(policy.steps[2].when, When::Burn { above: 1.5, over: 604_800, recovers_at: 1.5 * 0.8 });
}

#[test]
fn what_makes_no_sense_is_refused_with_what_is_allowed() {
    let refused = |text: &str| {
        toml::from_str::<Step>(&format!("name = 's'\nalert = 'a'\nok = 'o'\n{text}")).unwrap_err().to_string()
    };
    for (text, says) in [
        ("", "needs budget_at_most = SHARE, or burn_above = RATE with over"),
        ("budget_at_most = 0.5\nburn_above = 2\nover = '1d'", "needs budget_at_most"),
        ("burn_above = 2", "needs budget_at_most"),
        ("budget_at_most = 0.5\nrecovers_at = 0.5", "budget_at_most < recovers_at <= 1"),
        ("budget_at_most = 1", "budget_at_most < recovers_at <= 1"),
        ("burn_above = 2\nover = '1d'\nrecovers_at = 3", "0 < recovers_at <= burn_above"),
        ("burn_above = 2\nover = '1M'", "minutes, hours, days or weeks"),
        ("burn_above = 2\nover = 'long'", "is not a duration"),
        ("budget_at_most = 0.5\neffect = 'stop'", "unknown variant `stop`"),
        ("budget_at_most = 0.5\ncolour = 1", "unknown field `colour`"),
    ] {
        assert!(refused(text).contains(says), "{text}: {}", refused(text));
    }
    let twice = "name = 'p'\nsteps = [{name = 's', alert = 'a', ok = 'o', budget_at_most = 0}, {name = 's', alert = 'a', ok = 'o', budget_at_most = 0.1}]";
    let problem = toml::from_str::<BudgetPolicy>(twice).unwrap().check().unwrap_err();
    assert_eq!(problem, "policy \"p\" has two steps called \"s\"");
}

proptest! {
    /// Between its limits a figure changes nothing, whatever came before; beyond them it always decides.
    #[test]
    fn a_figure_between_the_limits_changes_nothing(
        at_most in -1.0_f64..0.9, gap in 0.01_f64..0.1, figures in prop::collection::vec(-1.5_f64..1.0, 1..40),
    ) {
        let recovers_at = (at_most + gap).min(1.0);
        let step = Step { when: When::Budget { at_most, recovers_at }, ..step("budget_at_most = 0") };
        let mut open = false;
        for figure in figures {
            let turn = step.turn(open, Some(figure));
            open = match turn { Turn::Begin => true, Turn::End => false, Turn::Stay => open };
            if at_most < figure && figure < recovers_at {
                prop_assert_eq!(turn, Turn::Stay);
            } else {
                prop_assert_eq!(open, figure <= at_most);
            }
        }
    }
}
