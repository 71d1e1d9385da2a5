//! The tables of `pg_catalog`: Postgres' own rows, and the views as its relations. They are made once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray, new_null_array};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{MemTable, MemorySchemaProvider, SchemaProvider, TableFunctionImpl};
use datafusion::datasource::TableType;
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionContext, col, lit};
use datafusion_pg_catalog::pg_catalog::catalog_info::CatalogInfo;
use datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_pg_catalog::pg_catalog::{PG_CATALOG_TABLES, PgCatalogSchemaProvider, PgCatalogStaticTables};

use super::{INFORMATION_SCHEMA, PG_CATALOG};
use crate::catalog::views;
use crate::error::{Result, SqlError};
use crate::session::{CATALOG, SCHEMA};

/// The number of `pg_class` in itself, by which a description says what kind of thing it describes.
const OID_OF_PG_CLASS: i32 = 1259;

/// Tables of Postgres itself that clients name as kinds of things (`'pg_class'::regclass`), by their numbers.
const OWN: [(&str, i32); 7] = [
    ("pg_attribute", 1249),
    ("pg_class", OID_OF_PG_CLASS),
    ("pg_constraint", 2606),
    ("pg_database", 1262),
    ("pg_namespace", 2615),
    ("pg_proc", 1255),
    ("pg_type", 1247),
];

/// What Postgres shows to nobody but its owner: passwords, and samples of data.
const HIDDEN: [&str; 7] = [
    "pg_auth_members",
    "pg_authid",
    "pg_largeobject",
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_subscription",
    "pg_user_mapping",
];

/// The number of the schema `pg_catalog`.
const OID_OF_PG_CATALOG: i32 = 11;

/// The first number that Postgres gives to a relation of a user; the views have those that follow, in order.
const FIRST_OID: i32 = 16_384;

/// All tables, and the function that lists keywords.
pub(super) async fn schema() -> Result<(Arc<dyn SchemaProvider>, Arc<dyn TableFunctionImpl>)> {
    let rows = Arc::new(PgCatalogStaticTables::try_new()?);
    let keywords = Arc::clone(&rows.pg_get_keywords);
    let library = PgCatalogSchemaProvider::try_new(Views, rows, EmptyContextProvider)?;
    let context = SessionContext::new();
    let schema = MemorySchemaProvider::new();
    // The first table read gives numbers to the views; all others keep them.
    for name in std::iter::once(&"pg_class").chain(PG_CATALOG_TABLES).filter(|name| !HIDDEN.contains(name)) {
        let Some(table) = library.table(name).await? else { continue };
        let mut rows = context.read_table(table.clone())?;
        // The library adds a database that is not here.
        if *name == "pg_database" {
            rows = rows.filter(col("datname").eq(lit(CATALOG)))?;
        }
        let mut batches = rows.collect().await?;
        match *name {
            "pg_class" => {
                check_numbers(&batches)?;
                batches = completed(&batches)?;
            }
            "pg_settings" => batches = vec![settings(&table.schema())?],
            "pg_attribute" => batches = typed(&batches)?,
            "pg_constraint" | "pg_index" => batches = vec![without_keys(&table.schema())],
            "pg_description" => batches = vec![descriptions(&table.schema())?],
            _ => {}
        }
        let columns = batches.first().map_or_else(|| table.schema(), RecordBatch::schema);
        if !schema.table_exist(name) {
            schema
                .register_table((*name).to_owned(), Arc::new(MemTable::try_new(columns, vec![batches])?))?;
        }
    }
    Ok((Arc::new(schema), keywords))
}

/// The number of each view.
fn oids() -> &'static HashMap<&'static str, i32> {
    // Three schemas and the catalog itself come first; pg_catalog has a number of its own.
    static ALL: LazyLock<HashMap<&'static str, i32>> =
        LazyLock::new(|| views().zip(FIRST_OID + 3..).map(|(view, oid)| (view.name, oid)).collect());
    &ALL
}

/// The number of a relation, by its name with or without its schema.
pub(super) fn oid(name: &str) -> Option<i32> {
    let name = name.replace('"', "");
    let own = OWN.iter().find(|(own, _)| *own == name.trim_start_matches("pg_catalog.")).map(|(_, oid)| *oid);
    own.or_else(|| oids().get(name.trim_start_matches("public.")).copied())
}

fn check_numbers(classes: &[RecordBatch]) -> Result<()> {
    let expected = oids();
    for batch in classes {
        let (oids, names) = (column::<Int32Array>(batch, "oid")?, column::<StringArray>(batch, "relname")?);
        for row in 0..batch.num_rows() {
            if expected.get(names.value(row)) != Some(&oids.value(row)) {
                let (name, oid) = (names.value(row), oids.value(row));
                return Err(SqlError::Internal(format!("{name} has the number {oid} in pg_class")));
            }
        }
    }
    Ok(())
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T> {
    let found = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<T>());
    found.ok_or_else(|| SqlError::Internal(format!("pg_catalog has no column {name}")))
}

/// `pg_class` with Postgres' own tables, and with the columns that the library leaves out; none has options or
/// rights of its own.
fn completed(classes: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let [views] = classes else { return Err(SqlError::Internal("pg_class has several parts".to_owned())) };
    let schema = views.schema();
    let own = views.slice(0, OWN.len());
    let columns = schema.fields().iter().zip(own.columns()).map(|(field, column)| -> ArrayRef {
        match field.name().as_str() {
            "oid" | "relfilenode" => Arc::new(OWN.map(|(_, oid)| oid).into_iter().collect::<Int32Array>()),
            "relname" => Arc::new(StringArray::from(OWN.map(|(name, _)| name).to_vec())),
            "relnamespace" => Arc::new(Int32Array::from(vec![OID_OF_PG_CATALOG; OWN.len()])),
            _ => Arc::clone(column),
        }
    });
    let own = RecordBatch::try_new(Arc::clone(&schema), columns.collect())?;
    let all = concat_batches(&schema, [views, &own])?;
    let mut fields = schema.fields().to_vec();
    let mut columns = all.columns().to_vec();
    for name in ["relacl", "reloptions"] {
        let kind = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        columns.push(new_null_array(&kind, all.num_rows()));
        fields.push(Arc::new(Field::new(name, kind, true)));
    }
    Ok(vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?])
}

/// A table of keys without rows, for there are none; what it lists is a list.
fn without_keys(schema: &SchemaRef) -> RecordBatch {
    let listed = |field: &Arc<Field>| {
        let numbers = matches!(
            field.name().as_str(),
            "conkey" | "confkey" | "indkey" | "indcollation" | "indclass" | "indoption"
        );
        if !numbers {
            return Arc::clone(field);
        }
        let kind = DataType::List(Arc::new(Field::new_list_field(DataType::Int16, true)));
        Arc::new(Field::new(field.name(), kind, true))
    };
    let fields: Vec<_> = schema.fields().iter().map(listed).collect();
    RecordBatch::new_empty(Arc::new(Schema::new(fields)))
}

/// `pg_attribute` with the types that the columns have on the wire.
fn typed(attributes: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let types: Vec<_> =
        views().flat_map(|view| view.columns).map(|column| column.kind.postgres_type()).collect();
    let [batch] = attributes else {
        return Err(SqlError::Internal("pg_attribute has several parts".to_owned()));
    };
    let schema = batch.schema();
    let replaced = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let values: Option<Int32Array> = match field.name().as_str() {
            "atttypid" => Some(types.iter().map(|one| one.oid as i32).collect()),
            "atttypmod" => Some(types.iter().map(|one| one.modifier).collect()),
            _ => None,
        };
        values.map_or_else(|| Arc::clone(column), |values| Arc::new(values) as ArrayRef)
    });
    Ok(vec![RecordBatch::try_new(Arc::clone(&schema), replaced.collect())?])
}

/// `pg_settings`: what SHOW says of settings that were not set.
fn settings(schema: &SchemaRef) -> Result<RecordBatch> {
    let all: Vec<_> = crate::postgres::defaults().chain([("max_index_keys", "32")]).collect();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "name" => Arc::new(all.iter().map(|(name, _)| Some(*name)).collect::<StringArray>()),
            "setting" | "reset_val" => {
                Arc::new(all.iter().map(|(_, value)| Some(*value)).collect::<StringArray>())
            }
            _ => new_null_array(field.data_type(), all.len()),
        }
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect())?)
}

/// What the views and their columns hold, in the words of their documentation.
fn descriptions(schema: &SchemaRef) -> Result<RecordBatch> {
    let (mut oids, mut places, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for ((oid, place), text) in described() {
        oids.push(oid);
        places.push(place);
        texts.push(text);
    }
    let kinds = vec![OID_OF_PG_CLASS; oids.len()];
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef> {
        Ok(match field.name().as_str() {
            "objoid" => Arc::new(Int32Array::from(oids.clone())),
            "classoid" => Arc::new(Int32Array::from(kinds.clone())),
            "objsubid" => Arc::new(Int32Array::from(places.clone())),
            "description" => Arc::new(StringArray::from(texts.clone())),
            other => return Err(SqlError::Internal(format!("pg_description has a column {other}"))),
        })
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_>>()?)?)
}

/// The description of each view (at 0) and of each of its columns (from 1 on), by the view's number.
pub(super) fn described() -> impl Iterator<Item = ((i32, i32), &'static str)> {
    views().flat_map(|view| {
        let oid = oids()[view.name];
        let columns = (1..).zip(view.columns).map(move |(place, column)| ((oid, place), column.doc));
        std::iter::once(((oid, 0), view.doc)).chain(columns)
    })
}

/// The views, as the library asks for them.
#[derive(Debug, Clone)]
struct Views;

#[async_trait]
impl CatalogInfo for Views {
    async fn catalog_names(&self) -> Result<Vec<String>, DataFusionError> {
        Ok(vec![CATALOG.to_owned()])
    }

    async fn schema_names(&self, _: &str) -> Result<Option<Vec<String>>, DataFusionError> {
        Ok(Some([PG_CATALOG, INFORMATION_SCHEMA, SCHEMA].map(str::to_owned).to_vec()))
    }

    async fn table_names(&self, _: &str, schema: &str) -> Result<Option<Vec<String>>, DataFusionError> {
        let names = views().filter(|_| schema == SCHEMA).map(|view| view.name.to_owned());
        Ok(Some(names.collect()))
    }

    async fn table_schema(
        &self,
        _: &str,
        _: &str,
        table: &str,
    ) -> Result<Option<SchemaRef>, DataFusionError> {
        Ok(views().find(|view| view.name == table).map(crate::catalog::View::schema))
    }

    async fn table_type(&self, _: &str, _: &str, _: &str) -> Result<Option<TableType>, DataFusionError> {
        Ok(Some(TableType::Base))
    }
}
