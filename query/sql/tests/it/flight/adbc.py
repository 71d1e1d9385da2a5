"""What a notebook does: ADBC, and over it pyarrow, pandas and polars. Prints what it saw, as lines."""

import datetime
import decimal
import sys
import warnings

import adbc_driver_flightsql.dbapi as flightsql
import pandas
import polars
import pyarrow
import pyarrow.flight

# That there are no transactions is what the driver warns of.
warnings.simplefilter("ignore")

address, user, password, token = sys.argv[1:]


def connect(**options):
    return flightsql.connect(f"grpc://{address}", db_kwargs=options, autocommit=True)


def says(what):
    try:
        what()
    except Exception as error:
        # What comes after is what to do, with lists of what there is.
        return f"{type(error).__name__}: {error}".split(";")[0]
    return "nothing"


with connect(username=user, password=password) as connection, connection.cursor() as cursor:
    cursor.execute(
        "SELECT ts, service, duration_ns, customer_id, (SELECT max(fee) FROM events) AS fee "
        "FROM spans WHERE duration_ns > 0 ORDER BY ts LIMIT 2"
    )
    table = cursor.fetch_arrow_table()
    print("schema", [str(field.type) for field in table.schema])
    print("arrow", table.column("ts").cast("int64").to_pylist(), table.column("fee").to_pylist())

    cursor.execute("SELECT arrow_cast(service, 'Dictionary(Int32, Utf8)') AS word, upper(service), service::text, 'a', now() - ts FROM spans LIMIT 3")
    table = cursor.fetch_arrow_table()
    print("kinds", [str(field.type) for field in table.schema], table.num_rows)
    cursor.execute("SELECT current_user, count(*) FROM spans")
    print("dbapi", cursor.fetchall())

    # The values that programs have: in the places of ?, and with their types.
    sql = "SELECT count(*) FROM spans WHERE service = ? AND duration_ns > ? AND ts >= ?"
    since = datetime.datetime(2030, 5, 1, tzinfo=datetime.timezone.utc)
    cursor.execute(sql, ("order", -1, since))
    print("values", cursor.fetchone())
    cursor.execute("SELECT $1 + fee FROM events WHERE event_id = 'acme1'", (decimal.Decimal("0.000000000001"),))
    print("decimal", cursor.fetchone())

    frame = pandas.read_sql("SELECT service, count(*) AS n FROM spans GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2", connection)
    print("pandas", frame.to_dict("records"))
    frame = polars.read_database("SELECT ts, duration_ns, attributes FROM spans ORDER BY ts LIMIT 3", connection)
    print("polars", frame.schema, frame["duration_ns"].to_list())
    cursor.execute("SELECT value FROM generate_series(1, 200000)")
    frame = polars.from_arrow(cursor.fetch_record_batch())
    print("large", frame.height, frame["value"].sum())
    cursor.execute("SELECT * FROM spans WHERE service = 'nobody'")
    print("none", cursor.fetch_arrow_table().num_rows)

    objects = connection.adbc_get_objects(depth="columns", table_name_filter="spans").read_all().to_pylist()
    schema = objects[0]["catalog_db_schemas"][0]
    columns = schema["db_schema_tables"][0]["table_columns"]
    print("objects", objects[0]["catalog_name"], schema["db_schema_name"], [c["column_name"] for c in columns][:3])
    print("table", connection.adbc_get_table_schema("spans").field("duration_ns").type)
    print("types", connection.adbc_get_table_types())
    info = connection.adbc_get_info()
    print("info", info["vendor_name"], info["driver_name"])

    print("unknown", says(lambda: cursor.execute("SELECT x FROM spans")))
    print("write", says(lambda: cursor.execute("DROP TABLE spans")))
    print("ingest", says(lambda: cursor.adbc_ingest("copied", pyarrow.table({"x": [1]}))))
    print("many", says(lambda: cursor.executemany("SELECT ?", [(1,), (2,)])))

bearer = {"adbc.flight.sql.authorization_header": f"Bearer {token}"}
with connect(**bearer) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    print("token", cursor.fetchone())
with connect(**{"adbc.flight.sql.authorization_header": "Bearer hr_no"}) as connection, connection.cursor() as cursor:
    print("wrong token", says(lambda: cursor.execute("SELECT 1")))
print("wrong password", says(lambda: connect(username=user, password="no").cursor().execute("SELECT 1")))

# pyarrow's own client, which signs in by itself.
client = pyarrow.flight.FlightClient(f"grpc://{address}")
header = client.authenticate_basic_token(user, password)
options = pyarrow.flight.FlightCallOptions(headers=[header])
print("actions", [action.type for action in client.list_actions(options)])
