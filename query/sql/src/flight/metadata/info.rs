//! What this server is, and which types its columns have.

use arrow_flight::sql::metadata::{SqlInfoDataBuilder, XdbcTypeInfo, XdbcTypeInfoDataBuilder};
use arrow_flight::sql::{
    CommandGetSqlInfo, CommandGetXdbcTypeInfo, Nullable, Searchable, SqlInfo, SqlNullOrdering,
    SqlSupportedCaseSensitivity, SqlSupportedTransaction, SqlSupportedTransactions, XdbcDataType,
    XdbcDatetimeSubcode,
};

use super::Batch;
use crate::catalog::DECIMAL;
use crate::statement::LONGEST;

/// The server: it reads, has no transactions, and can be told to stop.
pub(super) fn server(command: CommandGetSqlInfo, deadline_s: u64) -> Batch {
    let mut info = SqlInfoDataBuilder::new();
    info.append(SqlInfo::FlightSqlServerName, "Headroom");
    info.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    info.append(SqlInfo::FlightSqlServerArrowVersion, datafusion::arrow::ARROW_VERSION);
    info.append(SqlInfo::FlightSqlServerReadOnly, true);
    info.append(SqlInfo::FlightSqlServerSql, true);
    info.append(SqlInfo::FlightSqlServerSubstrait, false);
    info.append(SqlInfo::FlightSqlServerTransaction, SqlSupportedTransaction::None as i32);
    info.append(SqlInfo::FlightSqlServerCancel, true);
    info.append(SqlInfo::FlightSqlServerBulkIngestion, false);
    let millis = i32::try_from(deadline_s.saturating_mul(1_000)).unwrap_or(i32::MAX);
    info.append(SqlInfo::FlightSqlServerStatementTimeout, millis);
    for writes in [SqlInfo::SqlDdlCatalog, SqlInfo::SqlDdlSchema, SqlInfo::SqlDdlTable] {
        info.append(writes, false);
    }
    let lower = SqlSupportedCaseSensitivity::SqlCaseSensitivityLowercase as i32;
    info.append(SqlInfo::SqlIdentifierCase, lower);
    info.append(SqlInfo::SqlIdentifierQuoteChar, "\"");
    let sensitive = SqlSupportedCaseSensitivity::SqlCaseSensitivityCaseInsensitive as i32;
    info.append(SqlInfo::SqlQuotedIdentifierCase, sensitive);
    info.append(SqlInfo::SqlAllTablesAreSelectable, true);
    info.append(SqlInfo::SqlNullOrdering, SqlNullOrdering::SqlNullsSortedHigh as i32);
    info.append(SqlInfo::SqlSupportsColumnAliasing, true);
    info.append(SqlInfo::SqlNullPlusNullIsNull, true);
    info.append(SqlInfo::SqlSelectForUpdateSupported, false);
    info.append(SqlInfo::SqlStoredProceduresSupported, false);
    info.append(SqlInfo::SqlCorrelatedSubqueriesSupported, true);
    info.append(SqlInfo::SqlMaxStatementLength, LONGEST as i64);
    info.append(
        SqlInfo::SqlTransactionsSupported,
        SqlSupportedTransactions::SqlTransactionUnspecified as i32,
    );
    info.append(SqlInfo::SqlBatchUpdatesSupported, false);
    info.append(SqlInfo::SqlSavepointsSupported, false);
    command.into_builder(&info.build()?).build()
}

/// The types that columns of views have.
pub(super) fn types(command: CommandGetXdbcTypeInfo) -> Batch {
    use XdbcDataType as Xdbc;
    let digits = i32::from(DECIMAL.0);
    let mut types = XdbcTypeInfoDataBuilder::new();
    for (name, kind, size, quote) in [
        ("boolean", Xdbc::XdbcBit, 1, None),
        ("bigint", Xdbc::XdbcBigint, 19, None),
        ("bigint unsigned", Xdbc::XdbcBigint, 20, None),
        ("double precision", Xdbc::XdbcDouble, 15, None),
        ("numeric", Xdbc::XdbcDecimal, digits, None),
        ("text", Xdbc::XdbcVarchar, i32::MAX, Some("'")),
        ("timestamp with time zone", Xdbc::XdbcTimestamp, 35, Some("'")),
    ] {
        let numeric = quote.is_none() && kind != Xdbc::XdbcBit;
        let time = kind == Xdbc::XdbcTimestamp;
        types.append(XdbcTypeInfo {
            type_name: name.to_owned(),
            data_type: kind,
            column_size: Some(size),
            literal_prefix: quote.map(str::to_owned),
            literal_suffix: quote.map(str::to_owned),
            create_params: (kind == Xdbc::XdbcDecimal)
                .then(|| vec!["precision".to_owned(), "scale".to_owned()]),
            nullable: Nullable::NullabilityNullable,
            case_sensitive: kind == Xdbc::XdbcVarchar,
            searchable: Searchable::Full,
            unsigned_attribute: numeric.then_some(name.ends_with("unsigned")),
            local_type_name: Some(name.to_owned()),
            minimum_scale: (kind == Xdbc::XdbcDecimal).then_some(0),
            maximum_scale: (kind == Xdbc::XdbcDecimal).then_some(digits),
            sql_data_type: if time { Xdbc::XdbcDatetime } else { kind },
            datetime_subcode: time.then_some(XdbcDatetimeSubcode::XdbcSubcodeTimestampWithTimezone),
            num_prec_radix: numeric.then_some(10),
            ..XdbcTypeInfo::default()
        });
    }
    command.into_builder(&types.build()?).build()
}
