"""Speaks the extended protocol through libpq and prints what comes back."""
import ctypes
import ctypes.util
import struct
import sys

try:
    pq = ctypes.CDLL("libpq.so.5")
except OSError:
    sys.exit(77)

pointer = ctypes.c_void_p
for name, result, arguments in [
    ("PQconnectdb", pointer, [ctypes.c_char_p]),
    ("PQstatus", ctypes.c_int, [pointer]),
    ("PQerrorMessage", ctypes.c_char_p, [pointer]),
    ("PQexecParams", pointer, [pointer, ctypes.c_char_p, ctypes.c_int, pointer, pointer, pointer, pointer, ctypes.c_int]),
    ("PQprepare", pointer, [pointer, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, pointer]),
    ("PQexecPrepared", pointer, [pointer, ctypes.c_char_p, ctypes.c_int, pointer, pointer, pointer, ctypes.c_int]),
    ("PQdescribePrepared", pointer, [pointer, ctypes.c_char_p]),
    ("PQnparams", ctypes.c_int, [pointer]),
    ("PQparamtype", ctypes.c_uint, [pointer, ctypes.c_int]),
    ("PQntuples", ctypes.c_int, [pointer]),
    ("PQnfields", ctypes.c_int, [pointer]),
    ("PQftype", ctypes.c_uint, [pointer, ctypes.c_int]),
    ("PQgetisnull", ctypes.c_int, [pointer, ctypes.c_int, ctypes.c_int]),
    ("PQgetlength", ctypes.c_int, [pointer, ctypes.c_int, ctypes.c_int]),
    ("PQgetvalue", pointer, [pointer, ctypes.c_int, ctypes.c_int]),
    ("PQresultStatus", ctypes.c_int, [pointer]),
    ("PQresultErrorMessage", ctypes.c_char_p, [pointer]),
]:
    function = getattr(pq, name)
    function.restype, function.argtypes = result, arguments

connection = pq.PQconnectdb(sys.argv[1].encode())
if pq.PQstatus(connection) != 0:
    sys.exit(pq.PQerrorMessage(connection).decode())


def arrays(values):
    raw = [None if v is None else v if isinstance(v, bytes) else str(v).encode() for v in values]
    count = max(len(raw), 1)
    texts = (ctypes.c_char_p * count)(*raw)
    lengths = (ctypes.c_int * count)(*[0 if v is None else len(v) for v in raw])
    formats = (ctypes.c_int * count)(*[1 if isinstance(v, bytes) else 0 for v in values])
    return len(raw), texts, lengths, formats


def show(result, binary):
    if pq.PQresultStatus(result) not in (1, 2):
        print("   ", pq.PQresultErrorMessage(result).decode().splitlines()[0])
        return
    types = [pq.PQftype(result, n) for n in range(pq.PQnfields(result))]
    if types:
        print("    types", types)
    for row in range(pq.PQntuples(result)):
        cells = []
        for n in range(len(types)):
            value = ctypes.string_at(pq.PQgetvalue(result, row, n), pq.PQgetlength(result, row, n))
            if pq.PQgetisnull(result, row, n):
                cells.append("NULL")
            else:
                cells.append(value.hex() if binary else value.decode())
        print("   ", " | ".join(cells))


def ask(sql, *values, types=None, binary=False):
    print("binary" if binary else "text", sql, values)
    count, texts, lengths, formats = arrays(values)
    oids = (ctypes.c_uint * max(count, 1))(*types) if types else None
    show(pq.PQexecParams(connection, sql.encode(), count, oids, texts, lengths, formats, int(binary)), binary)


ask("SELECT count(*) FROM spans WHERE service = $1 AND duration_ns > $2", "order", 1000000)
ask("SELECT count(*) FROM spans WHERE ts >= $1", "2030-05-01T00:01:01.000000001Z")
ask("SELECT count(*) FROM spans WHERE ts >= $1", struct.pack(">q", 957139200000000), types=[1184])
ask("SELECT count(*) FROM spans WHERE duration_ns > $1", struct.pack(">i", 1000000), types=[23])
ask("SELECT sum(amount) FROM events WHERE amount > $1", "150.5")
ask("SELECT sum(amount) FROM events WHERE amount > $1", bytes.fromhex("000200000000000100961388"), types=[1700])
ask("SELECT $1", "it's é")
ask("SELECT $1::bigint + 1", 41)
ask("SELECT $1::bigint", None)
ask("SELECT count(*) FROM spans WHERE customer_id = $1", "")
ask("SELECT $1::bigint", "x")
ask("SELECT 7")
ask("SHOW transaction_read_only")
ask("SET extra_float_digits = 3")
ask("DROP TABLE spans")
ask("SELECT * FROM nothing WHERE a = $1", 1)
columns = "ts, fee, quantity, customer_id, 1::bigint, 2::int, 3::smallint, 1.5::double, true, NULL::text, '2030-05-01'::date"
ask(f"SELECT {columns} FROM events WHERE event_id = $1", "acme1")
ask(f"SELECT {columns} FROM events WHERE event_id = $1", "acme1", binary=True)

show(pq.PQprepare(connection, b"p", b"SELECT service FROM spans WHERE span_id = $1 AND duration_ns >= $2", 0, None), False)
described = pq.PQdescribePrepared(connection, b"p")
print("prepared with", [pq.PQparamtype(described, n) for n in range(pq.PQnparams(described))])
for span in (1, 2):
    count, texts, lengths, formats = arrays([f"{span:016x}", 0])
    show(pq.PQexecPrepared(connection, b"p", count, texts, lengths, formats, 0), False)
