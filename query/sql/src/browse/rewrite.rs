//! What the library leaves as it is, and DataFusion does not take.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, ArrayElemTypeDef, BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, ObjectName, Query,
    SelectItem, SetExpr, Statement, TableFactor, Value, VisitMut as _, VisitorMut,
};

/// Columns of `pg_type` and `pg_proc` that hold the name of a function; where there is none, `-`. To clients they are
/// numbers too, 0 where there is none.
const FUNCTIONS: &str = "\
    prosupport typanalyze typinput typmodin typmodout typoutput typreceive typsend typsubscript";

/// Aggregates that clients call in subqueries.
const AGGREGATES: [&str; 8] =
    ["array_agg", "bool_and", "bool_or", "count", "max", "min", "string_agg", "sum"];

/// Tables that tell nothing of a view or its columns: they have no defaults, keys, sequences, rules or collations.
const NOTHING_IN: [&str; 8] = [
    "pg_attrdef",
    "pg_collation",
    "pg_constraint",
    "pg_index",
    "pg_inherits",
    "pg_policy",
    "pg_sequence",
    "pg_trigger",
];

/// The statement in words that DataFusion takes.
pub(super) fn rewrite(statement: &mut Statement) {
    let ControlFlow::Continue(()) = statement.visit(&mut Rewrite);
}

struct Rewrite;

impl VisitorMut for Rewrite {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        match expr {
            Expr::Function(call) => {
                if let Some(other) = instead_of(call) {
                    *expr = other;
                }
            }
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
                if let Some(escape) = escape_char.take() {
                    **pattern = called("replace", [(**pattern).clone(), Expr::Value(escape), text("\\")]);
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right }
                if names_a_function(left) =>
            {
                name_of_function(right);
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if names_a_function(right) => {
                name_of_function(left);
            }
            // A field of what `_pg_expandarray` gives.
            Expr::CompoundFieldAccess { root, access_chain }
                if matches!(**root, Expr::Nested(_)) && matches!(access_chain[..], [AccessExpr::Dot(_)]) =>
            {
                *expr = cast(Expr::value(Value::Null), "INT");
            }
            // The name of a relation that is put together: one that is written out is a number by now.
            Expr::Cast { expr: name, data_type, .. }
                if is_regclass(data_type)
                    && matches!(
                        **name,
                        Expr::Function(_) | Expr::BinaryOp { op: BinaryOperator::StringConcat, .. }
                    ) =>
            {
                *expr = called("to_regclass", [(**name).clone()]);
            }
            Expr::Subquery(query) if asks_nothing(query) => *expr = cast(Expr::value(Value::Null), "TEXT"),
            Expr::Subquery(query) => one_row(query),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// What a column of functions is compared with, as a name: 0 is none, `pg_proc.oid` is its number, and `'x'::regproc`
/// has become a subquery for it.
fn name_of_function(compared: &mut Expr) {
    match compared {
        Expr::Value(value) if matches!(&value.value, Value::Number(digits, _) if digits == "0") => {
            value.value = Value::SingleQuotedString("-".to_owned());
        }
        Expr::CompoundIdentifier(parts) => {
            if let Some(name) = parts.last_mut().filter(|name| name.value == "oid") {
                *name = Ident::new("proname");
            }
        }
        Expr::Subquery(query) => {
            if let SetExpr::Select(select) = query.body.as_mut()
                && let [SelectItem::UnnamedExpr(item)] = select.projection.as_mut_slice()
                && item.to_string().ends_with("(oid)")
            {
                *item = called("max", [Expr::Identifier(Ident::new("proname"))]);
            }
        }
        _ => {}
    }
}

/// Whether a subquery for one value asks for what there is none of.
fn asks_nothing(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    select.from.iter().flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))).any(
        |table| matches!(table, TableFactor::Table { name, .. } if NOTHING_IN.contains(&last(name).as_str())),
    )
}

/// A subquery for one value, as an aggregate: correlated ones are taken in no other form.
fn one_row(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
        select.projection.as_mut_slice()
    else {
        return;
    };
    let aggregate = matches!(&*item, Expr::Function(call) if AGGREGATES.contains(&last(&call.name).as_str()));
    if grouped || aggregate || select.from.is_empty() {
        return;
    }
    *item = called("max", [item.clone()]);
    query.limit_clause = None;
    query.order_by = None;
}

/// What stands for a call that DataFusion does not know.
fn instead_of(call: &mut Function) -> Option<Expr> {
    let name = call.name.to_string().to_ascii_lowercase();
    if name == "array" && matches!(call.args, FunctionArguments::Subquery(_)) {
        // An array of rows: of roles, options or policies, of which there are none.
        return Some(cast(Expr::value(Value::Null), "TEXT[]"));
    }
    let FunctionArguments::List(list) = &mut call.args else { return None };
    match (name.trim_start_matches("pg_catalog."), list.args.as_mut_slice()) {
        // Of sequences and keys, of which there are none: a value of the right type will do.
        ("json_build_object" | "_pg_expandarray", _) => Some(cast(Expr::value(Value::Null), "TEXT")),
        ("generate_subscripts", [FunctionArg::Unnamed(FunctionArgExpr::Expr(array)), ..]) => {
            Some(cast(called("cardinality", [array.clone()]), "INT"))
        }
        // `= ANY($1)`: an array that comes as a parameter is text, `{a,b}`.
        ("array_contains", [FunctionArg::Unnamed(FunctionArgExpr::Expr(array)), _]) => {
            if matches!(&*array, Expr::Value(value) if matches!(value.value, Value::Placeholder(_))) {
                let inner = called("btrim", [cast(array.clone(), "TEXT"), text("{}")]);
                *array = called("string_to_array", [inner, text(",")]);
            }
            None
        }
        _ => None,
    }
}

fn is_regclass(kind: &DataType) -> bool {
    let kind = kind.to_string().to_ascii_lowercase();
    kind.trim_start_matches("pg_catalog.") == "regclass"
}

fn last(name: &ObjectName) -> String {
    name.0.last().map(ToString::to_string).unwrap_or_default().to_ascii_lowercase()
}

fn text(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.to_owned()))
}

fn cast(expr: Expr, to: &str) -> Expr {
    let data_type = match to {
        "TEXT[]" => DataType::Array(ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None)),
        "INT" => DataType::Int(None),
        _ => DataType::Text,
    };
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

fn called<const N: usize>(name: &str, args: [Expr; N]) -> Expr {
    let args = args.map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).to_vec();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn names_a_function(expr: &Expr) -> bool {
    let name = match expr {
        Expr::Identifier(name) => name,
        Expr::CompoundIdentifier(parts) => match parts.last() {
            Some(name) => name,
            None => return false,
        },
        _ => return false,
    };
    FUNCTIONS.split_whitespace().any(|one| one == name.value)
}
