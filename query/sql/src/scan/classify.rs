//! Which conditions may go to ClickHouse. The answer is no unless it is listed here:
//! `column op literal`, `IN` of literals, `LIKE 'prefix%'`, `IS [NOT] NULL`, and AND and
//! OR of these, over columns or `attr(column, 'key')`.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Like, Operator};
use headroom_store::schema::PERSONAL_KEYS;
use rust_decimal::Decimal;

use super::predicate::{Compare, Literal, Operand, Predicate, Test};
use crate::catalog::{Column, DECIMAL, Kind, View};
use crate::functions::ATTR;

/// Lists longer than this stay in DataFusion: they would not fit a request.
const LONGEST_LIST: usize = 1_000;

/// A condition that ClickHouse may judge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pushed {
    pub(crate) predicate: Predicate,
    /// Whether it lets through exactly the right rows. If not, it lets through some more
    /// (floats: NaN sorts last in DataFusion and is unordered in ClickHouse), and
    /// DataFusion judges again.
    pub(crate) exact: bool,
}

/// The condition as ClickHouse may judge it, or `None`.
pub(crate) fn classify(view: &'static View, expr: &Expr) -> Option<Pushed> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            both(view, [left, right], Predicate::And)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            both(view, [left, right], Predicate::Or)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let op = compare(*op)?;
            match (left.as_ref(), right.as_ref()) {
                (operand, Expr::Literal(value, _)) => comparison(view, operand, op, value),
                (Expr::Literal(value, _), operand) => comparison(view, operand, op.flipped(), value),
                _ => None,
            }
        }
        Expr::Between(Between { expr, negated: false, low, high }) => {
            let (Expr::Literal(low, _), Expr::Literal(high, _)) = (low.as_ref(), high.as_ref()) else {
                return None;
            };
            let low = comparison(view, expr, Compare::GreaterEq, low)?;
            let high = comparison(view, expr, Compare::LessEq, high)?;
            Some(Pushed {
                exact: low.exact && high.exact,
                predicate: Predicate::And(vec![low.predicate, high.predicate]),
            })
        }
        Expr::InList(InList { expr, list, negated: false }) => one_of(view, expr, list),
        Expr::Like(like) => prefix(view, like),
        Expr::IsNull(operand) => null_test(view, operand, Test::IsNull),
        Expr::IsNotNull(operand) => null_test(view, operand, Test::IsNotNull),
        _ => None,
    }
}

fn both(view: &'static View, sides: [&Expr; 2], join: fn(Vec<Predicate>) -> Predicate) -> Option<Pushed> {
    let [left, right] = sides.map(|side| classify(view, side));
    let (left, right) = (left?, right?);
    Some(Pushed { exact: left.exact && right.exact, predicate: join(vec![left.predicate, right.predicate]) })
}

fn comparison(view: &'static View, operand: &Expr, op: Compare, value: &ScalarValue) -> Option<Pushed> {
    let (operand, kind) = operand_of(view, operand)?;
    let literal = literal(kind, value)?;
    let exact = match &literal {
        // Zero has two signs, and they differ in DataFusion only.
        Literal::Float(value) if *value == 0.0 || !value.is_finite() || op == Compare::NotEq => return None,
        Literal::Float(_) => false,
        _ => true,
    };
    Some(Pushed { predicate: Predicate::Test(operand, Test::Compare(op, literal)), exact })
}

fn one_of(view: &'static View, operand: &Expr, list: &[Expr]) -> Option<Pushed> {
    let (operand, kind) = operand_of(view, operand)?;
    if kind.is_float() || list.is_empty() || list.len() > LONGEST_LIST {
        return None;
    }
    let literals = list.iter().map(|item| match item {
        Expr::Literal(value, _) => literal(kind, value),
        _ => None,
    });
    let literals: Vec<_> = literals.collect::<Option<_>>()?;
    Some(Pushed { predicate: Predicate::Test(operand, Test::In(literals)), exact: true })
}

/// `LIKE 'text%'` where the text has no other sign of its own.
fn prefix(view: &'static View, like: &Like) -> Option<Pushed> {
    if like.negated || like.case_insensitive || like.escape_char.is_some() {
        return None;
    }
    let (operand, kind) = operand_of(view, &like.expr)?;
    let Expr::Literal(pattern, _) = like.pattern.as_ref() else { return None };
    let Literal::Text(pattern) = literal(kind, pattern)? else { return None };
    let text = pattern.strip_suffix('%')?;
    if text.is_empty() || text.contains(['%', '_', '\\']) {
        return None;
    }
    Some(Pushed { predicate: Predicate::Test(operand, Test::Prefix(text.to_owned())), exact: true })
}

fn null_test(view: &'static View, operand: &Expr, test: Test) -> Option<Pushed> {
    let (operand, _) = operand_of(view, operand)?;
    Some(Pushed { predicate: Predicate::Test(operand, test), exact: true })
}

/// A plain column or an attribute, with the kind its values have.
pub(crate) fn operand_of(view: &'static View, expr: &Expr) -> Option<(Operand, Kind)> {
    let named = |expr: &Expr| -> Option<&'static Column> {
        let Expr::Column(wanted) = expr else { return None };
        view.columns.iter().find(|column| column.name == wanted.name && !column.kind.is_aggregate())
    };
    match expr {
        Expr::Column(_) => {
            let column = named(expr)?;
            Some((Operand::Column(column), column.kind))
        }
        Expr::ScalarFunction(call) if call.func.name() == ATTR => {
            let [map, Expr::Literal(key, _)] = call.args.as_slice() else { return None };
            let column = named(map).filter(|column| column.kind == Kind::Map)?;
            // What is not shown must not be asked about either.
            let key = text(key).filter(|key| !PERSONAL_KEYS.contains(&key.as_str()))?;
            Some((Operand::Attribute(column, key), Kind::TextOrNull))
        }
        _ => None,
    }
}

fn compare(op: Operator) -> Option<Compare> {
    Some(match op {
        Operator::Eq => Compare::Eq,
        Operator::NotEq => Compare::NotEq,
        Operator::Lt => Compare::Less,
        Operator::LtEq => Compare::LessEq,
        Operator::Gt => Compare::Greater,
        Operator::GtEq => Compare::GreaterEq,
        _ => return None,
    })
}

fn text(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::LargeUtf8(Some(text))
        | ScalarValue::Utf8View(Some(text)) => Some(text.clone()),
        _ => None,
    }
}

/// The value, if it is of the very type of the column.
fn literal(kind: Kind, value: &ScalarValue) -> Option<Literal> {
    match kind {
        Kind::Text
        | Kind::TextOrNull
        | Kind::Words
        | Kind::WordsOrNull
        | Kind::Hex(_)
        | Kind::HexOrNull(_) => text(value).map(Literal::Text),
        Kind::Time | Kind::CoarseTime | Kind::TimeOrNull => match value {
            ScalarValue::TimestampNanosecond(Some(nanos), Some(_)) => Some(Literal::Time(*nanos)),
            _ => None,
        },
        Kind::Int | Kind::IntOrNull | Kind::Unsigned => match value {
            ScalarValue::Int64(Some(value)) => Some(Literal::Int(*value)),
            ScalarValue::UInt64(Some(value)) => Some(Literal::UInt(*value)),
            _ => None,
        },
        Kind::Float | Kind::FloatOrNull => match value {
            ScalarValue::Float64(Some(value)) => Some(Literal::Float(*value)),
            _ => None,
        },
        Kind::Bool => match value {
            ScalarValue::Boolean(Some(value)) => Some(Literal::Bool(*value)),
            _ => None,
        },
        Kind::Decimal => match value {
            ScalarValue::Decimal128(Some(value), _, scale) if (0..=DECIMAL.1).contains(scale) => {
                let scale = u32::from(scale.unsigned_abs());
                Decimal::try_from_i128_with_scale(*value, scale).ok().map(Literal::Decimal)
            }
            _ => None,
        },
        Kind::Map
        | Kind::Json
        | Kind::Sum
        | Kind::Max
        | Kind::Earliest
        | Kind::Latest
        | Kind::Errors
        | Kind::Quantile(_) => None,
    }
}
