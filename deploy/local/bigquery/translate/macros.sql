-- What GoogleSQL's functions, casts and operators mean, where DuckDB lacks them or means something else.
-- The rules in functions/ and casts.ts call these macros; each takes arguments of one type only.
-- They live in the DuckDB file's main schema, so that its views work in any DuckDB client. What not even a macro can be
-- made of is in engine/scalar-functions.ts, and lives in this server only.

-- An error of the data, in GoogleSQL's words: the cast fails, and engine/query-errors.ts finds the text in
-- DuckDB's message. Unlike error(), a cast is no volatile function, so TRY can make NULL of it.
CREATE OR REPLACE MACRO main.gs_raise(message) AS
  CAST(CAST('<gs>' || message || '</gs>' AS BIGINT) AS VARCHAR);

-- Numbers as text.
CREATE OR REPLACE MACRO main.gs_numeric_text(x) AS
  regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(\.\d*?)0+$', '\1'), '\.$', '');
CREATE OR REPLACE MACRO main.gs_double_text(x) AS
  CASE WHEN isnan(x) THEN 'nan' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'inf' ELSE '-inf' END
    WHEN TRY_CAST(printf('%.15g', x) AS DOUBLE) = x THEN printf('%.15g', x) ELSE printf('%.17g', x) END;
-- A number that is none of INT64 by the look of it.
CREATE OR REPLACE MACRO main.gs_double_literal(x) AS regexp_replace(gs_double_text(x), '^(-?\d+)$', '\1.0');

-- Arithmetic.
CREATE OR REPLACE MACRO main.gs_finite(result, a, b, operator) AS
  CASE WHEN NOT isfinite(result) AND isfinite(a) AND isfinite(b)
    THEN CAST(gs_raise('double overflow: ' || gs_double_text(a) || ' ' || operator || ' ' || gs_double_text(b)) AS DOUBLE)
    ELSE result END;
CREATE OR REPLACE MACRO main.gs_divide(a, b) AS
  CASE WHEN b = 0 THEN CAST(gs_raise('division by zero: ' || gs_double_text(a) || ' / ' || gs_double_text(b)) AS DOUBLE)
    ELSE gs_finite(a / b, a, b, '/') END;
-- The quotient of two NUMERICs, rounded half away from zero at the ninth decimal, in whole billionths.
CREATE OR REPLACE MACRO main.gs_billionths(x) AS CAST(x * CAST(1000000000 AS DECIMAL(10, 0)) AS HUGEINT);
CREATE OR REPLACE MACRO main.gs_rounded_quotient(n, d) AS
  (CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END) * ((2 * abs(n) * 1000000000 + abs(d)) // (2 * abs(d)));
CREATE OR REPLACE MACRO main.gs_numeric_divide(a, b) AS
  CASE WHEN b = 0
    THEN CAST(gs_raise('division by zero: ' || gs_numeric_text(a) || ' / ' || gs_numeric_text(b)) AS DECIMAL(38, 9))
    ELSE CAST(CAST(gs_rounded_quotient(gs_billionths(a), gs_billionths(b)) AS DECIMAL(38, 0))
      * CAST('0.000000001' AS DECIMAL(10, 9)) AS DECIMAL(38, 9)) END;
CREATE OR REPLACE MACRO main.gs_zero_division(a, b) AS
  CAST(gs_raise('division by zero: ' || gs_numeric_text(a) || ' / ' || gs_numeric_text(b)) AS BIGINT);
CREATE OR REPLACE MACRO main.gs_mod(a, b) AS
  CASE WHEN b = 0 THEN gs_zero_division(a, b) ELSE a % b END;
CREATE OR REPLACE MACRO main.gs_int_mod(a, b) AS CASE WHEN b = -1 THEN a - a ELSE gs_mod(a, b) END;
CREATE OR REPLACE MACRO main.gs_div(a, b) AS
  CASE WHEN b = 0 THEN gs_zero_division(a, b) ELSE trunc(a // b) END;
CREATE OR REPLACE MACRO main.gs_int_div(a, b) AS CASE WHEN b = -1 THEN - a ELSE gs_div(a, b) END;
CREATE OR REPLACE MACRO main.gs_abs(x) AS
  CASE WHEN x = -9223372036854775808 THEN CAST(gs_raise('int64 overflow: ABS(-9223372036854775808)') AS BIGINT) ELSE abs(x) END;
-- DuckDB holds NaN to be the greatest of numbers; in GoogleSQL the least of values among which it is, is NaN, too.
CREATE OR REPLACE MACRO main.gs_or_nan(has_nan, x) AS CASE WHEN has_nan THEN CAST('NaN' AS DOUBLE) ELSE x END;
CREATE OR REPLACE MACRO main.gs_floor_divide(n, d) AS ((n - ((n % d) + d) % d) // d);
CREATE OR REPLACE MACRO main.gs_ieee_divide(a, b) AS
  CASE WHEN b IS NULL THEN NULL WHEN b <> 0 OR isnan(b) THEN a / b WHEN a = 0 OR isnan(a) THEN CAST('NaN' AS DOUBLE)
    WHEN b IS NOT NULL THEN sign(a) * CAST('Infinity' AS DOUBLE) END;
-- A function whose result is no finite number is an error, unless its argument is none.
CREATE OR REPLACE MACRO main.gs_finite_of(name, x, y) AS
  CASE WHEN isfinite(x) AND NOT isfinite(y) THEN CAST(gs_raise('Floating point error in function: ' || name || '(' || gs_double_text(x) || ')') AS DOUBLE) ELSE y END;
-- DuckDB's sums of NUMERICs may have more digits than a NUMERIC.
CREATE OR REPLACE MACRO main.gs_numeric_sum(x) AS
  CASE WHEN abs(x) > CAST('99999999999999999999999999999.999999999' AS DECIMAL(38, 9)) THEN CAST(gs_raise('numeric overflow: SUM') AS DECIMAL(38, 9)) ELSE x END;
-- A count or a position where DuckDB takes no larger one, and which is beyond the end of any text.
CREATE OR REPLACE MACRO main.gs_near(n) AS
  CASE WHEN n > 2147483646 THEN 2147483646 WHEN n < -2147483646 THEN -2147483646 ELSE n END;
CREATE OR REPLACE MACRO main.gs_round(x, n) AS round(x, CAST(gs_near(n) AS INTEGER));
CREATE OR REPLACE MACRO main.gs_round_half_even(x, n, half) AS
  CASE WHEN abs(x - trunc(x, n)) = half THEN 2 * round(CAST(x * CAST('0.5' AS DECIMAL(2, 1)) AS DECIMAL(38, 10)), n) ELSE round(x, n) END;
CREATE OR REPLACE MACRO main.gs_reciprocal(name, x, y) AS
  CASE WHEN y = 0 THEN CAST(gs_raise('Floating point error in function: ' || name || '(' || gs_double_text(CAST(x AS DOUBLE)) || ')') AS DOUBLE) ELSE 1 / y END;
CREATE OR REPLACE MACRO main.gs_trunc(x, n) AS
  CASE WHEN n = 0 THEN trunc(x) WHEN n > 300 THEN x WHEN n < -308 THEN 0 ELSE trunc(x * pow(10, n)) / pow(10, n) END;
CREATE OR REPLACE MACRO main.gs_pow(a, b) AS gs_finite(pow(a, b), a, b, '^');
CREATE OR REPLACE MACRO main.gs_sqrt(x) AS
  CASE WHEN x < 0 THEN CAST(gs_raise('Argument to SQRT cannot be negative: ' || gs_double_text(x)) AS DOUBLE) ELSE sqrt(x) END;
CREATE OR REPLACE MACRO main.gs_log(x) AS
  CASE WHEN x <= 0 THEN CAST(gs_raise('Argument to LN must be positive: ' || gs_double_text(x)) AS DOUBLE) ELSE ln(x) END,
  (x, b) AS CASE WHEN x <= 0 OR b <= 0 OR b = 1
    THEN CAST(gs_raise('Arguments to LOG must be positive, and its base not 1') AS DOUBLE) ELSE ln(x) / ln(b) END;
CREATE OR REPLACE MACRO main.gs_log10(x) AS
  CASE WHEN x <= 0 THEN CAST(gs_raise('Argument to LOG10 must be positive: ' || gs_double_text(x)) AS DOUBLE) ELSE log10(x) END;
CREATE OR REPLACE MACRO main.gs_shift_left(x, n) AS
  CASE WHEN n < 0 THEN CAST(gs_raise('Bitwise shift by negative offset.') AS BIGINT) WHEN n > 63 THEN 0
    ELSE CAST((CAST(x AS BIT) << CAST(n AS INTEGER)) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_shift_right(x, n) AS
  CASE WHEN n < 0 THEN CAST(gs_raise('Bitwise shift by negative offset.') AS BIGINT) WHEN n > 63 THEN 0
    ELSE CAST((CAST(x AS BIT) >> CAST(n AS INTEGER)) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_bit_count(b) AS
  CASE WHEN octet_length(b) = 0 THEN 0 ELSE CAST(bit_count(CAST(nullif(b, unhex('')) AS BIT)) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_range_bucket(x, bounds) AS
  CASE WHEN x IS NOT NULL THEN len(list_filter(bounds, lambda b: b <= x)) END;

-- A moment has no months: only intervals of days and shorter parts can be added to it.
CREATE OR REPLACE MACRO main.gs_without_months(i) AS
  CASE WHEN date_part('year', i) <> 0 OR date_part('month', i) <> 0
    THEN to_days(CAST(CAST(gs_raise('TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.') AS BIGINT) AS INTEGER))
    ELSE i END;

-- Casts. What DuckDB reads more leniently than GoogleSQL is an error.
CREATE OR REPLACE MACRO main.gs_bad(kind, text) AS gs_raise('Bad ' || kind || ' value: ' || text);
CREATE OR REPLACE MACRO main.gs_text_to_int(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '\s*[+-]?(\d+|0[xX][0-9a-fA-F]+)\s*') AND TRY_CAST(trim(s) AS BIGINT) IS NOT NULL THEN TRY_CAST(trim(s) AS BIGINT)
    ELSE CAST(gs_bad('int64', s) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_text_to_double(s) AS
  CASE WHEN s IS NULL OR TRY_CAST(trim(s) AS DOUBLE) IS NOT NULL THEN TRY_CAST(trim(s) AS DOUBLE)
    ELSE CAST(gs_bad('double', s) AS DOUBLE) END;
CREATE OR REPLACE MACRO main.gs_text_to_numeric(s) AS
  CASE WHEN s IS NULL OR TRY_CAST(trim(s) AS DECIMAL(38, 9)) IS NOT NULL THEN TRY_CAST(trim(s) AS DECIMAL(38, 9))
    ELSE CAST(gs_raise('Invalid NUMERIC value: ' || s) AS DECIMAL(38, 9)) END;
CREATE OR REPLACE MACRO main.gs_text_to_bool(s) AS
  CASE lower(s) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE
    CASE WHEN s IS NOT NULL THEN CAST(gs_bad('bool', s) AS BOOLEAN) END END;
CREATE OR REPLACE MACRO main.gs_double_to_int(x) AS
  CASE WHEN x IS NULL OR TRY_CAST(round(x) AS BIGINT) IS NOT NULL THEN TRY_CAST(round(x) AS BIGINT)
    ELSE CAST(gs_raise(CASE WHEN isfinite(x) THEN 'Casting to INT64 out of range: ' ELSE 'Illegal conversion of non-finite floating point number to an integer: ' END || gs_double_text(x)) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_double_to_numeric(x) AS
  CASE WHEN x IS NULL OR TRY_CAST(CAST(x AS VARCHAR) AS DECIMAL(38, 9)) IS NOT NULL THEN TRY_CAST(CAST(x AS VARCHAR) AS DECIMAL(38, 9))
    ELSE CAST(gs_raise(CASE WHEN isfinite(x) THEN 'numeric out of range: ' ELSE 'Illegal conversion of non-finite floating point number to numeric: ' END || gs_double_text(x)) AS DECIMAL(38, 9)) END;
CREATE OR REPLACE MACRO main.gs_numeric_to_int(x) AS
  CASE WHEN x IS NULL OR TRY_CAST(round(x, 0) AS BIGINT) IS NOT NULL THEN TRY_CAST(round(x, 0) AS BIGINT)
    ELSE CAST(gs_raise('int64 out of range: ' || gs_numeric_text(x)) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_decode(b) AS
  CASE WHEN b IS NULL OR TRY(decode(b)) IS NOT NULL THEN TRY(decode(b)) ELSE gs_raise('Invalid UTF-8: cannot cast BYTES to STRING') END;

-- Dates and times from text, and as text.
CREATE OR REPLACE MACRO main.gs_is_date(s) AS regexp_full_match(s, '\s*\d{1,4}-\d{1,2}-\d{1,2}\s*');
CREATE OR REPLACE MACRO main.gs_is_datetime(s) AS
  regexp_full_match(s, '\s*\d{1,4}-\d{1,2}-\d{1,2}([ Tt]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{0,6})?)?)?\s*');
CREATE OR REPLACE MACRO main.gs_text_to_date(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN gs_is_datetime(s) AND TRY_CAST(trim(s) AS DATE) IS NOT NULL THEN TRY_CAST(trim(s) AS DATE)
    ELSE CAST(gs_raise(CASE WHEN gs_is_date(s) THEN 'Invalid date: ' ELSE 'Invalid date: ' END || '''' || s || '''') AS DATE) END;
CREATE OR REPLACE MACRO main.gs_text_to_datetime(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN gs_is_datetime(s) AND TRY_CAST(trim(s) AS TIMESTAMP) IS NOT NULL THEN TRY_CAST(trim(s) AS TIMESTAMP)
    ELSE CAST(gs_raise('Invalid datetime string "' || s || '"') AS TIMESTAMP) END;
CREATE OR REPLACE MACRO main.gs_text_to_time(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '\s*\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{0,6})?)?\s*') AND TRY_CAST(trim(s) AS TIME) IS NOT NULL THEN TRY_CAST(trim(s) AS TIME)
    ELSE CAST(gs_raise('Invalid time string "' || s || '"') AS TIME) END;
CREATE OR REPLACE MACRO main.gs_text_to_timestamp(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '\s*\d{1,4}-\d{1,2}-\d{1,2}([ Tt]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{0,6})?)?)?( ?([Zz]|[+-]\d{1,2}(:?\d{2})?)| [A-Za-z_]+(/[A-Za-z_/+-]+)?)?\s*')
      AND TRY_CAST(trim(s) AS TIMESTAMPTZ) IS NOT NULL THEN TRY_CAST(trim(s) AS TIMESTAMPTZ)
    ELSE CAST(gs_raise('Invalid timestamp: ''' || s || '''') AS TIMESTAMPTZ) END;
CREATE OR REPLACE MACRO main.gs_fraction_text(t) AS
  CASE WHEN microsecond(t) % 1000000 = 0 THEN '' WHEN microsecond(t) % 1000 = 0 THEN '.' || lpad(CAST(microsecond(t) % 1000000 // 1000 AS VARCHAR), 3, '0')
    ELSE '.' || lpad(CAST(microsecond(t) % 1000000 AS VARCHAR), 6, '0') END;
CREATE OR REPLACE MACRO main.gs_datetime_text(t) AS strftime(t, '%Y-%m-%d %H:%M:%S') || gs_fraction_text(t);
CREATE OR REPLACE MACRO main.gs_iso_text(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S') || gs_fraction_text(t);
CREATE OR REPLACE MACRO main.gs_timestamp_text(t) AS gs_datetime_text(t AT TIME ZONE 'UTC') || '+00';
CREATE OR REPLACE MACRO main.gs_zone_text(minutes) AS
  (CASE WHEN minutes < 0 THEN '-' ELSE '+' END) || lpad(CAST(abs(minutes) // 60 AS VARCHAR), 2, '0')
    || (CASE WHEN minutes % 60 = 0 THEN '' ELSE ':' || lpad(CAST(abs(minutes) % 60 AS VARCHAR), 2, '0') END);
CREATE OR REPLACE MACRO main.gs_timestamp_text_at(utc, there) AS gs_datetime_text(there) || gs_zone_text(date_diff('minute', utc, there));
CREATE OR REPLACE MACRO main.gs_time_text(t) AS
  lpad(CAST(hour(t) AS VARCHAR), 2, '0') || ':' || lpad(CAST(minute(t) AS VARCHAR), 2, '0') || ':' || lpad(CAST(second(t) AS VARCHAR), 2, '0') || gs_fraction_text(t);
CREATE OR REPLACE MACRO main.gs_parse_time(s, f, told, given) AS
  CASE WHEN s IS NULL OR TRY(strptime(s, f)) IS NOT NULL THEN TRY(strptime(s, f))
    ELSE CAST(gs_raise('Failed to parse input string "' || told || '" with the format "' || given || '"') AS TIMESTAMP) END;

-- Moments that BigQuery can hold: the years 1 to 9999.
CREATE OR REPLACE MACRO main.gs_date(x) AS
  CASE WHEN x < TIMESTAMP '0001-01-01' OR x >= TIMESTAMP '9999-12-31' + INTERVAL 1 DAY THEN CAST(gs_raise('Date arithmetic overflow: ' || CAST(x AS VARCHAR)) AS DATE)
    ELSE CAST(x AS DATE) END;
CREATE OR REPLACE MACRO main.gs_datetime(x) AS
  CASE WHEN x < TIMESTAMP '0001-01-01' OR x >= TIMESTAMP '9999-12-31' + INTERVAL 1 DAY THEN CAST(gs_raise('Datetime arithmetic overflow: ' || CAST(x AS VARCHAR)) AS TIMESTAMP)
    ELSE x END;
CREATE OR REPLACE MACRO main.gs_timestamp(x) AS
  CASE WHEN x < TIMESTAMPTZ '0001-01-01 00:00:00+00' OR x >= TIMESTAMPTZ '9999-12-31 00:00:00+00' + INTERVAL 24 HOUR THEN CAST(gs_raise('Timestamp arithmetic overflow: ' || CAST(x AS VARCHAR)) AS TIMESTAMPTZ)
    ELSE x END;
CREATE OR REPLACE MACRO main.gs_make_date(y, m, d) AS
  CASE WHEN y IS NULL OR m IS NULL OR d IS NULL THEN NULL
    WHEN y BETWEEN 1 AND 9999 AND TRY(make_date(y, m, d)) IS NOT NULL THEN TRY(make_date(y, m, d))
    ELSE CAST(gs_raise('Input calculates to invalid date: ' || y || '-' || lpad(CAST(m AS VARCHAR), 2, '0') || '-' || lpad(CAST(d AS VARCHAR), 2, '0')) AS DATE) END;
CREATE OR REPLACE MACRO main.gs_make_datetime(y, mo, d, h, mi, s) AS
  CASE WHEN y IS NULL OR mo IS NULL OR d IS NULL OR h IS NULL OR mi IS NULL OR s IS NULL THEN NULL
    WHEN y BETWEEN 1 AND 9999 AND TRY(make_timestamp(y, mo, d, h, mi, CAST(s AS DOUBLE))) IS NOT NULL THEN TRY(make_timestamp(y, mo, d, h, mi, CAST(s AS DOUBLE)))
    ELSE CAST(gs_raise('Input calculates to invalid datetime: ' || y || '-' || mo || '-' || d || ' ' || h || ':' || mi || ':' || s) AS TIMESTAMP) END;
CREATE OR REPLACE MACRO main.gs_make_time(h, m, s) AS
  CASE WHEN h IS NULL OR m IS NULL OR s IS NULL THEN NULL
    WHEN h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 AND s BETWEEN 0 AND 59 THEN make_time(h, m, CAST(s AS DOUBLE))
    ELSE CAST(gs_raise('Input calculates to invalid time: ' || h || ':' || m || ':' || s) AS TIME) END;

-- INTERVALs: months, days and microseconds, each with a sign of its own.
CREATE OR REPLACE MACRO main.gs_months(i) AS date_part('year', i) * 12 + date_part('month', i);
CREATE OR REPLACE MACRO main.gs_days(i) AS date_part('day', i);
CREATE OR REPLACE MACRO main.gs_micros(i) AS
  date_part('hour', i) * 3600000000 + date_part('minute', i) * 60000000 + date_part('microsecond', i);
-- A macro repeats its arguments where it names them. A lambda over a list of one names them once.
CREATE OR REPLACE MACRO main.gs_within(field, x, most) AS
  list_extract(list_transform([x], lambda v: CASE WHEN abs(v) > most
    THEN CAST(gs_raise('Interval field ' || field || ' ''' || CAST(v AS VARCHAR) || ''' is out of range -' || most || ' to ' || most) AS HUGEINT) ELSE v END), 1);
CREATE OR REPLACE MACRO main.gs_interval_months(x) AS to_months(CAST(gs_within('months', x, 120000) AS INTEGER));
CREATE OR REPLACE MACRO main.gs_interval_days(x) AS to_days(CAST(gs_within('days', x, 3660000) AS INTEGER));
CREATE OR REPLACE MACRO main.gs_interval_micros(x) AS to_microseconds(CAST(gs_within('microseconds', x, 316224000000000000) AS BIGINT));
CREATE OR REPLACE MACRO main.gs_make_interval(m, d, us) AS gs_interval_months(m) + gs_interval_days(d) + gs_interval_micros(us);
CREATE OR REPLACE MACRO main.gs_add_intervals(a, b) AS
  list_extract(list_transform([struct_pack(l := a, r := b)], lambda p:
    gs_make_interval(gs_months(p.l) + gs_months(p.r), gs_days(p.l) + gs_days(p.r), gs_micros(p.l) + gs_micros(p.r))), 1);
CREATE OR REPLACE MACRO main.gs_times(i, n) AS
  list_extract(list_transform([struct_pack(l := i, r := CAST(n AS HUGEINT))], lambda p:
    gs_make_interval(gs_months(p.l) * p.r, gs_days(p.l) * p.r, gs_micros(p.l) * p.r)), 1);
-- What is left of the months is divided as days of them, and what is left of the days as hours.
CREATE OR REPLACE MACRO main.gs_divide_parts(m, d, us, n) AS
  gs_make_interval(m // n, (d + m % n * 30) // n, (us + (d + m % n * 30) % n * 86400000000) // n);
CREATE OR REPLACE MACRO main.gs_divide_interval(i, n) AS
  list_extract(list_transform([struct_pack(l := i, r := n)], lambda p:
    CASE WHEN p.r = 0 THEN to_days(CAST(gs_raise('Interval division by zero') AS INTEGER))
      ELSE gs_divide_parts(gs_months(p.l), gs_days(p.l), CAST(gs_micros(p.l) AS HUGEINT), p.r) END), 1);
CREATE OR REPLACE MACRO main.gs_datetime_difference(a, b) AS
  list_extract(list_transform([epoch_us(a) - epoch_us(b)], lambda v: to_days(CAST(v // 86400000000 AS INTEGER)) + to_microseconds(v % 86400000000)), 1);
CREATE OR REPLACE MACRO main.gs_sign_text(x) AS CASE WHEN x < 0 THEN '-' ELSE '' END;
CREATE OR REPLACE MACRO main.gs_micros_text(us) AS
  CASE WHEN us = 0 THEN '' WHEN us % 1000 = 0 THEN '.' || lpad(CAST(us // 1000 AS VARCHAR), 3, '0') ELSE '.' || lpad(CAST(us AS VARCHAR), 6, '0') END;
CREATE OR REPLACE MACRO main.gs_clock_text(us) AS
  us // 3600000000 || ':' || us // 60000000 % 60 || ':' || us // 1000000 % 60 || gs_micros_text(us % 1000000);
CREATE OR REPLACE MACRO main.gs_interval_text(i) AS
  list_extract(list_transform([i], lambda v:
    gs_sign_text(gs_months(v)) || abs(gs_months(v)) // 12 || '-' || abs(gs_months(v)) % 12 || ' ' || gs_days(v) || ' '
      || gs_sign_text(gs_micros(v)) || gs_clock_text(abs(gs_micros(v)))), 1);
CREATE OR REPLACE MACRO main.gs_int_or_zero(s) AS coalesce(TRY_CAST(s AS HUGEINT), 0);
CREATE OR REPLACE MACRO main.gs_signed(sign, x) AS CASE WHEN sign = '-' THEN -(x) ELSE x END;
CREATE OR REPLACE MACRO main.gs_interval_of(p) AS
  gs_make_interval(gs_signed(p.s, gs_int_or_zero(p.y) * 12 + gs_int_or_zero(p.m)), gs_int_or_zero(p.w) * 7 + gs_int_or_zero(p.d),
    gs_signed(p.t, (gs_int_or_zero(p.h) * 60 + gs_int_or_zero(p.i)) * 60000000 + gs_signed(p.n, gs_int_or_zero(p.c) * 1000000 + gs_int_or_zero(rpad(p.f, 6, '0')))));
CREATE OR REPLACE MACRO main.gs_text_to_interval(s) AS
  CASE WHEN s IS NULL THEN NULL
    WHEN regexp_matches(s, '^[+-]?\d+-\d+( [+-]?\d+( [+-]?\d+:\d+:\d+(\.\d{1,6})?)?)?$')
      THEN gs_interval_of(regexp_extract(s, '^([+-]?)(\d+)-(\d+)()(?: ([+-]?\d+)(?: ([+-]?)(\d+):(\d+):()(\d+)(?:\.(\d+))?)?)?$', ['s', 'y', 'm', 'w', 'd', 't', 'h', 'i', 'n', 'c', 'f']))
    WHEN regexp_matches(s, '^([+-]?\d+ )?[+-]?\d+:\d+:\d+(\.\d{1,6})?$')
      THEN gs_interval_of(regexp_extract(s, '^()()()()(?:([+-]?\d+) )?([+-]?)(\d+):(\d+):()(\d+)(?:\.(\d+))?$', ['s', 'y', 'm', 'w', 'd', 't', 'h', 'i', 'n', 'c', 'f']))
    WHEN regexp_matches(s, '\d') AND regexp_matches(s, '^P(-?\d+Y)?(-?\d+M)?(-?\d+W)?(-?\d+D)?(T(-?\d+H)?(-?\d+M)?(-?\d+(\.\d{1,6})?S)?)?$')
      THEN gs_interval_of(regexp_extract(s, '^()P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T()(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d+))?S)?)?$', ['s', 'y', 'm', 'w', 'd', 't', 'h', 'i', 'n', 'c', 'f']))
    ELSE to_days(CAST(gs_raise('Invalid INTERVAL value ''' || s || '''') AS INTEGER)) END;

-- Strings.
CREATE OR REPLACE MACRO main.gs_offset_text(utc, there, colon) AS
  list_extract(list_transform([date_diff('minute', utc, there)], lambda v: (CASE WHEN v < 0 THEN '-' ELSE '+' END)
    || lpad(CAST(abs(v) // 60 AS VARCHAR), 2, '0') || colon || lpad(CAST(abs(v) % 60 AS VARCHAR), 2, '0')), 1);
CREATE OR REPLACE MACRO main.gs_parse_seconds(s) AS
  CASE WHEN s IS NULL OR TRY_CAST(s AS BIGINT) IS NOT NULL THEN make_timestamp(TRY_CAST(s AS BIGINT) * 1000000)
    ELSE CAST(gs_raise('Failed to parse input string "' || s || '" with the format "%s"') AS TIMESTAMP) END;
CREATE OR REPLACE MACRO main.gs_padded(s, n, to_left) AS
  CASE WHEN length(s) >= n THEN s WHEN to_left THEN s || repeat(' ', n - length(s)) ELSE repeat(' ', n - length(s)) || s END;
CREATE OR REPLACE MACRO main.gs_escaped(s, quote) AS
  quote || replace(replace(replace(replace(replace(s, '\', '\\'), quote, '\' || quote), chr(10), '\n'), chr(13), '\r'), chr(9), '\t') || quote;
CREATE OR REPLACE MACRO main.gs_quoted(s) AS
  CASE WHEN contains(s, '"') AND NOT contains(s, '''') THEN gs_escaped(s, '''') ELSE gs_escaped(s, '"') END;
-- A negative number of which only zeros are left keeps its sign.
CREATE OR REPLACE MACRO main.gs_fixed(x, digits) AS CASE WHEN x < 0 AND NOT starts_with(digits, '-') THEN '-' || digits ELSE digits END;
CREATE OR REPLACE MACRO main.gs_least(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN least(a, b) END;
-- What precedes the n-th match, which begins after n - 1 others: its length is where the match is.
CREATE OR REPLACE MACRO main.gs_before_match(p, n) AS '^((?:[\s\S]*?(?:' || p || ')){' || (n - 1) || '}[\s\S]*?)(' || p || ')';
CREATE OR REPLACE MACRO main.gs_regexp_instr_in(s, p, from_place, n, at_end) AS
  CASE WHEN len(regexp_extract_all(s, p)) < n THEN 0
    ELSE from_place + length(regexp_extract(s, gs_before_match(p, n), 1))
      + CASE WHEN at_end = 1 THEN length(regexp_extract(s, gs_before_match(p, n), 2)) ELSE 0 END END;
CREATE OR REPLACE MACRO main.gs_regexp_instr(s, p, from_place, n, at_end) AS
  CASE WHEN s IS NULL OR p IS NULL OR from_place IS NULL OR n IS NULL OR at_end IS NULL THEN NULL
    WHEN from_place < 1 OR n < 1 THEN CAST(gs_raise('REGEXP_INSTR needs a position and an occurrence of at least 1') AS BIGINT)
    WHEN at_end NOT IN (0, 1) THEN CAST(gs_raise('Invalid return_position_after_match.') AS BIGINT)
    WHEN from_place > length(s) OR p = '' THEN 0
    ELSE gs_regexp_instr_in(substring(s, from_place), p, from_place, n, at_end) END;
CREATE OR REPLACE MACRO main.gs_positions(s, t) AS
  list_filter(range(1, length(s) - length(t) + 2), lambda k: substring(s, k, length(t)) = t);
CREATE OR REPLACE MACRO main.gs_instr(s, t, p, n) AS
  CASE WHEN p = 0 THEN CAST(gs_raise('Position must be non-zero') AS BIGINT)
    WHEN n < 1 THEN CAST(gs_raise('Occurrence must be positive') AS BIGINT)
    WHEN s IS NULL OR t IS NULL OR p IS NULL OR n IS NULL THEN NULL
    WHEN p > 0 THEN coalesce(list_extract(list_filter(gs_positions(s, t), lambda k: k >= p), n), 0)
    ELSE coalesce(list_extract(list_filter(gs_positions(s, t), lambda k: k <= length(s) + p + 1 + CAST(t = '' AS BIGINT)), -n), 0) END;
CREATE OR REPLACE MACRO main.gs_like_any(s, patterns) AS
  list_extract(list_transform([list_transform(patterns, lambda p: s LIKE p ESCAPE '\')], lambda l:
    CASE WHEN list_contains(l, TRUE) THEN TRUE WHEN list_count(l) < len(l) THEN NULL ELSE FALSE END), 1);
CREATE OR REPLACE MACRO main.gs_like_all(s, patterns) AS
  list_extract(list_transform([list_transform(patterns, lambda p: s LIKE p ESCAPE '\')], lambda l:
    CASE WHEN list_contains(l, FALSE) THEN FALSE WHEN list_count(l) < len(l) THEN NULL ELSE TRUE END), 1);
CREATE OR REPLACE MACRO main.gs_parse_numeric(s) AS
  list_extract(list_transform([regexp_replace(regexp_replace(s, '[\s,]', '', 'g'), '^([^+-]+)([+-])$', '\2\1')], lambda v:
    CASE WHEN v IS NULL THEN NULL
      WHEN regexp_full_match(v, '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?') AND TRY_CAST(v AS DECIMAL(38, 9)) IS NOT NULL THEN TRY_CAST(v AS DECIMAL(38, 9))
      ELSE CAST(gs_raise('Invalid input to PARSE_NUMERIC: "' || s || '"') AS DECIMAL(38, 9)) END), 1);
-- What is before the path, without the scheme, the user and the port.
CREATE OR REPLACE MACRO main.gs_net_host(url) AS
  nullif(regexp_extract(url, '^\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:\s]*)', 1), '');
CREATE OR REPLACE MACRO main.gs_start(s, p) AS
  CASE WHEN p > 0 THEN p WHEN p = 0 OR -p > length(s) THEN 1 ELSE length(s) + p + 1 END;
CREATE OR REPLACE MACRO main.gs_substr(s, p) AS substring(s, gs_start(s, p)),
  (s, p, n) AS CASE WHEN n < 0 THEN gs_raise('Third argument in SUBSTR() cannot be negative') ELSE substring(s, gs_start(s, p), n) END;
CREATE OR REPLACE MACRO main.gs_trim(s) AS regexp_replace(s, '^[\s\x{85}\x{A0}\p{Z}]+|[\s\x{85}\x{A0}\p{Z}]+$', '', 'g'), (s, c) AS CASE WHEN c = '' THEN s ELSE trim(s, c) END;
CREATE OR REPLACE MACRO main.gs_ltrim(s) AS regexp_replace(s, '^[\s\x{85}\x{A0}\p{Z}]+', ''), (s, c) AS CASE WHEN c = '' THEN s ELSE ltrim(s, c) END;
CREATE OR REPLACE MACRO main.gs_rtrim(s) AS regexp_replace(s, '[\s\x{85}\x{A0}\p{Z}]+$', ''), (s, c) AS CASE WHEN c = '' THEN s ELSE rtrim(s, c) END;
CREATE OR REPLACE MACRO main.gs_replace(s, a, b) AS CASE WHEN a <> '' THEN replace(s, a, b) WHEN a = '' AND b IS NOT NULL THEN s END;
CREATE OR REPLACE MACRO main.gs_ascii(s) AS
  CASE WHEN s = '' THEN 0 WHEN ascii(s) > 127
    THEN CAST(gs_raise('Argument to ASCII is not a structurally valid ASCII string: ''' || s || '''') AS BIGINT) ELSE ascii(s) END;
CREATE OR REPLACE MACRO main.gs_repeat(s, n) AS
  CASE WHEN n < 0 THEN gs_raise('Second argument in REPEAT cannot be negative')
    WHEN gs_near(n) * strlen(s) > 1048576 THEN gs_raise('Output of REPEAT exceeds max allowed output size of 1MB') ELSE repeat(s, gs_near(n)) END;
CREATE OR REPLACE MACRO main.gs_padding(n) AS
  CAST(CASE WHEN n > 1048576 THEN CAST(gs_raise('Output of LPAD/RPAD exceeds max allowed output size of 1MB') AS BIGINT) ELSE n END AS INTEGER);
CREATE OR REPLACE MACRO main.gs_lpad(s, n) AS
  CASE WHEN n < 0 THEN gs_raise('Second argument (output size) for LPAD/RPAD cannot be negative') ELSE lpad(s, gs_padding(n), ' ') END,
  (s, n, p) AS CASE WHEN n < 0 THEN gs_raise('Second argument (output size) for LPAD/RPAD cannot be negative')
    WHEN p = '' THEN gs_raise('Third argument (pad pattern) for LPAD/RPAD cannot be empty') ELSE lpad(s, gs_padding(n), p) END;
CREATE OR REPLACE MACRO main.gs_rpad(s, n) AS
  CASE WHEN n < 0 THEN gs_raise('Second argument (output size) for LPAD/RPAD cannot be negative') ELSE rpad(s, gs_padding(n), ' ') END,
  (s, n, p) AS CASE WHEN n < 0 THEN gs_raise('Second argument (output size) for LPAD/RPAD cannot be negative')
    WHEN p = '' THEN gs_raise('Third argument (pad pattern) for LPAD/RPAD cannot be empty') ELSE rpad(s, gs_padding(n), p) END;
CREATE OR REPLACE MACRO main.gs_left(s, n) AS
  CASE WHEN n < 0 THEN gs_raise('Second argument in LEFT() cannot be negative') ELSE left(s, gs_near(n)) END;
CREATE OR REPLACE MACRO main.gs_right(s, n) AS
  CASE WHEN n < 0 THEN gs_raise('Second argument in RIGHT() cannot be negative') WHEN n = 0 THEN CASE WHEN s IS NOT NULL THEN '' END ELSE right(s, gs_near(n)) END;
CREATE OR REPLACE MACRO main.gs_split(s) AS CASE WHEN s = '' THEN [''] ELSE string_split(s, ',') END,
  (s, d) AS CASE WHEN d IS NULL THEN NULL WHEN s = '' THEN [''] ELSE string_split(s, d) END;
CREATE OR REPLACE MACRO main.gs_regexp_extract(s, r, groups) AS
  CASE WHEN regexp_matches(s, r) THEN regexp_extract(s, r, groups) END;
CREATE OR REPLACE MACRO main.gs_regexp_extract_at(s, r, groups, p, n) AS
  CASE WHEN p < 1 THEN gs_raise('Position must be positive') WHEN n < 1 THEN gs_raise('Occurrence must be positive')
    WHEN p = 1 OR p <= length(s) THEN list_extract(regexp_extract_all(substring(s, p), r, groups), n) END;
CREATE OR REPLACE MACRO main.gs_regexp_extract_all(s, r, groups) AS regexp_extract_all(s, r, groups);
CREATE OR REPLACE MACRO main.gs_from_hex(s) AS
  CASE WHEN s IS NULL OR regexp_full_match(s, '[0-9a-fA-F]*') THEN unhex(s)
    ELSE CAST(gs_raise('Failed to decode invalid hexadecimal string: ' || s) AS BLOB) END;
CREATE OR REPLACE MACRO main.gs_from_base64(s) AS
  CASE WHEN s IS NULL OR TRY(from_base64(s)) IS NOT NULL THEN TRY(from_base64(s))
    ELSE CAST(gs_raise('Failed to decode invalid base64 string') AS BLOB) END;

-- Arrays.
CREATE OR REPLACE MACRO main.gs_mismatch(a, b) AS CAST(gs_raise('Array length mismatch: ' || len(a) || ' and ' || len(b)) AS DOUBLE);
CREATE OR REPLACE MACRO main.gs_is_zero(a) AS len(list_filter(a, lambda e: e <> 0)) = 0;
CREATE OR REPLACE MACRO main.gs_euclidean_distance(a, b) AS CASE WHEN len(a) <> len(b) THEN gs_mismatch(a, b) ELSE list_distance(a, b) END;
CREATE OR REPLACE MACRO main.gs_cosine_distance(a, b) AS
  CASE WHEN len(a) <> len(b) THEN gs_mismatch(a, b)
    WHEN gs_is_zero(a) OR gs_is_zero(b) THEN CAST(gs_raise('Cannot compute cosine distance against zero vector') AS DOUBLE)
    ELSE list_cosine_distance(a, b) END;
CREATE OR REPLACE MACRO main.gs_top_count(counts, nulls, absent, n) AS
  list_slice(list_transform(
    list_sort(list_concat(list_transform(map_entries(counts), lambda e: struct_pack(n := -CAST(e.value AS BIGINT), v := e.key)),
      CASE WHEN nulls > 0 THEN [struct_pack(n := -nulls, v := absent)] ELSE [] END)),
    lambda e: struct_pack("value" := e.v, "count" := -e.n)), 1, n);
CREATE OR REPLACE MACRO main.gs_element(a, told, n) AS
  CASE WHEN n < 1 OR n > len(a)
    THEN list_extract(a, 1 + CAST(gs_raise('Array index ' || told || ' is out of bounds') AS BIGINT)) ELSE list_extract(a, n) END;
CREATE OR REPLACE MACRO main.gs_in_array(x, a) AS
  CASE WHEN a IS NULL OR len(a) = 0 THEN FALSE WHEN x IS NULL THEN NULL WHEN list_contains(a, x) THEN TRUE
    WHEN list_count(a) < len(a) THEN NULL ELSE FALSE END;
CREATE OR REPLACE MACRO main.gs_written_array(a) AS
  CASE WHEN list_count(a) < len(a) THEN list_slice(a, 1, CAST(gs_raise('Array cannot have a null element; error in writing field') AS BIGINT)) ELSE a END;
CREATE OR REPLACE MACRO main.gs_array_to_string(a, s) AS CASE WHEN a IS NOT NULL THEN coalesce(array_to_string(a, s), '') END,
  (a, s, n) AS CASE WHEN n IS NOT NULL THEN array_to_string(list_transform(a, lambda e: coalesce(e, n)), s) END;
-- DuckDB's array_to_string takes no separator that varies.
CREATE OR REPLACE MACRO main.gs_joined(texts, s) AS
  CASE WHEN len(texts) = 0 THEN '' ELSE list_reduce(texts, lambda x, y: x || s || y) END;
CREATE OR REPLACE MACRO main.gs_array_to_varying(a, s) AS
  CASE WHEN s IS NOT NULL THEN gs_joined(list_filter(a, lambda e: e IS NOT NULL), s) END,
  (a, s, n) AS CASE WHEN s IS NOT NULL AND n IS NOT NULL THEN gs_joined(list_transform(a, lambda e: coalesce(e, n)), s) END;
CREATE OR REPLACE MACRO main.gs_array_slice(a, f, t) AS
  CASE WHEN a IS NULL OR f IS NULL OR t IS NULL THEN NULL
    ELSE list_slice(a, greatest(CASE WHEN f < 0 THEN len(a) + f ELSE f END, 0) + 1, greatest(CASE WHEN t < 0 THEN len(a) + t ELSE t END, -1) + 1) END;
CREATE OR REPLACE MACRO main.gs_generate_array(a, b, s) AS
  CASE WHEN s = 0 THEN list_slice([a], 1, CAST(gs_raise('Sequence step cannot be 0.') AS BIGINT)) ELSE generate_series(a, b, s) END;
CREATE OR REPLACE MACRO main.gs_generate_numbers(a, b, s, zero) AS
  CASE WHEN a IS NULL OR b IS NULL OR s IS NULL THEN NULL
    WHEN s = 0 THEN list_slice([a], 1, CAST(gs_raise('Sequence step cannot be 0.') AS BIGINT))
    ELSE list_transform(range(CAST(greatest(floor((b - a) / s) + 1, 0) AS BIGINT)), lambda i: a + i * s) END;
-- Each date is counted from the first, so that the 31st stays the last day of a month.
CREATE OR REPLACE MACRO main.gs_generate_dates(a, b, i) AS
  list_filter(list_transform(range(CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE abs(date_diff('day', a, b)) + 1 END), lambda n: CAST(a + n * i AS DATE)),
    lambda d: CASE WHEN a + i >= a THEN d <= b ELSE d >= b END);
CREATE OR REPLACE MACRO main.gs_generate_timestamps(a, b, i) AS generate_series(a, b, i);

-- JSON.
CREATE OR REPLACE MACRO main.gs_valid_json(s) AS CASE WHEN json_valid(s) THEN CAST(s AS JSON) END;
CREATE OR REPLACE MACRO main.gs_json_value(j, p) AS
  CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE j ->> p END;
CREATE OR REPLACE MACRO main.gs_json_query_array(j, p) AS
  CASE WHEN json_type(j, p) = 'ARRAY' THEN list_transform(CAST(json_extract(j, p) AS JSON[]), lambda e: coalesce(e, CAST('null' AS JSON))) END;
CREATE OR REPLACE MACRO main.gs_json_value_array(j, p) AS
  CASE WHEN json_type(j, p) = 'ARRAY' AND len(list_filter(CAST(json_extract(j, p) AS JSON[]), lambda e: json_type(e) IN ('OBJECT', 'ARRAY'))) = 0
    THEN list_transform(CAST(json_extract(j, p) AS JSON[]), lambda e: CASE WHEN json_type(e) <> 'NULL' THEN e ->> '$' END) END;
CREATE OR REPLACE MACRO main.gs_json_field(j, k) AS json_extract(j, '$."' || replace(k, '"', '\"') || '"');
CREATE OR REPLACE MACRO main.gs_json_item(j, i) AS CASE WHEN i >= 0 THEN json_extract(j, '$[' || CAST(i AS VARCHAR) || ']') END;
CREATE OR REPLACE MACRO main.gs_json_type(j) AS
  CASE json_type(j) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'
    WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE CASE WHEN j IS NOT NULL THEN 'number' END END;
CREATE OR REPLACE MACRO main.gs_parse_json(s) AS
  CASE WHEN s IS NULL OR json_valid(s) THEN CAST(json(s) AS JSON) ELSE CAST(gs_raise('Invalid input to PARSE_JSON: syntax error while parsing ' || s) AS JSON) END;
CREATE OR REPLACE MACRO main.gs_numeric_json(x) AS
  CASE WHEN abs(x) <= 9007199254740992 AND x = trunc(x) THEN CAST(gs_numeric_text(x) AS JSON) ELSE to_json(gs_numeric_text(x)) END;
CREATE OR REPLACE MACRO main.gs_int_json(x) AS
  CASE WHEN abs(CAST(x AS HUGEINT)) > 9007199254740992 THEN to_json(CAST(x AS VARCHAR)) ELSE to_json(x) END;
CREATE OR REPLACE MACRO main.gs_double_json(x) AS
  CASE WHEN isnan(x) THEN to_json('NaN') WHEN isinf(x) THEN to_json(CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END)
    ELSE CAST(gs_double_text(x) AS JSON) END;
-- A value of the JSON type tells a float from an integer.
CREATE OR REPLACE MACRO main.gs_float_json(x) AS
  CASE WHEN isfinite(x) AND regexp_full_match(gs_double_text(x), '-?\d+') THEN CAST(gs_double_text(x) || '.0' AS JSON) ELSE gs_double_json(x) END;
-- A value of the JSON type has a NUMERIC as an integer or as a float, and only where none of its digits is lost.
CREATE OR REPLACE MACRO main.gs_numeric_value_json(x) AS
  CASE WHEN x = trunc(x) AND x BETWEEN -9223372036854775808 AND 18446744073709551615 THEN CAST(gs_numeric_text(x) AS JSON)
    WHEN x IS NULL OR TRY_CAST(gs_double_text(CAST(x AS DOUBLE)) AS DECIMAL(38, 9)) = x THEN gs_float_json(CAST(x AS DOUBLE))
    ELSE CAST(gs_raise('Failed to convert type NUMERIC to JSON') AS JSON) END;
CREATE OR REPLACE MACRO main.gs_pretty_json(s) AS replace(json_pretty(CAST(s AS JSON)), '    ', '  ');
CREATE OR REPLACE MACRO main.gs_json_string(j) AS
  CASE WHEN j IS NULL OR json_type(j) = 'VARCHAR' THEN j ->> '$' ELSE gs_raise('The provided JSON input is not a string') END;
CREATE OR REPLACE MACRO main.gs_json_int(j) AS
  CASE WHEN j IS NULL OR json_type(j) IN ('UBIGINT', 'BIGINT') OR (json_type(j) = 'DOUBLE' AND TRY_CAST(j ->> '$' AS DOUBLE) = round(TRY_CAST(j ->> '$' AS DOUBLE)))
    THEN TRY_CAST(TRY_CAST(j ->> '$' AS DECIMAL(38, 9)) AS BIGINT)
    ELSE CAST(gs_raise('The provided JSON input is not an integer') AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_json_double(j) AS
  CASE WHEN j IS NULL OR json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE') THEN TRY_CAST(j ->> '$' AS DOUBLE)
    ELSE CAST(gs_raise('The provided JSON input is not a number') AS DOUBLE) END;
CREATE OR REPLACE MACRO main.gs_lax_text(j) AS
  CASE WHEN json_type(j) = 'DOUBLE' THEN gs_double_text(TRY_CAST(j ->> '$' AS DOUBLE)) ELSE gs_json_value(j, '$') END;
CREATE OR REPLACE MACRO main.gs_lax_int(j) AS
  CASE json_type(j) WHEN 'BOOLEAN' THEN CAST(j ->> '$' = 'true' AS BIGINT) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL
    ELSE TRY_CAST(round(TRY_CAST(j ->> '$' AS DECIMAL(38, 9)), 0) AS BIGINT) END;
CREATE OR REPLACE MACRO main.gs_lax_double(j) AS
  CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'VARCHAR') THEN TRY_CAST(j ->> '$' AS DOUBLE) END;
CREATE OR REPLACE MACRO main.gs_lax_bool(j) AS
  CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE') THEN TRY_CAST(j ->> '$' AS DOUBLE) <> 0
    WHEN lower(j ->> '$') IN ('true', 'false') THEN lower(j ->> '$') = 'true' END;
CREATE OR REPLACE MACRO main.gs_json_bool(j) AS
  CASE WHEN j IS NULL OR json_type(j) = 'BOOLEAN' THEN TRY_CAST(j ->> '$' AS BOOLEAN)
    ELSE CAST(gs_raise('The provided JSON input is not a boolean') AS BOOLEAN) END;

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
