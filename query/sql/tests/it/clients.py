"""Connects, browses and asks with the Python clients that analysts use. Arguments: host:port, password."""
import sys
import urllib.parse

import adbc_driver_postgresql.dbapi as adbc
import pandas
import polars
import psycopg
import sqlalchemy

address, password = sys.argv[1:]
secret = urllib.parse.quote(password)
url = f"postgresql://analyst:{secret}@{address}/headroom"


def psycopg_asks():
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT ts, service, attributes, duration_ns FROM spans WHERE span_id = %s", ["0000000000000008"]
        ).fetchall()
        print("psycopg", rows)
        binary = connection.cursor(binary=True).execute(
            "SELECT ts, fee, attributes FROM events WHERE event_id = 'acme1'"
        )
        print("binary", binary.fetchall())
        with connection.cursor("portions") as cursor:
            cursor.itersize = 70
            cursor.execute("SELECT span_id FROM spans")
            print("cursor", sum(1 for _ in cursor))
        with connection.cursor().copy(
            "COPY (SELECT service, status_message, 1.5::numeric FROM spans ORDER BY span_id LIMIT 2) TO STDOUT"
        ) as copy:
            print("copy", list(copy.rows()))
        with connection.cursor().copy("COPY (SELECT span_id FROM spans) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["text"])
            print("copy binary", len(list(copy.rows())))
        try:
            with connection.cursor().copy("COPY (SELECT 1 / duration_ns::bigint FROM spans) TO STDOUT") as copy:
                list(copy.rows())
        except psycopg.Error as error:
            print("copy fails", error.sqlstate)
        connection.rollback()
        try:
            with connection.transaction():
                connection.execute("SELECT 1 / 0")
        except psycopg.Error as error:
            print("savepoint", error.sqlstate, connection.execute("SELECT 'goes on'").fetchone())


def sqlalchemy_browses():
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    inspector = sqlalchemy.inspect(engine)
    print("schemas", inspector.get_schema_names())
    print("tables", len(inspector.get_table_names()), inspector.get_view_names())
    for column in inspector.get_columns("services"):
        print("column", column["name"], column["type"], column["nullable"], column["comment"])
    print("comment", inspector.get_table_comment("services")["text"])
    print("keys", inspector.get_pk_constraint("spans"), inspector.get_foreign_keys("spans"), inspector.get_indexes("spans"))
    spans = sqlalchemy.Table("spans", sqlalchemy.MetaData(), autoload_with=engine)
    busy = (
        sqlalchemy.select(spans.c.service, sqlalchemy.func.count().label("n"))
        .where(spans.c.duration_ns > 1_000_000)
        .group_by(spans.c.service)
        .order_by(sqlalchemy.desc("n"), spans.c.service)
        .limit(2)
    )
    with engine.connect() as connection:
        print("reflected", connection.execute(busy).fetchall())
    frame = pandas.read_sql("SELECT ts, service, fee FROM events ORDER BY ts LIMIT 3", engine)
    print("pandas", dict(frame.dtypes.astype(str)), len(pandas.read_sql_table("services", engine)) > 0)
    with engine.connect().execution_options(stream_results=True, max_row_buffer=50) as connection:
        print("streamed", sum(1 for _ in connection.execute(sqlalchemy.text("SELECT span_id FROM spans"))))


def adbc_reads():
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT ts, service, customer_id FROM spans ORDER BY ts LIMIT 3")
        table = cursor.fetch_arrow_table()
        print("adbc", table.num_rows, [str(field.type) for field in table.schema])
        print("adbc schema", len(connection.adbc_get_table_schema("spans")))
        print("adbc objects", connection.adbc_get_objects(depth="columns").read_all().num_rows)
    frame = polars.read_database_uri(
        "SELECT service, count(*) AS n FROM spans GROUP BY service ORDER BY service LIMIT 2", url, engine="adbc"
    )
    print("polars", frame.rows())


psycopg_asks()
sqlalchemy_browses()
adbc_reads()
