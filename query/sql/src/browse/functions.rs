//! The functions that clients ask the catalog with.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array as _, AsArray as _, Int32Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use datafusion_pg_catalog::pg_catalog as library;
use library::generate_series_arg_coercion::CoerceIntArgsToBigInt;
use library::has_privilege_udf::create_has_privilege_udf;

use super::catalog;
use crate::session::CATALOG;

/// What statements about the catalog may call beside what all may.
pub(super) const OFFERED: &str = "\
    array_append array_cat array_concat array_contains array_lower array_remove array_to_string array_upper col_description current_schemas current_setting \
    format format_type has_any_column_privilege has_column_privilege has_database_privilege \
    has_function_privilege has_schema_privilege has_sequence_privilege has_table_privilege \
    inet_client_addr inet_server_addr obj_description parse_ident pg_backend_pid pg_client_encoding \
    pg_database_size pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr \
    pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_indexdef \
    pg_get_partition_ancestors pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence \
    pg_get_statisticsobjdef_columns pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role \
    pg_is_in_recovery pg_is_other_temp_schema pg_my_temp_schema pg_opclass_is_visible \
    pg_relation_is_publishable pg_relation_size pg_size_pretty pg_stat_get_numscans pg_table_is_visible \
    pg_table_size pg_tablespace_location pg_total_relation_size pg_type_is_visible quote_ident set_config \
    shobj_description to_regclass to_regtype";

pub(super) fn register(context: &SessionContext) {
    for function in [
        library::create_current_schemas_udf(),
        library::create_pg_table_is_visible(),
        library::create_pg_get_partkeydef_udf(),
        library::create_pg_relation_is_publishable_udf(),
        library::create_pg_get_statisticsobjdef_columns_udf(),
        library::create_pg_encoding_to_char_udf(),
        library::create_pg_backend_pid_udf(),
        library::create_pg_relation_size_udf(),
        library::create_pg_total_relation_size_udf(),
        library::create_pg_stat_get_numscans(),
        library::create_pg_get_constraintdef(),
        library::create_pg_get_partition_ancestors_udf(),
        library::format_type::create_format_type_udf(),
        library::pg_get_expr_udf::create_pg_get_expr_udf(),
        library::quote_ident_udf::create_quote_ident_udf(),
        library::quote_ident_udf::create_parse_ident_udf(),
        library::array_bounds_udf::create_array_upper_udf(),
        library::array_bounds_udf::create_array_lower_udf(),
    ] {
        context.register_udf(function);
    }
    for name in
        ["has_any_column_privilege", "has_database_privilege", "has_schema_privilege", "has_table_privilege"]
    {
        context.register_udf(create_has_privilege_udf(name));
    }
    for (name, answer) in always() {
        context.register_udf(ScalarUDF::from(Asked::new(name, Answer::Always(answer))));
    }
    context.register_udf(ScalarUDF::from(Asked::new("obj_description", Answer::OfView)));
    context.register_udf(ScalarUDF::from(Asked::new("col_description", Answer::OfColumn)));
    context.register_udf(ScalarUDF::from(Asked::new("to_regclass", Answer::NumberOfView)));
    context.register_udf(ScalarUDF::from(Asked::new("current_setting", Answer::Setting)));
    context.register_udf(ScalarUDF::from(Asked::new("set_config", Answer::Second)));
    context.register_udf(ScalarUDF::from(Asked::new("format", Answer::Format)));
    CoerceIntArgsToBigInt::widen(context);
}

/// What is the same whatever is asked: there are no indexes, views, triggers or functions to tell of, everybody may
/// read, and sizes are not known here.
fn always() -> Vec<(&'static str, ScalarValue)> {
    let yes = ScalarValue::Boolean(Some(true));
    let no = ScalarValue::Boolean(Some(false));
    let nothing = ScalarValue::Utf8(None);
    let text = |text: &str| ScalarValue::Utf8(Some(text.to_owned()));
    let mut all = vec![
        ("pg_get_userbyid", text(CATALOG)),
        ("pg_client_encoding", text("UTF8")),
        ("pg_is_in_recovery", no.clone()),
        ("pg_is_other_temp_schema", no),
        ("to_regtype", ScalarValue::Int32(None)),
        ("pg_my_temp_schema", ScalarValue::Int32(Some(0))),
        ("pg_database_size", ScalarValue::Int64(None)),
        ("pg_table_size", ScalarValue::Int64(None)),
        ("pg_size_pretty", nothing.clone()),
        ("inet_client_addr", nothing.clone()),
        ("inet_server_addr", nothing.clone()),
        ("shobj_description", nothing.clone()),
        ("pg_tablespace_location", nothing.clone()),
    ];
    for name in [
        "has_column_privilege",
        "has_function_privilege",
        "has_sequence_privilege",
        "pg_has_role",
        "pg_function_is_visible",
        "pg_opclass_is_visible",
        "pg_type_is_visible",
    ] {
        all.push((name, yes.clone()));
    }
    for name in [
        "pg_get_function_arguments",
        "pg_get_function_identity_arguments",
        "pg_get_function_result",
        "pg_get_indexdef",
        "pg_get_ruledef",
        "pg_get_serial_sequence",
        "pg_get_triggerdef",
        "pg_get_viewdef",
    ] {
        all.push((name, nothing.clone()));
    }
    all
}

/// A function by what it answers.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    name: &'static str,
    answer: Answer,
    signature: Signature,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Answer {
    Always(ScalarValue),
    /// The description of a view, by its number.
    OfView,
    /// The description of a column, by the view's number and the column's place.
    OfColumn,
    /// The number of a view, by its name.
    NumberOfView,
    /// A setting's value, by its name.
    Setting,
    /// The second argument.
    Second,
    /// The first argument with the others in the places of `%s`, `%I` and `%L`.
    Format,
}

impl Asked {
    fn new(name: &'static str, answer: Answer) -> Self {
        let any = vec![TypeSignature::Nullary, TypeSignature::VariadicAny];
        Self { name, answer, signature: Signature::one_of(any, Volatility::Stable) }
    }
}

impl ScalarUDFImpl for Asked {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match &self.answer {
            Answer::Always(value) => value.data_type(),
            Answer::NumberOfView => DataType::Int32,
            _ => DataType::Utf8,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        // What is not given is NULL.
        let argument = |place: usize, kind: &DataType| match args.args.get(place) {
            Some(value) => Ok(cast(&value.to_array(rows)?, kind)?),
            None => ScalarValue::try_from(kind)?.to_array_of_size(rows),
        };
        let texts: StringArray = match &self.answer {
            Answer::Always(value) => return Ok(ColumnarValue::Scalar(value.clone())),
            Answer::OfView => {
                let oids = argument(0, &DataType::Int32)?;
                oids.as_primitive::<Int32Type>().iter().map(|oid| description(oid?, 0)).collect()
            }
            Answer::OfColumn => {
                let (oids, places) = (argument(0, &DataType::Int32)?, argument(1, &DataType::Int32)?);
                let (oids, places) = (oids.as_primitive::<Int32Type>(), places.as_primitive::<Int32Type>());
                oids.iter().zip(places).map(|(oid, place)| description(oid?, place?)).collect()
            }
            Answer::NumberOfView => {
                let names = argument(0, &DataType::Utf8)?;
                let numbers: Int32Array =
                    names.as_string::<i32>().iter().map(|name| catalog::oid(name?)).collect();
                return Ok(ColumnarValue::Array(Arc::new(numbers)));
            }
            Answer::Setting => {
                let names = argument(0, &DataType::Utf8)?;
                names.as_string::<i32>().iter().map(|name| crate::postgres::default_of(name?)).collect()
            }
            Answer::Format => {
                let texts = args.args.iter().map(|one| Ok(cast(&one.to_array(rows)?, &DataType::Utf8)?));
                let texts: Vec<_> = texts.collect::<Result<_>>()?;
                let of = |row| {
                    texts.iter().map(move |text| {
                        let text = text.as_string::<i32>();
                        text.is_valid(row).then(|| text.value(row))
                    })
                };
                (0..rows).map(|row| format(of(row))).collect()
            }
            Answer::Second => return Ok(ColumnarValue::Array(argument(1, &DataType::Utf8)?)),
        };
        Ok(ColumnarValue::Array(Arc::new(texts)))
    }
}

/// A pattern with values put into it, as Postgres' `format` does; NULL without a pattern.
fn format<'a>(mut texts: impl Iterator<Item = Option<&'a str>>) -> Option<String> {
    let mut pattern = texts.next()??.chars();
    let mut out = String::new();
    while let Some(c) = pattern.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match pattern.next()? {
            'I' => out += &format!("\"{}\"", texts.next()??.replace('"', "\"\"")),
            'L' => match texts.next()? {
                Some(text) => out += &format!("'{}'", text.replace('\'', "''")),
                None => out += "NULL",
            },
            's' => out += texts.next()?.unwrap_or_default(),
            other => out.push(other),
        }
    }
    Some(out)
}

fn description(oid: i32, place: i32) -> Option<&'static str> {
    static ALL: LazyLock<HashMap<(i32, i32), &'static str>> =
        LazyLock::new(|| catalog::described().collect());
    ALL.get(&(oid, place)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_into_patterns() {
        let of = |texts: &[Option<&str>]| format(texts.iter().copied());
        assert_eq!(of(&[Some("%s.%s 100%%"), Some("a"), None]).as_deref(), Some("a. 100%"));
        assert_eq!(of(&[Some("%I=%L"), Some("x\"y"), Some("it's")]).as_deref(), Some("\"x\"\"y\"='it''s'"));
        assert_eq!(of(&[Some("%L"), None]).as_deref(), Some("NULL"));
        assert_eq!(of(&[None, Some("a")]), None);
    }
}
