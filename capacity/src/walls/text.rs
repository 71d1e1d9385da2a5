//! Walls in plain words for a terminal.

use std::fmt::Write as _;

use super::body::{Reach, Strength, Wall, Walls};
use super::words::percent;

impl Walls {
    /// A table of the walls, the stages, what moves the first three, and what has no wall.
    pub fn text(&self) -> String {
        let mut text = format!(
            "walls from {} to {} UTC, in times of each service's busiest five minutes\n{}\n\n",
            self.range.from.format("%Y-%m-%d %H:%M"),
            self.range.to.format("%Y-%m-%d %H:%M"),
            self.trend.why
        );
        for name in &self.ignored {
            let _ = writeln!(text, "nothing is called so, and nothing changed by it: {name}");
        }
        if self.walls.is_empty() {
            text += "no wall can be told from this data\n";
        } else {
            let widest = self.walls.iter().map(|wall| wall.id.chars().count()).max().unwrap_or_default();
            let _ = writeln!(
                text,
                "{:<widest$}  {:>7}  {:<22}  {:<22}  {:<10}",
                "wall", "in use", "knee", "limit", "trust"
            );
            for wall in &self.walls {
                let (knee, limit) = (reach(&wall.knee), reach(&wall.limit));
                let trust = if wall.strength == Strength::Good { "good" } else { "weak" };
                let used = percent(wall.today.utilisation);
                let _ = writeln!(text, "{:<widest$}  {used:>7}  {knee:<22}  {limit:<22}  {trust}", wall.id);
            }
        }
        text += "\n";
        for stage in &self.stages {
            let _ = writeln!(text, "{}", stage.sentence);
        }
        for wall in self.walls.iter().take(3) {
            text += &moves(wall);
        }
        if !self.without.is_empty() {
            text += "\nwithout a wall:\n";
            for none in &self.without {
                let _ = writeln!(text, "  {}: {}", none.resource.id(), none.why);
            }
        }
        text
    }
}

fn reach(reach: &Reach) -> String {
    format!("{:.2}x ({:.2} to {:.2})", reach.factor, reach.low, reach.high)
}

fn moves(wall: &Wall) -> String {
    let mut text = format!("\n{}\n", wall.sentence);
    for doubt in &wall.evidence.doubts {
        let _ = writeln!(text, "  doubt: {doubt}");
    }
    for m in &wall.moves {
        let to = m.to.map_or_else(|| "no longer met".to_owned(), |to| format!("{to:.2}x"));
        let then = m
            .then_first
            .as_ref()
            .map_or_else(String::new, |(id, at)| format!("; first is then {id} at {at:.2}x"));
        let _ = writeln!(text, "  {}: {:.2}x -> {to}{then}", m.change, m.from);
    }
    text
}
