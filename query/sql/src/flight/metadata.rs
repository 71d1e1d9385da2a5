//! What can be asked: catalogs, schemas, tables, types, and what this server is.

mod info;
mod keys;
mod types;

use arrow_flight::error::FlightError;
use arrow_flight::sql::{
    Command, CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables,
};
use datafusion::arrow::array::RecordBatch;
use tonic::Status;

use super::status::not_offered;
use crate::catalog::views;
use crate::session::{CATALOG, SCHEMA};

/// What a view is called among tables.
const VIEW: &str = "VIEW";

/// The answer to a command that asks about the server.
///
/// # Errors
/// Of a command that does not.
pub(super) fn answer(command: Command, deadline_s: u64) -> Result<RecordBatch, Status> {
    let batch = match command {
        Command::CommandGetCatalogs(command) => catalogs(command),
        Command::CommandGetDbSchemas(command) => schemas(command),
        Command::CommandGetTables(command) => tables(command),
        Command::CommandGetTableTypes(command) => table_types(command),
        Command::CommandGetSqlInfo(command) => info::server(command, deadline_s),
        Command::CommandGetXdbcTypeInfo(command) => types::answer(command),
        Command::CommandGetPrimaryKeys(_) => Ok(keys::primary()),
        Command::CommandGetExportedKeys(_)
        | Command::CommandGetImportedKeys(_)
        | Command::CommandGetCrossReference(_) => Ok(keys::foreign()),
        other => return Err(not_offered(other.type_url())),
    };
    batch.map_err(|error| match error {
        FlightError::Arrow(error) => Status::invalid_argument(error.to_string()),
        other => other.into(),
    })
}

type Batch = Result<RecordBatch, FlightError>;

fn catalogs(command: CommandGetCatalogs) -> Batch {
    let mut catalogs = command.into_builder();
    catalogs.append(CATALOG);
    catalogs.build()
}

fn schemas(command: CommandGetDbSchemas) -> Batch {
    let mut schemas = command.into_builder();
    schemas.append(CATALOG, SCHEMA);
    schemas.build()
}

fn table_types(command: CommandGetTableTypes) -> Batch {
    let mut types = command.into_builder();
    types.append(VIEW);
    types.build()
}

fn tables(command: CommandGetTables) -> Batch {
    let mut tables = command.into_builder();
    for view in views() {
        tables.append(CATALOG, SCHEMA, view.name, VIEW, &view.schema())?;
    }
    tables.build()
}
