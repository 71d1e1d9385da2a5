-- What clients ask on connecting and browsing, shortened to what each makes special. After the client's name: the rows
-- there must be; 1+ is one or more.

-- pgjdbc 1: settings
SET extra_float_digits = 3;
-- pgjdbc 1+: the kinds of tables, with their descriptions
SELECT n.nspname, c.relname, CASE c.relkind WHEN 'r' THEN 'TABLE' END AS kind, d.description FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass) WHERE c.relnamespace = n.oid AND d.description <> '';
-- pgjdbc 1: whether a type is an array
SELECT typinput='pg_catalog.array_in'::regproc AS is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type WHERE typname = '_int8';
-- pgjdbc 0: primary keys
SELECT result.a, result.seq FROM (SELECT a.attname AS a, (information_schema._pg_expandarray(i.indkey)).n AS seq, information_schema._pg_expandarray(i.indkey) AS keys, a.attnum AS num FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid)) result WHERE result.num = (result.keys).x;

-- DBeaver 1+: schemas
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass ORDER BY nspname;
-- DBeaver 1: databases
SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn;
-- DBeaver 1: words that need quotes
SELECT string_agg(word, ',') FROM pg_catalog.pg_get_keywords() WHERE word <> ALL ('{a,abs,absolute}');
-- DBeaver 0: enumerations
SELECT * FROM pg_catalog.pg_enum WHERE 1 <> 1 LIMIT 1;
-- DBeaver 1+: types
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE c.relkind IS NULL;
-- DBeaver 1+: columns of a table
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def, dsc.description, dep.objid FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum WHERE NOT a.attisdropped AND c.oid = 'spans'::regclass ORDER BY a.attnum;

-- Metabase 1: settings
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;
-- Metabase 1+: schemas
SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1]) ORDER BY nspname;
-- Metabase 1+: rights
WITH rights AS (SELECT t.s, t.o, pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.s, '"', '""') || '"."' || t.o || '"', 'select') AS reads FROM (SELECT schemaname AS s, tablename AS o FROM pg_catalog.pg_tables UNION SELECT schemaname, viewname FROM pg_catalog.pg_views UNION SELECT schemaname, matviewname FROM pg_catalog.pg_matviews) t WHERE t.s !~ '^pg_' AND pg_catalog.has_schema_privilege(current_user, t.s, 'usage')) SELECT * FROM rights WHERE reads;
-- Metabase 1+: tables
SELECT "c"."relname" AS "name", "stat"."n_live_tup" AS "rows" FROM "pg_catalog"."pg_class" AS "c" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "c"."relnamespace" = "n"."oid" LEFT JOIN "pg_stat_user_tables" AS "stat" ON ("n"."nspname" = "stat"."schemaname") AND ("c"."relname" = "stat"."relname") WHERE "n"."nspname" !~ '^pg_' AND c.relkind IN ('r', 'v');
-- Metabase 1+: columns with their descriptions
SELECT "c"."column_name", FORMAT('%s', "c"."udt_name") AS kind, COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST("c"."table_schema" AS TEXT), CAST("c"."table_name" AS TEXT)) AS REGCLASS) AS OID), "c"."ordinal_position") AS comment, "pk"."column_name" IS NOT NULL AS "pk?" FROM "information_schema"."columns" AS "c" LEFT JOIN (SELECT "kc"."table_name", "kc"."column_name" FROM "information_schema"."table_constraints" AS "tc" INNER JOIN "information_schema"."key_column_usage" AS "kc" ON "tc"."constraint_name" = "kc"."constraint_name") AS "pk" ON "c"."table_name" = "pk"."table_name" AND "c"."column_name" = "pk"."column_name" WHERE c.table_schema = 'public';

-- Grafana 1: version
SELECT current_setting('server_version_num')::int/100 AS version;
-- Grafana 0: an extension
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb';
-- Grafana 1+: tables
SELECT CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i, string_to_array(current_setting('search_path'),',') s) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog');
-- Grafana 1+: columns
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE quote_ident(table_schema) = (parse_ident('public.spans'))[1] AND quote_ident(table_name) = (parse_ident('public.spans'))[2];
-- Grafana 1+: a series over the chosen time
SELECT date_trunc('minute', ts) AS "time", service AS metric, count(*) AS value FROM spans WHERE ts BETWEEN '2030-05-01T00:00:00Z' AND '2030-05-01T06:00:00.123Z' GROUP BY 1, 2 ORDER BY 1;

-- Power BI 1+: types, as Npgsql 4 asks
SELECT ns.nspname, a.typname, a.oid, CASE WHEN pg_proc.proname='array_recv' THEN 'a' ELSE a.typtype END AS type, CASE WHEN pg_proc.proname='array_recv' THEN a.typelem WHEN a.typtype='r' THEN rngsubtype ELSE 0 END AS elemoid FROM pg_type AS a JOIN pg_namespace AS ns ON (ns.oid = a.typnamespace) JOIN pg_proc ON pg_proc.oid = a.typreceive LEFT OUTER JOIN pg_range ON (pg_range.rngtypid = a.oid) WHERE a.typtype IN ('b', 'r', 'e', 'd') ORDER BY a.oid;
-- Power BI 1: types, as later ones ask
SELECT typ.oid, elemproc.proname, typ.elem FROM (SELECT typ.oid, CASE WHEN proc.proname='array_recv' THEN typ.typelem WHEN typ.typtype='m' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid) WHEN typ.typtype='d' THEN typ.typbasetype END AS elem FROM pg_type AS typ LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive) AS typ LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elem LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive WHERE elemproc.proname = 'int8recv';
-- Power BI 0: composite types
SELECT typ.oid, att.attname, att.atttypid FROM pg_type AS typ JOIN pg_class AS cls ON (cls.oid = typ.typrelid) JOIN pg_attribute AS att ON (att.attrelid = typ.typrelid) WHERE typ.typtype = 'c' AND cls.relkind='c' AND attnum > 0 ORDER BY typ.oid, att.attnum;
-- Power BI 0: enumerations
SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid=enumtypid ORDER BY oid, enumsortorder;
-- Power BI 1: resets
DISCARD ALL;
-- Power BI 0: character sets
select character_set_name from INFORMATION_SCHEMA.character_sets;
-- Power BI 1+: tables
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables where TABLE_SCHEMA not in ('information_schema', 'pg_catalog') order by TABLE_SCHEMA, TABLE_NAME;
-- Power BI 1+: columns
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when data_type like '%unsigned%' then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = 'public' and TABLE_NAME = 'events' order by ORDINAL_POSITION;
-- Power BI 0: keys that refer to a table
select pk.COLUMN_NAME, fk.TABLE_NAME from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS c inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fk on c.CONSTRAINT_NAME = fk.CONSTRAINT_NAME inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pk on c.UNIQUE_CONSTRAINT_NAME = pk.CONSTRAINT_NAME where pk.TABLE_NAME = 'spans';

-- Superset 1: version
select pg_catalog.version();
-- Superset 1+: tables
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']);
-- Superset 1+: schemas
SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg/_%' ESCAPE '/' ORDER BY nspname;
-- Superset 1+: columns with their defaults
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS "default", a.attnotnull, pgd.description AS comment FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_description pgd ON (pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum) WHERE a.attrelid = 'public.spans'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;
-- Superset 0: a type of an extension
SELECT oid, typarray FROM pg_type WHERE typname = 'hstore';
-- Superset 1: default_schema_name
select current_schema();
