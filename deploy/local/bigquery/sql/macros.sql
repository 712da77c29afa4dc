-- GoogleSQL functions that DuckDB lacks or means differently, as macros named bq_<function>.
-- A function of GoogleSQL is supported exactly if it stands here or in functions.ts.
-- Macros named bqx_<…> are what casts, EXTRACT, parameters and the like are rewritten to.
-- They live in the DuckDB file's main schema, so that its views work in any DuckDB client.

-- Texts of values as GoogleSQL writes them: no trailing zeros, and fractions of seconds by threes.
CREATE OR REPLACE MACRO main.bqx_number_text(t) AS
  regexp_replace(regexp_replace(t, '(\.\d*?)0+$', '\1'), '\.$', '');
CREATE OR REPLACE MACRO main.bqx_time_text(t) AS
  CASE WHEN microsecond(t) % 1000000 = 0 THEN strftime(t, '%Y-%m-%d %H:%M:%S')
    WHEN microsecond(t) % 1000 = 0 THEN strftime(t, '%Y-%m-%d %H:%M:%S.%g')
    ELSE strftime(t, '%Y-%m-%d %H:%M:%S.%f') END;

-- CAST and SAFE_CAST, one pair for each type. What DuckDB reads more leniently than GoogleSQL is an error.
CREATE OR REPLACE MACRO main.bqx_cast_string(x) AS
  CASE WHEN typeof(x) = 'BLOB' THEN decode(CAST(CAST(x AS VARCHAR) AS BLOB))
    WHEN typeof(x) = 'DOUBLE' OR typeof(x) LIKE 'DECIMAL%' THEN bqx_number_text(CAST(x AS VARCHAR))
    WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE'
      THEN bqx_time_text(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ) AT TIME ZONE 'UTC') || '+00'
    WHEN typeof(x) = 'TIMESTAMP' THEN bqx_time_text(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP))
    ELSE CAST(x AS VARCHAR) END;
CREATE OR REPLACE MACRO main.bqx_cast_bytes(x) AS
  CASE typeof(x) WHEN 'BLOB' THEN CAST(CAST(x AS VARCHAR) AS BLOB) ELSE encode(CAST(x AS VARCHAR)) END;
CREATE OR REPLACE MACRO main.bqx_safe_cast_int64(x) AS
  CASE WHEN typeof(x) = 'DOUBLE' OR typeof(x) LIKE 'DECIMAL%' THEN TRY_CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT)
    WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '\s*[+-]?\d+\s*') THEN NULL
    ELSE TRY_CAST(x AS BIGINT) END;
CREATE OR REPLACE MACRO main.bqx_cast_int64(x) AS
  CASE WHEN x IS NOT NULL AND bqx_safe_cast_int64(x) IS NULL THEN error('Bad int64 value: ' || CAST(x AS VARCHAR))
    ELSE bqx_safe_cast_int64(x) END;
CREATE OR REPLACE MACRO main.bqx_safe_cast_bool(x) AS
  CASE WHEN typeof(x) = 'VARCHAR' AND lower(CAST(x AS VARCHAR)) NOT IN ('true', 'false') THEN NULL
    ELSE TRY_CAST(x AS BOOLEAN) END;
CREATE OR REPLACE MACRO main.bqx_cast_bool(x) AS
  CASE WHEN x IS NOT NULL AND bqx_safe_cast_bool(x) IS NULL THEN error('Bad bool value: ' || CAST(x AS VARCHAR))
    ELSE bqx_safe_cast_bool(x) END;
CREATE OR REPLACE MACRO main.bqx_cast_float64(x) AS CAST(x AS DOUBLE);
CREATE OR REPLACE MACRO main.bqx_cast_numeric(x) AS CAST(x AS DECIMAL(38, 9));
CREATE OR REPLACE MACRO main.bqx_cast_timestamp(x) AS CAST(x AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO main.bqx_cast_date(x) AS CAST(x AS DATE);
CREATE OR REPLACE MACRO main.bqx_cast_time(x) AS CAST(x AS TIME);
CREATE OR REPLACE MACRO main.bqx_cast_datetime(x) AS CAST(x AS TIMESTAMP);
CREATE OR REPLACE MACRO main.bqx_safe_cast_string(x) AS bqx_cast_string(x);
CREATE OR REPLACE MACRO main.bqx_safe_cast_bytes(x) AS bqx_cast_bytes(x);
CREATE OR REPLACE MACRO main.bqx_safe_cast_float64(x) AS TRY_CAST(x AS DOUBLE);
CREATE OR REPLACE MACRO main.bqx_safe_cast_numeric(x) AS TRY_CAST(x AS DECIMAL(38, 9));
CREATE OR REPLACE MACRO main.bqx_safe_cast_timestamp(x) AS TRY_CAST(x AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO main.bqx_safe_cast_date(x) AS TRY_CAST(x AS DATE);
CREATE OR REPLACE MACRO main.bqx_safe_cast_time(x) AS TRY_CAST(x AS TIME);
CREATE OR REPLACE MACRO main.bqx_safe_cast_datetime(x) AS TRY_CAST(x AS TIMESTAMP);

-- JSON. JSON_VALUE gives text, and NULL where there is an object or an array.
CREATE OR REPLACE MACRO main.bq_json_value(j, p) AS
  CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE j ->> p END,
  (j) AS CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE j ->> '$' END;
CREATE OR REPLACE MACRO main.bq_json_extract_scalar(j, p) AS bq_json_value(j, p), (j) AS bq_json_value(j);
CREATE OR REPLACE MACRO main.bq_json_query(j, p) AS json_extract(j, p), (j) AS CAST(j AS JSON);
CREATE OR REPLACE MACRO main.bq_json_extract(j, p) AS json_extract(j, p), (j) AS CAST(j AS JSON);
CREATE OR REPLACE MACRO main.bq_json_query_array(j, p) AS CAST(json_extract(j, p) AS JSON[]), (j) AS CAST(CAST(j AS JSON) AS JSON[]);
CREATE OR REPLACE MACRO main.bq_json_extract_array(j, p) AS bq_json_query_array(j, p), (j) AS bq_json_query_array(j);
CREATE OR REPLACE MACRO main.bq_json_value_array(j, p) AS
  list_transform(CAST(json_extract(j, p) AS JSON[]), lambda e: e ->> '$'),
  (j) AS list_transform(CAST(CAST(j AS JSON) AS JSON[]), lambda e: e ->> '$');
CREATE OR REPLACE MACRO main.bq_json_type(j) AS
  CASE json_type(j) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'
    WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' WHEN NULL THEN NULL ELSE 'number' END;
CREATE OR REPLACE MACRO main.bq_parse_json(s) AS CAST(s AS JSON);
CREATE OR REPLACE MACRO main.bq_to_json(x) AS to_json(x);
CREATE OR REPLACE MACRO main.bq_to_json_string(x) AS CAST(to_json(x) AS VARCHAR);

-- Strings and bytes. CONCAT is NULL if any part is; the hashes give bytes, not hexadecimal text.
CREATE OR REPLACE MACRO main.bq_concat(a) AS a, (a, b) AS a || b, (a, b, c) AS a || b || c,
  (a, b, c, d) AS a || b || c || d, (a, b, c, d, e) AS a || b || c || d || e,
  (a, b, c, d, e, f) AS a || b || c || d || e || f, (a, b, c, d, e, f, g) AS a || b || c || d || e || f || g,
  (a, b, c, d, e, f, g, h) AS a || b || c || d || e || f || g || h;
CREATE OR REPLACE MACRO main.bq_md5(x) AS unhex(md5(x));
CREATE OR REPLACE MACRO main.bq_sha1(x) AS unhex(sha1(x));
CREATE OR REPLACE MACRO main.bq_sha256(x) AS unhex(sha256(x));
CREATE OR REPLACE MACRO main.bq_to_hex(b) AS lower(hex(b));
CREATE OR REPLACE MACRO main.bq_from_hex(s) AS unhex(s);
CREATE OR REPLACE MACRO main.bq_to_base64(b) AS to_base64(b);
CREATE OR REPLACE MACRO main.bq_from_base64(s) AS from_base64(s);
CREATE OR REPLACE MACRO main.bq_length(x) AS
  CASE typeof(x) WHEN 'BLOB' THEN octet_length(CAST(CAST(x AS VARCHAR) AS BLOB)) ELSE length(CAST(x AS VARCHAR)) END;
CREATE OR REPLACE MACRO main.bq_char_length(x) AS length(x);
CREATE OR REPLACE MACRO main.bq_byte_length(x) AS octet_length(bqx_cast_bytes(x));
CREATE OR REPLACE MACRO main.bq_split(s) AS string_split(s, ','), (s, d) AS string_split(s, d);
CREATE OR REPLACE MACRO main.bq_lpad(s, n) AS lpad(s, CAST(n AS INTEGER), ' '), (s, n, p) AS lpad(s, CAST(n AS INTEGER), p);
CREATE OR REPLACE MACRO main.bq_rpad(s, n) AS rpad(s, CAST(n AS INTEGER), ' '), (s, n, p) AS rpad(s, CAST(n AS INTEGER), p);
CREATE OR REPLACE MACRO main.bq_regexp_contains(s, r) AS regexp_matches(s, r);
CREATE OR REPLACE MACRO main.bq_regexp_replace(s, r, t) AS regexp_replace(s, r, t, 'g');
-- REGEXP_EXTRACT gives the group if the expression has one, and NULL without a match.
CREATE OR REPLACE MACRO main.bq_regexp_extract(s, r) AS CASE WHEN regexp_matches(s, r) THEN regexp_extract(s, r) END;
CREATE OR REPLACE MACRO main.bqx_regexp_extract_group(s, r) AS CASE WHEN regexp_matches(s, r) THEN regexp_extract(s, r, 1) END;
CREATE OR REPLACE MACRO main.bq_regexp_extract_all(s, r) AS regexp_extract_all(s, r);
CREATE OR REPLACE MACRO main.bqx_regexp_extract_all_group(s, r) AS regexp_extract_all(s, r, 1);
CREATE OR REPLACE MACRO main.bq_contains_substr(s, t) AS contains(lower(CAST(s AS VARCHAR)), lower(t));
CREATE OR REPLACE MACRO main.bq_string(x) AS
  CASE typeof(x) WHEN 'JSON' THEN CAST(to_json(x) AS JSON) ->> '$' ELSE bqx_cast_string(x) END;
CREATE OR REPLACE MACRO main.bq_int64(j) AS CAST(j AS BIGINT);
CREATE OR REPLACE MACRO main.bq_float64(j) AS CAST(j AS DOUBLE);
CREATE OR REPLACE MACRO main.bq_bool(j) AS CAST(j AS BOOLEAN);

-- Time. A date part comes as text; a difference counts whole parts for timestamps, boundaries for dates.
CREATE OR REPLACE MACRO main.bq_current_timestamp() AS current_timestamp;
CREATE OR REPLACE MACRO main.bq_current_date() AS CAST(current_timestamp AT TIME ZONE 'UTC' AS DATE),
  (tz) AS CAST(current_timestamp AT TIME ZONE tz AS DATE);
CREATE OR REPLACE MACRO main.bq_current_datetime() AS current_timestamp AT TIME ZONE 'UTC', (tz) AS current_timestamp AT TIME ZONE tz;
CREATE OR REPLACE MACRO main.bq_timestamp(x) AS CAST(x AS TIMESTAMPTZ), (x, tz) AS CAST(x AS TIMESTAMP) AT TIME ZONE tz;
CREATE OR REPLACE MACRO main.bq_date(x) AS CAST(x AS DATE), (x, tz) AS CAST(CAST(x AS TIMESTAMPTZ) AT TIME ZONE tz AS DATE),
  (y, m, d) AS make_date(y, m, d);
CREATE OR REPLACE MACRO main.bq_time(x) AS CAST(x AS TIME), (x, tz) AS CAST(CAST(x AS TIMESTAMPTZ) AT TIME ZONE tz AS TIME),
  (h, m, s) AS make_time(h, m, s);
CREATE OR REPLACE MACRO main.bq_datetime(x) AS CAST(x AS TIMESTAMP), (x, tz) AS CAST(x AS TIMESTAMPTZ) AT TIME ZONE tz,
  (y, mo, d, h, mi, s) AS make_timestamp(y, mo, d, h, mi, s);
CREATE OR REPLACE MACRO main.bq_timestamp_diff(a, b, part) AS date_sub(part, CAST(b AS TIMESTAMPTZ), CAST(a AS TIMESTAMPTZ));
CREATE OR REPLACE MACRO main.bq_datetime_diff(a, b, part) AS date_diff(part, CAST(b AS TIMESTAMP), CAST(a AS TIMESTAMP));
CREATE OR REPLACE MACRO main.bq_date_diff(a, b, part) AS date_diff(part, CAST(b AS DATE), CAST(a AS DATE));
CREATE OR REPLACE MACRO main.bq_timestamp_trunc(t, part) AS date_trunc(part, CAST(t AS TIMESTAMPTZ)),
  (t, part, tz) AS date_trunc(part, CAST(t AS TIMESTAMPTZ) AT TIME ZONE tz) AT TIME ZONE tz;
CREATE OR REPLACE MACRO main.bq_datetime_trunc(t, part) AS date_trunc(part, CAST(t AS TIMESTAMP));
CREATE OR REPLACE MACRO main.bq_date_trunc(d, part) AS CAST(date_trunc(part, CAST(d AS DATE)) AS DATE);
CREATE OR REPLACE MACRO main.bq_timestamp_add(t, i) AS CAST(t AS TIMESTAMPTZ) + i;
CREATE OR REPLACE MACRO main.bq_timestamp_sub(t, i) AS CAST(t AS TIMESTAMPTZ) - i;
CREATE OR REPLACE MACRO main.bq_datetime_add(t, i) AS CAST(t AS TIMESTAMP) + i;
CREATE OR REPLACE MACRO main.bq_datetime_sub(t, i) AS CAST(t AS TIMESTAMP) - i;
CREATE OR REPLACE MACRO main.bq_date_add(d, i) AS CAST(CAST(d AS DATE) + i AS DATE);
CREATE OR REPLACE MACRO main.bq_date_sub(d, i) AS CAST(CAST(d AS DATE) - i AS DATE);
CREATE OR REPLACE MACRO main.bq_last_day(d) AS last_day(d);
-- Rounded down, also before 1970.
CREATE OR REPLACE MACRO main.bqx_floor_divide(n, d) AS (n - ((n % d) + d) % d) // d;
CREATE OR REPLACE MACRO main.bq_unix_seconds(t) AS bqx_floor_divide(epoch_us(CAST(t AS TIMESTAMPTZ)), 1000000);
CREATE OR REPLACE MACRO main.bq_unix_millis(t) AS bqx_floor_divide(epoch_us(CAST(t AS TIMESTAMPTZ)), 1000);
CREATE OR REPLACE MACRO main.bq_unix_micros(t) AS epoch_us(CAST(t AS TIMESTAMPTZ));
CREATE OR REPLACE MACRO main.bq_unix_date(d) AS date_diff('day', DATE '1970-01-01', d);
CREATE OR REPLACE MACRO main.bq_timestamp_seconds(n) AS make_timestamptz(CAST(n * 1000000 AS BIGINT));
CREATE OR REPLACE MACRO main.bq_timestamp_millis(n) AS make_timestamptz(CAST(n * 1000 AS BIGINT));
CREATE OR REPLACE MACRO main.bq_timestamp_micros(n) AS make_timestamptz(CAST(n AS BIGINT));
CREATE OR REPLACE MACRO main.bq_format_timestamp(f, t) AS strftime(CAST(t AS TIMESTAMPTZ) AT TIME ZONE 'UTC', f),
  (f, t, tz) AS strftime(CAST(t AS TIMESTAMPTZ) AT TIME ZONE tz, f);
CREATE OR REPLACE MACRO main.bq_format_datetime(f, t) AS strftime(CAST(t AS TIMESTAMP), f);
CREATE OR REPLACE MACRO main.bq_format_date(f, d) AS strftime(CAST(d AS DATE), f);
CREATE OR REPLACE MACRO main.bq_parse_timestamp(f, s) AS strptime(s, f) AT TIME ZONE 'UTC',
  (f, s, tz) AS strptime(s, f) AT TIME ZONE tz;
CREATE OR REPLACE MACRO main.bq_parse_datetime(f, s) AS strptime(s, f);
CREATE OR REPLACE MACRO main.bq_parse_date(f, s) AS CAST(strptime(s, f) AS DATE);
CREATE OR REPLACE MACRO main.bq_generate_date_array(a, b) AS
  CAST(generate_series(CAST(a AS DATE), CAST(b AS DATE), INTERVAL 1 DAY) AS DATE[]),
  (a, b, i) AS CAST(generate_series(CAST(a AS DATE), CAST(b AS DATE), i) AS DATE[]);
CREATE OR REPLACE MACRO main.bq_generate_timestamp_array(a, b, i) AS generate_series(CAST(a AS TIMESTAMPTZ), CAST(b AS TIMESTAMPTZ), i);

-- EXTRACT(part FROM x) becomes bqx_extract_part(x). BigQuery's DAYOFWEEK starts with 1 on Sunday.
CREATE OR REPLACE MACRO main.bqx_extract_microsecond(x) AS extract(microsecond FROM x) % 1000000;
CREATE OR REPLACE MACRO main.bqx_extract_millisecond(x) AS extract(millisecond FROM x) % 1000;
CREATE OR REPLACE MACRO main.bqx_extract_second(x) AS extract(second FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_minute(x) AS extract(minute FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_hour(x) AS extract(hour FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_dayofweek(x) AS extract(dow FROM x) + 1;
CREATE OR REPLACE MACRO main.bqx_extract_day(x) AS extract(day FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_dayofyear(x) AS extract(doy FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_isoweek(x) AS extract(week FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_month(x) AS extract(month FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_quarter(x) AS extract(quarter FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_year(x) AS extract(year FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_isoyear(x) AS extract(isoyear FROM x);
CREATE OR REPLACE MACRO main.bqx_extract_date(x) AS CAST(x AS DATE);
CREATE OR REPLACE MACRO main.bqx_extract_time(x) AS CAST(x AS TIME);

-- Numbers and arrays.
CREATE OR REPLACE MACRO main.bq_log(x) AS ln(x), (x, b) AS ln(x) / ln(b);
CREATE OR REPLACE MACRO main.bq_log10(x) AS log10(x);
CREATE OR REPLACE MACRO main.bq_safe_divide(a, b) AS CASE WHEN b <> 0 THEN a / b END;
CREATE OR REPLACE MACRO main.bq_ieee_divide(a, b) AS
  CASE WHEN b <> 0 THEN CAST(a AS DOUBLE) / b WHEN a = 0 OR isnan(CAST(a AS DOUBLE)) THEN CAST('NaN' AS DOUBLE)
    ELSE sign(a) * CAST('Infinity' AS DOUBLE) END;
CREATE OR REPLACE MACRO main.bq_mod(a, b) AS CASE WHEN b = 0 THEN error('division by zero: MOD') ELSE a % b END;
CREATE OR REPLACE MACRO main.bq_div(a, b) AS CASE WHEN b = 0 THEN error('division by zero: DIV') ELSE a // b END;
CREATE OR REPLACE MACRO main.bq_date_from_unix_date(n) AS DATE '1970-01-01' + CAST(n AS INTEGER);
CREATE OR REPLACE MACRO main.bq_is_nan(x) AS isnan(x);
CREATE OR REPLACE MACRO main.bq_is_inf(x) AS isinf(x);
CREATE OR REPLACE MACRO main.bq_rand() AS random();
CREATE OR REPLACE MACRO main.bq_generate_uuid() AS CAST(uuid() AS VARCHAR);
CREATE OR REPLACE MACRO main.bq_array_length(a) AS len(a);
CREATE OR REPLACE MACRO main.bq_array_reverse(a) AS list_reverse(a);
CREATE OR REPLACE MACRO main.bq_array_first(a) AS a[1];
CREATE OR REPLACE MACRO main.bq_array_last(a) AS a[-1];
CREATE OR REPLACE MACRO main.bq_array_to_string(a, s) AS array_to_string(a, s),
  (a, s, n) AS array_to_string(list_transform(a, lambda e: coalesce(e, n)), s);
CREATE OR REPLACE MACRO main.bqx_first_elements(a, n) AS list_slice(a, 1, n);

-- <dataset>.INFORMATION_SCHEMA.TABLES and COLUMNS, read from the catalog's own resources.
CREATE OR REPLACE MACRO _bigquery.information_schema_tables(dataset) AS TABLE
  SELECT resource ->> '$.tableReference.projectId' AS table_catalog, dataset_id AS table_schema, table_id AS table_name,
    CASE resource ->> '$.type' WHEN 'VIEW' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type,
    make_timestamptz(CAST(resource ->> '$.creationTime' AS BIGINT) * 1000) AS creation_time
  FROM _bigquery.tables WHERE dataset_id = dataset;
CREATE OR REPLACE MACRO _bigquery.information_schema_columns(dataset) AS TABLE
  SELECT table_catalog, dataset_id AS table_schema, table_id AS table_name, c ->> 'name' AS column_name,
    CAST(c ->> 'position' AS BIGINT) AS ordinal_position, c ->> 'nullable' AS is_nullable, c ->> 'type' AS data_type,
    c ->> 'partitioning' AS is_partitioning_column, c ->> 'default' AS column_default
  FROM (SELECT resource ->> '$.tableReference.projectId' AS table_catalog, dataset_id, table_id,
          unnest(CAST(columns AS JSON[])) AS c
        FROM _bigquery.tables WHERE dataset_id = dataset);

-- @name of each type: with the cast DuckDB knows the columns of a query before the value is bound.
CREATE OR REPLACE MACRO main.bqx_param_string(x) AS CAST(x AS VARCHAR);
CREATE OR REPLACE MACRO main.bqx_param_bytes(x) AS CAST(x AS BLOB);
CREATE OR REPLACE MACRO main.bqx_param_integer(x) AS CAST(x AS BIGINT);
CREATE OR REPLACE MACRO main.bqx_param_float(x) AS CAST(x AS DOUBLE);
CREATE OR REPLACE MACRO main.bqx_param_numeric(x) AS CAST(x AS DECIMAL(38, 9));
CREATE OR REPLACE MACRO main.bqx_param_boolean(x) AS CAST(x AS BOOLEAN);
CREATE OR REPLACE MACRO main.bqx_param_timestamp(x) AS CAST(x AS TIMESTAMPTZ);
CREATE OR REPLACE MACRO main.bqx_param_date(x) AS CAST(x AS DATE);
CREATE OR REPLACE MACRO main.bqx_param_time(x) AS CAST(x AS TIME);
CREATE OR REPLACE MACRO main.bqx_param_datetime(x) AS CAST(x AS TIMESTAMP);
CREATE OR REPLACE MACRO main.bqx_param_json(x) AS CAST(x AS JSON);
CREATE OR REPLACE MACRO main.bqx_param_string_array(x) AS CAST(x AS VARCHAR[]);
CREATE OR REPLACE MACRO main.bqx_param_bytes_array(x) AS CAST(x AS BLOB[]);
CREATE OR REPLACE MACRO main.bqx_param_integer_array(x) AS CAST(x AS BIGINT[]);
CREATE OR REPLACE MACRO main.bqx_param_float_array(x) AS CAST(x AS DOUBLE[]);
CREATE OR REPLACE MACRO main.bqx_param_numeric_array(x) AS CAST(x AS DECIMAL(38, 9)[]);
CREATE OR REPLACE MACRO main.bqx_param_boolean_array(x) AS CAST(x AS BOOLEAN[]);
CREATE OR REPLACE MACRO main.bqx_param_timestamp_array(x) AS CAST(x AS TIMESTAMPTZ[]);
CREATE OR REPLACE MACRO main.bqx_param_date_array(x) AS CAST(x AS DATE[]);
CREATE OR REPLACE MACRO main.bqx_param_time_array(x) AS CAST(x AS TIME[]);
CREATE OR REPLACE MACRO main.bqx_param_datetime_array(x) AS CAST(x AS TIMESTAMP[]);
CREATE OR REPLACE MACRO main.bq_safe_convert_bytes_to_string(x) AS TRY(decode(x));
