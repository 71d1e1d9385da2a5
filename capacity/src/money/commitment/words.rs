//! Commitment advice in plain words.

use rust_decimal::Decimal;

use super::{CommitmentAdvice, CommitmentLevel, Strength};
use crate::money::amount::{Money, grouped};
use crate::money::period::words;

/// How far the best levels of the two halves may lie apart before it is said, as a share of the best of all.
const STEADY: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// The advice in a few sentences.
pub(super) fn sentence(advice: &CommitmentAdvice) -> String {
    let best = &advice.best;
    let even = percent(advice.break_even_utilisation);
    let mut text = if best.saving_per_hour.amount <= Decimal::ZERO {
        format!(
            "Commit to nothing: no unit was used for more than {even} of the time, at which a commitment pays."
        )
    } else {
        format!(
            "Commit to {} units for {} ({} an hour): that saves {} over the term if usage stays as it was. {} of the \
             commitment would have been used; it pays above {even}.",
            best.units.normalize(),
            advice.term,
            best.commitment_per_hour,
            best.saving_per_term,
            best.utilisation.map_or_else(|| "None".to_owned(), percent)
        )
    };
    if let (Some(fall), true) = (advice.falls.last(), best.units > Decimal::ZERO) {
        let amount = &fall.saving_per_term;
        text.push_str(&if amount.amount.is_sign_negative() {
            let lost = Money::new(-amount.amount, &amount.currency);
            format!(" If usage falls by {} %, it loses {lost} against paying on demand.", fall.percent)
        } else {
            format!(" If usage falls by {} %, it still saves {amount}.", fall.percent)
        });
    }
    text.push_str(&format!(
        " From {} hours between {} and {}",
        grouped(&advice.hours.to_string()),
        words(advice.from),
        words(advice.to)
    ));
    let days = advice.hours / 24;
    text.push_str(&match advice.strength {
        Strength::Weak => format!(": weak, because {days} days say little about {}.", advice.term),
        Strength::Fair => format!("; the term is {}.", advice.term),
    });
    let [early, late] = advice.halves;
    if (late - early).abs() > best.units * STEADY {
        let (early, late) = (early.normalize(), late.normalize());
        text.push_str(&format!(
            " Usage changes: its first half alone would say {early} units, its second half {late}."
        ));
    }
    text
}

impl CommitmentAdvice {
    /// The advice in plain words, for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.sentence);
        text.push_str(&format!("On demand an hour costs {}.\n", self.on_demand_per_hour));
        text.push_str(&format!(
            "  {:>14}{:>20}{:>8}{:>22}\n",
            "units", "an hour", "used", "saved in the term"
        ));
        for level in &self.levels {
            text.push_str(&row(level, level.units == self.best.units));
        }
        if self.best.units > Decimal::ZERO {
            for fall in &self.falls {
                text.push_str(&format!(
                    "If usage falls by {} %: {} saved in the term, {} paid for nothing.\n",
                    fall.percent, fall.saving_per_term, fall.unused_per_term
                ));
            }
        }
        text
    }
}

fn row(level: &CommitmentLevel, best: bool) -> String {
    format!(
        "  {:>14}{:>20}{:>8}{:>22}{}\n",
        level.units.normalize().to_string(),
        level.commitment_per_hour.to_string(),
        level.utilisation.map_or_else(|| "-".to_owned(), percent),
        level.saving_per_term.to_string(),
        if best { "  best" } else { "" }
    )
}

fn percent(share: Decimal) -> String {
    format!("{} %", (share * Decimal::ONE_HUNDRED).round_dp(1).normalize())
}
