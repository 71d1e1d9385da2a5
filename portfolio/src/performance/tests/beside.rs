//! A model portfolio as benchmark.

use super::*;
use crate::attribution::Effects;
use crate::book::View;
use crate::file::read_labels;

const PRICES: &str = "2025-12-31,price,X,,100\n2025-12-31,price,Y,,100\n2026-01-31,price,X,,110\n2026-01-31,price,Y,,98\n2026-01-31,price,Z,,120\n2025-12-31,price,Z,,100";

fn told(own: &str, model: &str, ask: Ask) -> Performance {
    let labels = "symbol,sector\nX,energy\nZ,energy\nY,banks\n";
    let labels = read_labels("l.csv", labels.as_bytes()).unwrap();
    let ask = Ask { view: View { labels, ..View::default() }, ..ask };
    let (own, model) = (entries(&format!("{own}\n{PRICES}")), entries(&format!("{model}\n{PRICES}")));
    let model = Model { portfolio: Portfolio { name: "model", entries: &model }, by: "sector" };
    beside(&[Portfolio { name: "own", entries: &own }], model, &ask)
}

fn january() -> Ask {
    Ask { from: "2025-12-31".parse().ok(), to: "2026-01-31".parse().ok(), ..Ask::default() }
}

const MODEL: &str = "2025-12-31,deposit,,,,1000\n2025-12-31,buy,X,5,100\n2025-12-31,buy,Y,5,100";

#[test]
fn the_return_beyond_a_model_portfolio_is_attributed() {
    // 70 % in energy, at 20 % where the model makes 10; 30 % in banks at -2 % as the model has them.
    let own = "2025-12-31,deposit,,,,1000\n2025-12-31,buy,Z,7,100\n2025-12-31,buy,Y,3,100";
    let told = told(own, MODEL, january());
    let attribution = told.attribution.unwrap();
    near(Some(attribution.portfolio), 0.134);
    near(Some(attribution.benchmark), 0.04);
    near(Some(attribution.active), 0.094);
    let of = |name: &str| attribution.segments.iter().find(|part| part.name == name).unwrap().effects;
    let (energy, banks) = (of("energy"), of("banks"));
    // (w - W)(B - total B), W(r - B), (w - W)(r - B)
    let expected = Effects { allocation: 0.2 * 0.06, selection: 0.5 * 0.1, interaction: 0.2 * 0.1 };
    near(Some(energy.allocation), expected.allocation);
    near(Some(energy.selection), expected.selection);
    near(Some(energy.interaction), expected.interaction);
    near(Some(banks.allocation), -0.2 * -0.06);
    assert!(banks.selection.abs() < 1e-12 && banks.interaction.abs() < 1e-12);
    let beside = told.benchmark.unwrap();
    assert!(beside.benchmark.is_some(), "{:?}", told.unavailable);
    near(beside.benchmark, 0.04);
    near(beside.active, 0.094);
}

#[test]
fn a_portfolio_is_as_good_as_itself() {
    let told = told(MODEL, MODEL, january());
    let attribution = told.attribution.unwrap();
    assert!(attribution.active.abs() < 1e-12);
    assert!(attribution.segments.iter().all(|part| part.effects.total().abs() < 1e-12));
}

#[test]
fn a_model_that_was_not_there_is_no_benchmark() {
    let late = MODEL.replace("2025-12-31,buy", "2026-01-10,buy").replace("2025-12-31,dep", "2026-01-10,dep");
    let told = told(MODEL, &late, january());
    assert_eq!(told.attribution, None);
    insta::assert_snapshot!(told.unavailable["attribution"].reason, @"the benchmark model can be told from 2026-01-09 to 2026-01-31, and the portfolio from 2025-12-31 to 2026-01-31: ask for a period in which both were there");
    assert_eq!(told.end_value, dec("1040"));
}
