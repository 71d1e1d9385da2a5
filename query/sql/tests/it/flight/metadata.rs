//! What tools find: catalogs, views, types, and what this server is.

use arrow_flight::sql::{
    CommandGetCrossReference, CommandGetDbSchemas, CommandGetExportedKeys, CommandGetImportedKeys,
    CommandGetPrimaryKeys, CommandGetTables, CommandGetXdbcTypeInfo, SqlInfo,
};
use datafusion::arrow::array::{AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::util::pretty::pretty_format_batches;
use headroom_sql::SqlConfig;

use super::{Client, front, read};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_find_the_views() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let info = client.get_catalogs().await.unwrap();
    assert_eq!(first_column(client, &info).await, ["headroom"]);
    let info = client.get_db_schemas(CommandGetDbSchemas::default()).await.unwrap();
    let schemas = read(client, &info).await.unwrap();
    assert_eq!(schemas[0].column(1).as_string::<i32>().value(0), "public");
    let info = client.get_table_types().await.unwrap();
    assert_eq!(first_column(client, &info).await, ["VIEW"]);

    let named = |pattern: &str, include_schema| CommandGetTables {
        table_name_filter_pattern: Some(pattern.to_owned()),
        include_schema,
        ..CommandGetTables::default()
    };
    let info = client.get_tables(CommandGetTables::default()).await.unwrap();
    let all = read(client, &info).await.unwrap();
    assert_eq!(all[0].num_rows(), headroom_sql::catalog().len());
    let info = client.get_tables(named("span%", true)).await.unwrap();
    let tables = read(client, &info).await.unwrap();
    let names: Vec<_> = tables[0].column(2).as_string::<i32>().iter().flatten().collect();
    assert_eq!(names, ["span_minute", "spans"]);
    let schema = arrow_flight::IpcMessage(tables[0].column(4).as_binary::<i32>().value(1).to_vec().into());
    let schema = Schema::try_from(schema).unwrap();
    assert_eq!(schema.field_with_name("duration_ns").unwrap().data_type(), &DataType::UInt64);
    assert_eq!(
        schema.field_with_name("duration_ns").unwrap().metadata()["comment"],
        "how long it took, in nanoseconds"
    );
    let asked = client.execute("SELECT * FROM spans".to_owned(), None).await.unwrap();
    assert_eq!(schema, asked.try_decode_schema().unwrap(), "as a question over all of it says");
    let info = client.get_tables(named("nothing", false)).await.unwrap();
    assert_eq!(read(client, &info).await.unwrap().iter().map(RecordBatch::num_rows).sum::<usize>(), 0);

    let info = client.get_xdbc_type_info(CommandGetXdbcTypeInfo { data_type: None }).await.unwrap();
    let types = first_column(client, &info).await;
    assert!(types.contains(&"timestamp with time zone".to_owned()) && types.len() == 7, "{types:?}");
    let asked =
        [SqlInfo::FlightSqlServerName, SqlInfo::FlightSqlServerReadOnly, SqlInfo::FlightSqlServerTransaction];
    let info = client.get_sql_info(asked.to_vec()).await.unwrap();
    let told = pretty_format_batches(&read(client, &info).await.unwrap()).unwrap().to_string();
    assert!(told.contains("{string_value=Headroom}") && told.contains("{bool_value=true}"), "{told}");

    // Of views there are no keys: an answer without rows, and no error.
    let table = || "spans".to_owned();
    let infos = [
        client
            .get_primary_keys(CommandGetPrimaryKeys { table: table(), ..Default::default() })
            .await
            .unwrap(),
        client
            .get_exported_keys(CommandGetExportedKeys { table: table(), ..Default::default() })
            .await
            .unwrap(),
        client
            .get_imported_keys(CommandGetImportedKeys { table: table(), ..Default::default() })
            .await
            .unwrap(),
        client
            .get_cross_reference(CommandGetCrossReference {
                pk_table: table(),
                fk_table: table(),
                ..Default::default()
            })
            .await
            .unwrap(),
    ];
    for info in infos {
        let told = info.clone().try_decode_schema().unwrap();
        assert!(told.field_with_name("key_sequence").is_ok(), "{told}");
        assert_eq!(read(client, &info).await.unwrap().iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    }
    front.stopped().await;
}

async fn first_column(client: &mut Client, info: &arrow_flight::FlightInfo) -> Vec<String> {
    let batches = read(client, info).await.unwrap();
    batches[0].column(0).as_string::<i32>().iter().flatten().map(str::to_owned).collect()
}
