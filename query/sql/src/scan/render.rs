//! The one private place where a [`Scan`] becomes text. Values are rendered by
//! [`headroom_store::literal`], names come from the catalog; nothing a person wrote gets
//! here as text.
//!
//! Output columns are called `c0`, `c1` ..: in ClickHouse an alias wins over a column of
//! the same name, in WHERE too.

use std::collections::BTreeSet;

use headroom_store::literal::{self, ident};
use headroom_store::schema::PERSONAL_KEYS;

use super::predicate::{Compare, Literal, Operand, Predicate, Test};
use super::{Order, Output, Scan, words};
use crate::catalog::{Branch, Column, DECIMAL, Kind};

pub(super) fn select(scan: &Scan, tenant: &str, table: &dyn Fn(&str) -> String) -> String {
    let branches: Vec<String> =
        scan.view.branches.iter().map(|one| branch(scan, one, tenant, table)).collect();
    let mut rows = branches.join(" UNION ALL ");
    if !scan.order.is_empty() || (scan.limit.is_some() && branches.len() > 1) {
        rows = format!("SELECT * FROM ({rows}) AS u");
    }
    if !scan.order.is_empty() {
        let by: Vec<String> = scan.order.iter().map(order).collect();
        rows += &format!(" ORDER BY {}", by.join(", "));
    }
    if let Some(limit) = scan.limit {
        rows += &format!(" LIMIT {limit}");
    }
    rows
}

/// A read of each table, without what makes one row of those that are the same.
pub(super) fn probes(scan: &Scan, tenant: &str, table: &dyn Fn(&str) -> String) -> Vec<String> {
    let read = |branch: &Branch| {
        format!("SELECT t.`tenant` FROM {}", filtered(scan, branch, tenant, table, &|_| true))
    };
    scan.view.branches.iter().map(read).collect()
}

fn order(by: &Order) -> String {
    let direction = if by.descending { "DESC" } else { "ASC" };
    let nulls = if by.nulls_first { "FIRST" } else { "LAST" };
    format!("u.c{} {direction} NULLS {nulls}", by.output)
}

fn output(scan: &Scan, branch: &Branch, output: &Output) -> String {
    match output {
        Output::Column(column) if scan.apart && column.kind.is_aggregate() => apart(branch, column),
        Output::Column(column) => value(branch, column),
        Output::Attribute(column, key) => attribute(branch, column, key),
        Output::Holds(predicate) => format!("toUInt8(ifNull({}, 0))", condition(branch, predicate)),
    }
}

/// What a row of the table adds to a figure of its group.
fn apart(branch: &Branch, column: &Column) -> String {
    let raw = raw(branch, column);
    if column.kind == Kind::Errors { format!("if({FAILED}, {raw}, 0)") } else { raw }
}

/// A value of a map; NULL where it is missing.
fn attribute(branch: &Branch, column: &Column, key: &str) -> String {
    let (map, key) = (raw(branch, column), literal::string(key));
    format!("if(mapContains({map}, {key}), {map}[{key}], NULL)")
}

fn branch(scan: &Scan, branch: &Branch, tenant: &str, table: &dyn Fn(&str) -> String) -> String {
    let outputs: Vec<String> = scan
        .outputs
        .iter()
        .enumerate()
        .map(|(n, one)| format!("{} AS c{n}", output(scan, branch, one)))
        .collect();
    let output = if outputs.is_empty() { "1 AS c0".to_owned() } else { outputs.join(", ") };
    let read = |which: &dyn Fn(&Predicate) -> bool| filtered(scan, branch, tenant, table, which);
    if scan.predicates.iter().all(|one| one.is_judged_at_once(scan.view)) {
        return format!("SELECT {output} FROM {}{}", read(&|_| true), once(scan, branch));
    }
    // Which of the rows that were sent twice is seen must not depend on the other conditions: they are judged after
    // one of them was taken. Before, they find the keys that may matter, so that few rows are told apart.
    let shown = scan.outputs.iter().flat_map(Output::columns);
    let judged = later(scan).flat_map(Predicate::columns);
    let names: BTreeSet<&str> = shown.chain(judged).map(|column| column.from).collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("t.{0} AS {0}", ident(name))).collect();
    let later: Vec<String> = later(scan).map(|one| condition(branch, one)).collect();
    let key = scan.view.once_by.first().map_or_else(String::new, |key| format!("t.{}", ident(key)));
    format!(
        "SELECT {output} FROM (SELECT {} FROM {} AND {key} IN (SELECT {key} FROM {}){}) AS t WHERE {}",
        names.join(", "),
        read(&|one| one.is_judged_at_once(scan.view)),
        read(&|_| true),
        once(scan, branch),
        later.join(" AND ")
    )
}

fn later(scan: &Scan) -> impl Iterator<Item = &Predicate> {
    scan.predicates.iter().filter(|one| !one.is_judged_at_once(scan.view))
}

/// One table's rows of the tenant for which some of the conditions hold.
fn filtered(
    scan: &Scan,
    branch: &Branch,
    tenant: &str,
    table: &dyn Fn(&str) -> String,
    which: &dyn Fn(&Predicate) -> bool,
) -> String {
    let newest = if branch.newest { " FINAL" } else { "" };
    let mut sql =
        format!("{} AS t{newest} WHERE t.`tenant` = {}", table(branch.table), literal::string(tenant));
    if let Some(only) = branch.only {
        sql += &format!(" AND {only}");
    }
    for one in scan.predicates.iter().filter(|one| which(one)) {
        sql += &format!(" AND {}", condition(branch, one));
    }
    sql
}

/// What makes one row of those that are the same.
fn once(scan: &Scan, branch: &Branch) -> String {
    let mut sql = String::new();
    if scan.view.is_grouped() && !scan.apart {
        let keys = scan.view.columns.iter().filter(|column| !column.kind.is_aggregate());
        let keys: Vec<String> = keys.map(|column| raw(branch, column)).collect();
        sql += &format!(" GROUP BY {}", keys.join(", "));
    }
    if !scan.view.once_by.is_empty() {
        let names: Vec<String> = scan.view.once_by.iter().map(|name| format!("t.{}", ident(name))).collect();
        sql += &format!(" LIMIT 1 BY {}", names.join(", "));
    }
    sql
}

/// The table's own column, or the constant that stands for it.
fn raw(branch: &Branch, column: &Column) -> String {
    match branch.constants.iter().find(|(name, _)| *name == column.name) {
        Some((_, constant)) => (*constant).to_owned(),
        None => format!("t.{}", ident(column.from)),
    }
}

/// The column as the view shows it.
fn value(branch: &Branch, column: &Column) -> String {
    let raw = raw(branch, column);
    match column.kind {
        Kind::Text | Kind::Time | Kind::Bool | Kind::Decimal | Kind::Unsigned => raw,
        Kind::TextOrNull => format!("nullIf({raw}, '')"),
        Kind::Words => words::masked(&raw),
        Kind::WordsOrNull => format!("nullIf({}, '')", words::masked(&raw)),
        Kind::Hex(_) => format!("lower(hex({raw}))"),
        Kind::HexOrNull(bytes) => format!("nullIf(lower(hex({raw})), '{}')", "0".repeat(bytes * 2)),
        Kind::CoarseTime | Kind::TimeOrNull => format!("toDateTime64({raw}, 9, 'UTC')"),
        Kind::Int | Kind::IntOrNull => format!("CAST({raw}, '{}')", int_type(column.kind)),
        Kind::Float | Kind::FloatOrNull => format!("toFloat64({raw})"),
        // Personal data is not for SQL: its keys are left out.
        Kind::Map => format!("toJSONString(mapFilter((k, v) -> k NOT IN {}, {raw}))", personal_keys()),
        Kind::Json => format!("toJSONString({raw})"),
        // ClickHouse's own sum of a UInt64 wraps around; this one fails.
        Kind::Sum => format!("accurateCast(sum(toUInt128({raw})), 'UInt64')"),
        Kind::Earliest => format!("min({raw})"),
        Kind::Max | Kind::Latest => format!("max({raw})"),
        Kind::Errors => format!("accurateCast(sum(toUInt128({})), 'UInt64')", apart(branch, column)),
        Kind::Quantile(permille) => quantile(&raw, permille),
    }
}

/// Of rows that have a status, those of spans that failed.
const FAILED: &str = "t.`status` = 'error'";

/// A quantile as [`headroom_query::latency::Buckets`] tells it: in the first bucket that reaches the rank, as far into it
/// as the rank lies. `sumMap` leaves out buckets without spans; NULL where there are no others.
fn quantile(spans: &str, permille: u16) -> String {
    let q = literal::float(f64::from(permille) / 1000.0);
    let into = format!("least(1, greatest(0, 1 - (upto[at] - {q} * upto[-1]) / m.2[at]))");
    let read = format!("exp2((m.1[at] + {into}) / 16)");
    let found =
        format!("arrayMap(at -> {read}, [arrayFirstIndex(reached -> reached >= {q} * upto[-1], upto)])[1]");
    let summed = format!("[sumMap([t.`b`], [toFloat64({spans})])]");
    format!(
        "arrayMap(m -> if(empty(m.1), NULL, arrayMap(upto -> {found}, [arrayCumSum(m.2)])[1]), {summed})[1]"
    )
}

fn personal_keys() -> String {
    literal::tuple(PERSONAL_KEYS.iter().map(|key| literal::string(key)))
}

fn int_type(kind: Kind) -> &'static str {
    if kind == Kind::IntOrNull { "Nullable(Int64)" } else { "Int64" }
}

fn condition(branch: &Branch, predicate: &Predicate) -> String {
    let joined = |parts: &[Predicate], with: &str| {
        let texts: Vec<String> = parts.iter().map(|part| condition(branch, part)).collect();
        format!("({})", texts.join(with))
    };
    match predicate {
        Predicate::And(parts) => joined(parts, " AND "),
        Predicate::Or(parts) => joined(parts, " OR "),
        Predicate::Test(Operand::Column(column), test) => column_test(branch, column, test),
        Predicate::Test(Operand::Attribute(column, key), test) => attribute_test(branch, column, key, test),
    }
}

fn column_test(branch: &Branch, column: &Column, test: &Test) -> String {
    let raw = raw(branch, column);
    match (column.kind, test) {
        (_, Test::IsNull) => format!("{} IS NULL", value(branch, column)),
        (_, Test::IsNotNull) => format!("{} IS NOT NULL", value(branch, column)),
        // Ids are compared as bytes where that is the same, so that indexes are used.
        (Kind::Hex(bytes) | Kind::HexOrNull(bytes), Test::Compare(Compare::Eq, Literal::Text(text))) => {
            match id(column.kind, bytes, text) {
                Some(id) => format!("{raw} = {id}"),
                None => format!("{} = {}", value(branch, column), literal::string(text)),
            }
        }
        (Kind::Hex(bytes) | Kind::HexOrNull(bytes), Test::In(literals)) => {
            let ids: Option<Vec<String>> = literals
                .iter()
                .map(|one| if let Literal::Text(text) = one { id(column.kind, bytes, text) } else { None })
                .collect();
            match ids {
                Some(ids) => format!("{raw} IN {}", literal::tuple(ids)),
                None => plain(&value(branch, column), test),
            }
        }
        (Kind::Hex(_) | Kind::HexOrNull(_) | Kind::Words | Kind::WordsOrNull, _) => {
            plain(&value(branch, column), test)
        }
        (Kind::CoarseTime, _) => coarse_time(&raw, &value(branch, column), test),
        (Kind::TextOrNull, _) if !skips_empty(test) => plain(&value(branch, column), test),
        (Kind::Float | Kind::FloatOrNull, Test::Compare(..)) => {
            let float = value(branch, column);
            format!("({} OR isNaN({float}))", plain(&float, test))
        }
        _ => plain(&raw, test),
    }
}

/// ClickHouse rounds a list of times to the column's precision, and makes a list of several equalities. So equal
/// is judged of the precise time; the bounds are there for the index.
fn coarse_time(raw: &str, precise: &str, test: &Test) -> String {
    let nanos = |one: &Literal| if let Literal::Time(nanos) = one { Some(*nanos) } else { None };
    let times: Vec<i64> = match test {
        Test::Compare(Compare::Eq, one) => nanos(one).into_iter().collect(),
        Test::In(literals) => literals.iter().filter_map(nanos).collect(),
        Test::Compare(Compare::NotEq, _) => Vec::new(),
        _ => return plain(raw, test),
    };
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
        return plain(precise, test);
    };
    let (first, last) = (literal::ts_nanos(*first), literal::ts_nanos(*last));
    format!("({raw} >= {first} AND {raw} <= {last} AND {})", plain(precise, test))
}

fn attribute_test(branch: &Branch, column: &Column, key: &str, test: &Test) -> String {
    let (map, quoted) = (raw(branch, column), literal::string(key));
    match test {
        Test::IsNull => format!("NOT mapContains({map}, {quoted})"),
        Test::IsNotNull => format!("mapContains({map}, {quoted})"),
        _ if skips_empty(test) => plain(&format!("{map}[{quoted}]"), test),
        _ => plain(&attribute(branch, column, key), test),
    }
}

/// Whether '' fails the test, so that '' and NULL need not be told apart.
fn skips_empty(test: &Test) -> bool {
    let fails = |one: &Literal| !matches!(one, Literal::Text(text) if text.is_empty());
    match test {
        Test::Compare(Compare::Eq, one) => fails(one),
        Test::In(literals) => literals.iter().all(fails),
        Test::Prefix(_) => true,
        _ => false,
    }
}

fn plain(subject: &str, test: &Test) -> String {
    match test {
        Test::Compare(op, one) => format!("{subject} {} {}", op.sql(), text(one)),
        Test::In(literals) => format!("{subject} IN {}", literal::tuple(literals.iter().map(text))),
        Test::Prefix(prefix) => format!("startsWith({subject}, {})", literal::string(prefix)),
        Test::IsNull => format!("{subject} IS NULL"),
        Test::IsNotNull => format!("{subject} IS NOT NULL"),
    }
}

/// The bytes of an id written as the view writes it: all digits, lower case, and not the
/// zeros that stand for NULL.
fn id(kind: Kind, bytes: usize, text: &str) -> Option<String> {
    let written = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let null = matches!(kind, Kind::HexOrNull(_)) && text.chars().all(|c| c == '0');
    if null || !text.chars().all(written) { None } else { literal::hex_id(text, bytes) }
}

fn text(one: &Literal) -> String {
    match one {
        Literal::Text(text) => literal::string(text),
        Literal::Int(value) => literal::int(*value),
        Literal::UInt(value) => literal::uint(*value),
        Literal::Float(value) => literal::float(*value),
        Literal::Time(nanos) => literal::ts_nanos(*nanos),
        Literal::Decimal(value) => literal::decimal(*value, DECIMAL.1.unsigned_abs()),
        Literal::Bool(value) => literal::boolean(*value).to_owned(),
    }
}
