//! What this server is: nearly all that can be asked, for drivers read what is missing as they like.

use arrow_flight::sql::metadata::SqlInfoDataBuilder;
use arrow_flight::sql::{
    CommandGetSqlInfo, SqlInfo, SqlNullOrdering, SqlOuterJoinsSupportLevel, SqlSupportedCaseSensitivity,
    SqlSupportedResultSetConcurrency, SqlSupportedResultSetType, SqlSupportedTransaction,
    SqlTransactionIsolationLevel,
};

use super::Batch;
use crate::statement::LONGEST;

/// Every bit of a mask whose values number fewer than this.
const fn first(values: i32) -> i32 {
    (1 << values) - 1
}

const TRUE: [SqlInfo; 14] = [
    SqlInfo::FlightSqlServerReadOnly,
    SqlInfo::FlightSqlServerSql,
    SqlInfo::FlightSqlServerCancel,
    SqlInfo::SqlAllTablesAreSelectable,
    SqlInfo::SqlSupportsColumnAliasing,
    SqlInfo::SqlNullPlusNullIsNull,
    SqlInfo::SqlSupportsTableCorrelationNames,
    SqlInfo::SqlSupportsExpressionsInOrderBy,
    SqlInfo::SqlSupportsOrderByUnrelated,
    SqlInfo::SqlSupportsLikeEscapeClause,
    SqlInfo::SqlSupportsNonNullableColumns,
    SqlInfo::SqlCatalogAtStart,
    SqlInfo::SqlCorrelatedSubqueriesSupported,
    SqlInfo::SqlMaxRowSizeIncludesBlobs,
];

const FALSE: [SqlInfo; 17] = [
    SqlInfo::FlightSqlServerSubstrait,
    SqlInfo::FlightSqlServerBulkIngestion,
    SqlInfo::SqlDdlCatalog,
    SqlInfo::SqlDdlSchema,
    SqlInfo::SqlDdlTable,
    SqlInfo::SqlSupportsDifferentTableCorrelationNames,
    SqlInfo::SqlSupportsIntegrityEnhancementFacility,
    SqlInfo::SqlSelectForUpdateSupported,
    SqlInfo::SqlStoredProceduresSupported,
    SqlInfo::SqlTransactionsSupported,
    SqlInfo::SqlDataDefinitionCausesTransactionCommit,
    SqlInfo::SqlDataDefinitionsInTransactionsIgnored,
    SqlInfo::SqlBatchUpdatesSupported,
    SqlInfo::SqlSavepointsSupported,
    SqlInfo::SqlNamedParametersSupported,
    SqlInfo::SqlLocatorsUpdateCopy,
    SqlInfo::SqlStoredFunctionsUsingCallSyntaxSupported,
];

/// Numbers of an enumeration, and masks of them.
const CODES: [(SqlInfo, i32); 18] = [
    (SqlInfo::FlightSqlServerTransaction, SqlSupportedTransaction::None as i32),
    (SqlInfo::SqlIdentifierCase, SqlSupportedCaseSensitivity::SqlCaseSensitivityLowercase as i32),
    // Exactly as they are written, for which there is no number.
    (SqlInfo::SqlQuotedIdentifierCase, SqlSupportedCaseSensitivity::SqlCaseSensitivityUnknown as i32),
    (SqlInfo::SqlNullOrdering, SqlNullOrdering::SqlNullsSortedHigh as i32),
    (SqlInfo::SqlSupportedGroupBy, first(2)),
    (SqlInfo::SqlSupportedGrammar, first(2)),
    (SqlInfo::SqlAnsi92SupportedLevel, first(1)),
    (SqlInfo::SqlOuterJoinsSupportLevel, SqlOuterJoinsSupportLevel::SqlFullOuterJoins as i32),
    (SqlInfo::SqlSchemasSupportedActions, 0),
    (SqlInfo::SqlCatalogsSupportedActions, 0),
    (SqlInfo::SqlSupportedPositionedCommands, 0),
    (SqlInfo::SqlSupportedSubqueries, first(3)),
    (SqlInfo::SqlSupportedUnions, first(2)),
    (SqlInfo::SqlDefaultTransactionIsolation, SqlTransactionIsolationLevel::SqlTransactionNone as i32),
    (
        SqlInfo::SqlSupportedTransactionsIsolationLevels,
        1 << SqlTransactionIsolationLevel::SqlTransactionNone as i32,
    ),
    (SqlInfo::SqlSupportedResultSetTypes, 1 << SqlSupportedResultSetType::SqlResultSetTypeForwardOnly as i32),
    (
        SqlInfo::SqlSupportedConcurrenciesForResultSetForwardOnly,
        1 << SqlSupportedResultSetConcurrency::SqlResultSetConcurrencyReadOnly as i32,
    ),
    (SqlInfo::SqlSupportedConcurrenciesForResultSetScrollSensitive, 0),
];

const WORDS: [(SqlInfo, &str); 7] = [
    (SqlInfo::FlightSqlServerName, "Headroom"),
    (SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION")),
    (SqlInfo::FlightSqlServerArrowVersion, datafusion::arrow::ARROW_VERSION),
    (SqlInfo::SqlIdentifierQuoteChar, "\""),
    (SqlInfo::SqlSearchStringEscape, "\\"),
    (SqlInfo::SqlSchemaTerm, "schema"),
    (SqlInfo::SqlCatalogTerm, "catalog"),
];

/// Limits that there are not: 0 is how the protocol says so.
const UNLIMITED: [SqlInfo; 14] = [
    SqlInfo::SqlMaxBinaryLiteralLength,
    SqlInfo::SqlMaxCharLiteralLength,
    SqlInfo::SqlMaxColumnNameLength,
    SqlInfo::SqlMaxColumnsInGroupBy,
    SqlInfo::SqlMaxColumnsInOrderBy,
    SqlInfo::SqlMaxColumnsInSelect,
    SqlInfo::SqlMaxColumnsInTable,
    SqlInfo::SqlDbSchemaNameLength,
    SqlInfo::SqlMaxCatalogNameLength,
    SqlInfo::SqlMaxRowSize,
    SqlInfo::SqlMaxStatements,
    SqlInfo::SqlMaxTableNameLength,
    SqlInfo::SqlMaxTablesInSelect,
    SqlInfo::SqlMaxUsernameLength,
];

/// The server: it reads, has no transactions, and can be told to stop.
pub(super) fn server(command: CommandGetSqlInfo, deadline_s: u64) -> Batch {
    let mut info = SqlInfoDataBuilder::new();
    TRUE.into_iter().for_each(|name| info.append(name, true));
    FALSE.into_iter().for_each(|name| info.append(name, false));
    CODES.into_iter().for_each(|(name, code)| info.append(name, code));
    WORDS.into_iter().for_each(|(name, word)| info.append(name, word));
    UNLIMITED.into_iter().for_each(|name| info.append(name, 0_i64));
    info.append(SqlInfo::SqlMaxStatementLength, LONGEST as i64);
    let millis = i32::try_from(deadline_s.saturating_mul(1_000)).unwrap_or(i32::MAX);
    info.append(SqlInfo::FlightSqlServerStatementTimeout, millis);
    command.into_builder(&info.build()?).build()
}
