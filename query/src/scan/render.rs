//! The one private place where a [`ScanQuery`] becomes text.
//!
//! Columns are written `t.`name``: qualified, because in ClickHouse an output
//! alias would otherwise win over a column of the same name, also inside WHERE.

use headroom_store::literal::{self, ident};
use headroom_store::schema::{BUCKET_SQL, words_of};

use super::ScanQuery;
use super::expr::{Aggregate, Expr, Function};
use super::filter::{Compare, Filter, Literal};

/// A word that has a digit in it.
const WORD_WITH_DIGIT: &str = "[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*";
/// Of a second.
const NANOSECONDS: i64 = 1_000_000_000;
/// Digits after the point of every stored amount, price and quantity.
const DECIMAL_SCALE: u8 = 12;

pub(super) fn select(query: &ScanQuery, table: &str) -> String {
    let keys = query.keys.iter().map(|key| format!("{} AS {}", expr(&key.expr), ident(&key.alias)));
    let aggregates =
        query.aggregates.iter().map(|agg| format!("{} AS {}", aggregate(agg), ident(&agg.alias)));
    let mut output: Vec<String> = keys.chain(aggregates).collect();
    if output.is_empty() {
        output.push("1 AS `one`".to_owned());
    }
    let mut sql = format!("SELECT {} FROM {table} AS t WHERE {}", output.join(", "), condition(query));
    if query.grouped && !query.keys.is_empty() {
        sql += &format!(" GROUP BY {}", list(query.keys.iter().map(|key| group(&key.expr))));
    }
    if !query.order.is_empty() {
        let terms = query.order.iter().map(|order| {
            let direction = if order.descending { " DESC" } else { " ASC" };
            format!("{}{direction}", order_target(query, &order.alias))
        });
        sql += &format!(" ORDER BY {}", list(terms));
    }
    if !query.limit_by.is_empty() {
        sql += &format!(" LIMIT 1 BY {}", list(query.limit_by.iter().map(|column| col(column))));
    }
    if let Some(limit) = query.limit {
        sql += &format!(" LIMIT {limit}");
    }
    // Pinned: that sums of nothing are 0 must not hang on a server's profile.
    sql + " SETTINGS aggregate_functions_null_for_empty = 0"
}

fn condition(query: &ScanQuery) -> String {
    let tenant = format!("{} = {}", col("tenant"), literal::string(&query.tenant));
    let others = query.filters.iter().map(filter);
    std::iter::once(tenant).chain(others).collect::<Vec<_>>().join(" AND ")
}

/// The expression behind an alias, so that ordering never depends on name resolution.
fn order_target(query: &ScanQuery, alias: &str) -> String {
    let key = query.keys.iter().find(|key| key.alias == alias).map(|key| expr(&key.expr));
    let found = key.or_else(|| {
        let agg = query.aggregates.iter().find(|agg| agg.alias == alias)?;
        Some(aggregate(agg))
    });
    found.unwrap_or_else(|| col(alias))
}

fn aggregate(agg: &Aggregate) -> String {
    let (function, mut arguments) = match &agg.function {
        Function::Count => ("count", Vec::new()),
        Function::CountDistinct(value) => ("uniqExact", vec![expr(value)]),
        Function::Sum(value) => ("sum", vec![expr(value)]),
        Function::Min(value) => ("min", vec![expr(value)]),
        Function::Max(value) => ("max", vec![expr(value)]),
        Function::Avg(value) => ("avg", vec![expr(value)]),
        Function::ArgMax(value, by) => ("argMax", vec![expr(value), expr(by)]),
        Function::ArgMin(value, by) => ("argMin", vec![expr(value), expr(by)]),
        Function::Distinct(value, _) => ("groupUniqArray", vec![expr(value)]),
        Function::Any(value) => ("any", vec![expr(value)]),
        Function::SumEach(value) => ("sumForEach", vec![expr(value)]),
    };
    let suffix = if agg.only.is_some() { "If" } else { "" };
    arguments.extend(agg.only.as_ref().map(filter));
    let parameter = match &agg.function {
        Function::Distinct(_, most) => format!("({most})"),
        _ => String::new(),
    };
    format!("{function}{suffix}{parameter}({})", arguments.join(", "))
}

fn expr(value: &Expr) -> String {
    match value {
        Expr::Column(column) => col(column),
        Expr::MapValue { column, key } => format!("{}[{}]", col(column), literal::string(key)),
        Expr::MapNumber { column, key } => {
            format!("toFloat64OrNull({}[{}])", col(column), literal::string(key))
        }
        Expr::Float(column) => format!("toFloat64({})", col(column)),
        Expr::Hash(columns) => format!("cityHash64({})", list(columns.iter().map(|column| col(column)))),
        Expr::Bucket { step_ns, .. } => {
            format!("fromUnixTimestamp64Nano({} * {}, 'UTC')", group(value), (*step_ns).max(1))
        }
        Expr::Nanos(column) => format!("toDateTime64({}, 9, 'UTC')", col(column)),
        Expr::Hex(column) => format!("lower(hex({}))", col(column)),
        Expr::HexArray(column) => format!("arrayMap(id -> lower(hex(id)), {})", col(column)),
        Expr::Text(column) => format!("toString({})", col(column)),
        Expr::Is(condition) => format!("toUInt8({})", filter(condition)),
        Expr::LatencyBucket(column) => BUCKET_SQL.replace("duration_ns", &col(column)),
        Expr::Pairs { column, without } => {
            let keys = literal::tuple(without.iter().map(|key| literal::string(key)));
            let kept = if without.is_empty() {
                col(column)
            } else {
                format!("mapFilter((k, v) -> k NOT IN {keys}, {})", col(column))
            };
            format!("arrayJoin(CAST({kept}, 'Array(Tuple(String, String))'))")
        }
        Expr::First(texts) if texts.is_empty() => literal::string(""),
        Expr::First(texts) => {
            let texts = list(texts.iter().map(|text| format!("toString({})", expr(text))));
            format!("arrayFirst(text -> text != '', [{texts}])")
        }
        Expr::EventValue { event, key } => format!(
            "{}[indexOf({}, {})][{}]",
            col("events_attributes"),
            col("events_name"),
            literal::string(event),
            literal::string(key)
        ),
        Expr::WithoutNumbers(text) => {
            format!("replaceRegexpAll({}, {}, '#')", expr(text), literal::string(WORD_WITH_DIGIT))
        }
        Expr::Where { condition, value } => {
            let value = expr(value);
            format!("if({}, {value}, defaultValueOfArgumentType({value}))", filter(condition))
        }
        Expr::Length(column) => format!("length({})", col(column)),
    }
}

/// What rows are grouped by: an id itself rather than its text, which is twice as long, and the number of a time's
/// bucket, of whole seconds where they are enough.
fn group(value: &Expr) -> String {
    match value {
        Expr::Hex(column) => col(column),
        Expr::Bucket { column, step_ns } if step_ns % NANOSECONDS == 0 && *step_ns > 0 => {
            format!("intDiv(toInt64({}), {})", col(column), step_ns / NANOSECONDS)
        }
        Expr::Bucket { column, step_ns } => {
            format!("intDiv(toUnixTimestamp64Nano({}), {})", col(column), (*step_ns).max(1))
        }
        _ => expr(value),
    }
}

fn filter(value: &Filter) -> String {
    match value {
        Filter::Compare(column, op, right) => format!("{} {} {}", col(column), operator(*op), text(right)),
        Filter::Value(left, op, right) => format!("{} {} {}", expr(left), operator(*op), text(right)),
        Filter::MapCompare(column, key, op, right) => {
            format!("{}[{}] {} {}", col(column), literal::string(key), operator(*op), text(right))
        }
        Filter::In(_, values) if values.is_empty() => "false".to_owned(),
        Filter::In(column, values) => format!("{} IN ({})", col(column), list(values.iter().map(text))),
        Filter::TupleIn(_, tuples) if tuples.is_empty() => "false".to_owned(),
        Filter::TupleIn(columns, tuples) => {
            let tuples = tuples.iter().map(|values| format!("({})", list(values.iter().map(in_list))));
            format!("({}) IN ({})", list(columns.iter().map(|column| col(column))), list(tuples))
        }
        Filter::Prefix(column, prefix) => format!("startsWith({}, {})", col(column), literal::string(prefix)),
        Filter::Contains(column, part) => {
            format!("positionCaseInsensitiveUTF8({}, {}) > 0", col(column), literal::string(part))
        }
        Filter::Word(column, word) => {
            format!("hasToken({}, {})", words_of(&col(column)), literal::string(word))
        }
        Filter::OneIn(column, n) => {
            format!("cityHash64({}) % {} = 0", col(column), literal::uint((*n).max(1)))
        }
        Filter::Has(column, value) => format!("has({}, {})", col(column), text(value)),
        Filter::Part(column, first, of) => {
            format!(
                "cityHash64({}) % {} < {}",
                col(column),
                literal::uint((*of).max(1)),
                literal::uint(*first)
            )
        }
        Filter::IsNull(column) => format!("{} IS NULL", col(column)),
        Filter::IsNotNull(column) => format!("{} IS NOT NULL", col(column)),
        Filter::And(all) if all.is_empty() => "true".to_owned(),
        Filter::And(all) => format!("({})", all.iter().map(filter).collect::<Vec<_>>().join(" AND ")),
        Filter::Or(any) if any.is_empty() => "false".to_owned(),
        Filter::Or(any) => format!("({})", any.iter().map(filter).collect::<Vec<_>>().join(" OR ")),
        Filter::Not(one) => format!("(NOT {})", filter(one)),
    }
}

fn operator(op: Compare) -> &'static str {
    match op {
        Compare::Eq => "=",
        Compare::NotEq => "!=",
        Compare::Less => "<",
        Compare::LessEq => "<=",
        Compare::Greater => ">",
        Compare::GreaterEq => ">=",
    }
}

fn text(value: &Literal) -> String {
    match value {
        Literal::Text(text) => literal::string(text),
        Literal::Int(number) => literal::int(*number),
        Literal::UInt(number) => literal::uint(*number),
        Literal::Float(number) => literal::float(*number),
        Literal::Bool(truth) => literal::boolean(*truth).to_owned(),
        Literal::Time(instant) => literal::ts(*instant),
        Literal::Decimal(number) => literal::decimal(*number, DECIMAL_SCALE),
        Literal::Bytes(bytes) => literal::bytes(bytes),
    }
}

/// A value of a list that may be long.
fn in_list(value: &Literal) -> String {
    match value {
        Literal::Time(instant) => literal::ts_in_list(*instant),
        other => text(other),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn col(column: &str) -> String {
    format!("t.{}", ident(column))
}
