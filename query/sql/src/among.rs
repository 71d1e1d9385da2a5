//! What conditions say of a text.

use std::collections::BTreeSet;

use crate::scan::{Compare, Literal, Operand, Predicate, Test};

/// Values of a column outside of which no row meets all the conditions; `None` where it may be any.
pub(crate) fn among(predicates: &[Predicate], name: &str) -> Option<BTreeSet<String>> {
    let sets = predicates.iter().filter_map(|one| of(one, name));
    sets.reduce(|a, b| a.intersection(&b).cloned().collect())
}

fn of(predicate: &Predicate, name: &str) -> Option<BTreeSet<String>> {
    let text = |one: &Literal| match one {
        Literal::Text(text) => Some(text.clone()),
        _ => None,
    };
    match predicate {
        Predicate::And(parts) => among(parts, name),
        Predicate::Or(parts) => {
            let sets: Option<Vec<_>> = parts.iter().map(|one| of(one, name)).collect();
            Some(sets?.into_iter().flatten().collect())
        }
        Predicate::Test(Operand::Column(column), test) if column.name == name => match test {
            Test::Compare(Compare::Eq, value) => Some(text(value).into_iter().collect()),
            Test::In(values) => values.iter().map(text).collect(),
            _ => None,
        },
        Predicate::Test(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::views;

    #[test]
    fn no_value_that_may_pass_is_left_out() {
        let view = views().find(|view| view.name == "portfolio_moves").unwrap();
        let column = |name: &str| view.columns.iter().find(|column| column.name == name).unwrap();
        let on = |name, test| Predicate::Test(Operand::Column(column(name)), test);
        let literal = |text: &str| Literal::Text(text.to_owned());
        let is = |text| on("portfolio_id", Test::Compare(Compare::Eq, literal(text)));
        let list =
            |texts: &[&str]| on("portfolio_id", Test::In(texts.iter().map(|one| literal(one)).collect()));
        let other = || on("symbol", Test::IsNull);
        let told = |predicates: &[Predicate]| {
            among(predicates, "portfolio_id").map(|set| set.into_iter().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[other(), is("a")]).unwrap(), "a");
        assert_eq!(told(&[list(&["a", "b"]), list(&["b", "c"])]).unwrap(), "b");
        assert_eq!(told(&[is("a"), is("b")]).unwrap(), "");
        assert_eq!(told(&[Predicate::Or(vec![is("a"), list(&["b"])])]).unwrap(), "a b");
        assert_eq!(told(&[Predicate::Or(vec![is("a"), other()])]), None);
        assert_eq!(told(&[on("portfolio_id", Test::Compare(Compare::NotEq, literal("a")))]), None);
        assert_eq!(told(&[on("portfolio_id", Test::Prefix("a".to_owned()))]), None);
    }
}
