//! `information_schema` as Postgres has it: the names of types are Postgres' own.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::{MemTable, MemorySchemaProvider, SchemaProvider};

use super::{INFORMATION_SCHEMA, PG_CATALOG};
use crate::catalog::views;
use crate::error::Result;
use crate::session::{CATALOG, SCHEMA};

/// Tables that are asked for and have no rows: there are no views in Postgres' sense, no constraints, no triggers.
const EMPTY: &[(&str, &str)] = &[
    (
        "views",
        "table_catalog table_schema table_name view_definition check_option is_updatable is_insertable_into",
    ),
    (
        "table_constraints",
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name \
         constraint_type is_deferrable initially_deferred enforced",
    ),
    (
        "key_column_usage",
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name \
         column_name ordinal_position position_in_unique_constraint",
    ),
    (
        "constraint_column_usage",
        "table_catalog table_schema table_name column_name constraint_catalog constraint_schema constraint_name",
    ),
    (
        "referential_constraints",
        "constraint_catalog constraint_schema constraint_name unique_constraint_catalog \
         unique_constraint_schema unique_constraint_name match_option update_rule delete_rule",
    ),
    (
        "character_sets",
        "character_set_catalog character_set_schema character_set_name character_repertoire form_of_use",
    ),
    ("triggers", "trigger_catalog trigger_schema trigger_name event_manipulation event_object_table"),
];

/// The tables. Those that DataFusion has and Postgres has not (`routines`, `parameters`, `df_settings`) are not
/// among them.
pub(super) fn schema() -> Result<Arc<dyn SchemaProvider>> {
    let schema = MemorySchemaProvider::new();
    let tables = [("tables", tables()?), ("columns", columns()?), ("schemata", schemata()?)];
    for (name, rows) in tables {
        let table = MemTable::try_new(rows.schema(), vec![vec![rows]])?;
        schema.register_table(name.to_owned(), Arc::new(table))?;
    }
    for (name, columns) in EMPTY {
        let fields = columns.split_whitespace().map(|column| Field::new(column, DataType::Utf8, true));
        let table = MemTable::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), vec![Vec::new()])?;
        schema.register_table((*name).to_owned(), Arc::new(table))?;
    }
    Ok(Arc::new(schema))
}

/// A table under way, column by column.
#[derive(Default)]
struct Table {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Table {
    fn texts<'a>(mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        self.fields.push(Field::new(name, DataType::Utf8, true));
        self.columns.push(Arc::new(values.collect::<StringArray>()));
        self
    }

    fn numbers(mut self, name: &str, values: impl Iterator<Item = Option<i32>>) -> Self {
        self.fields.push(Field::new(name, DataType::Int32, true));
        self.columns.push(Arc::new(values.collect::<Int32Array>()));
        self
    }

    fn done(self) -> Result<RecordBatch> {
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.columns)?)
    }
}

fn tables() -> Result<RecordBatch> {
    let all = |text: &'static str| views().map(move |_| Some(text));
    let none = || views().map(|_| None);
    Table::default()
        .texts("table_catalog", all(CATALOG))
        .texts("table_schema", all(SCHEMA))
        .texts("table_name", views().map(|view| Some(view.name)))
        .texts("table_type", all("BASE TABLE"))
        .texts("self_referencing_column_name", none())
        .texts("reference_generation", none())
        .texts("user_defined_type_catalog", none())
        .texts("user_defined_type_schema", none())
        .texts("user_defined_type_name", none())
        .texts("is_insertable_into", all("NO"))
        .texts("is_typed", all("NO"))
        .texts("commit_action", none())
        .done()
}

fn columns() -> Result<RecordBatch> {
    let places: Vec<_> =
        views().flat_map(|view| (1..).zip(view.columns).map(move |place| (view, place))).collect();
    let of = || places.iter().map(|(view, (place, column))| (*view, *place, *column));
    let types = || of().map(|(_, _, column)| column.kind.postgres_type());
    let all = |text: &'static str| of().map(move |_| Some(text));
    let mut table = Table::default()
        .texts("table_catalog", all(CATALOG))
        .texts("table_schema", all(SCHEMA))
        .texts("table_name", of().map(|(view, ..)| Some(view.name)))
        .texts("column_name", of().map(|(_, _, column)| Some(column.name)))
        .numbers("ordinal_position", of().map(|(_, place, _)| Some(place)))
        .texts("column_default", of().map(|_| None))
        .texts(
            "is_nullable",
            of().map(|(_, _, column)| Some(if column.kind.nullable() { "YES" } else { "NO" })),
        )
        .texts("data_type", types().map(|one| Some(one.name)))
        .numbers("character_maximum_length", of().map(|_| None))
        .numbers("character_octet_length", of().map(|_| None))
        .numbers("numeric_precision", types().map(|one| one.digits.map(|(digits, _)| digits)))
        .numbers("numeric_precision_radix", types().map(|one| one.digits.map(|_| one.radix())))
        .numbers("numeric_scale", types().map(|one| one.digits.and_then(|(_, scale)| scale)))
        .numbers("datetime_precision", types().map(|one| (one.short == "timestamptz").then_some(6)))
        .texts("udt_catalog", all(CATALOG))
        .texts("udt_schema", all(PG_CATALOG))
        .texts("udt_name", types().map(|one| Some(one.short)))
        .texts("is_self_referencing", all("NO"))
        .texts("is_identity", all("NO"))
        .texts("is_generated", all("NEVER"))
        .texts("is_updatable", all("NO"));
    for name in [
        "interval_type",
        "character_set_name",
        "collation_name",
        "domain_catalog",
        "domain_schema",
        "domain_name",
        "generation_expression",
        "identity_generation",
    ] {
        table = table.texts(name, of().map(|_| None));
    }
    table.done()
}

fn schemata() -> Result<RecordBatch> {
    let names = [PG_CATALOG, INFORMATION_SCHEMA, SCHEMA];
    Table::default()
        .texts("catalog_name", names.iter().map(|_| Some(CATALOG)))
        .texts("schema_name", names.iter().map(|name| Some(*name)))
        .texts("schema_owner", names.iter().map(|_| Some(CATALOG)))
        .done()
}
