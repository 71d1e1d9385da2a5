//! Which types columns have.

use arrow_flight::sql::metadata::{XdbcTypeInfo, XdbcTypeInfoDataBuilder};
use arrow_flight::sql::{CommandGetXdbcTypeInfo, Nullable, Searchable, XdbcDataType, XdbcDatetimeSubcode};

use super::Batch;
use crate::catalog::DECIMAL;

/// The types that columns of views have.
pub(super) fn answer(command: CommandGetXdbcTypeInfo) -> Batch {
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
