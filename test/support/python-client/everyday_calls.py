"""Everyday calls of Google's Python client on the server at argv[1], printed as one JSON object: name -> result or error."""

import datetime
import decimal
import io
import json
import sys

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

client = bigquery.Client(
    project="local",
    credentials=AnonymousCredentials(),
    client_options=ClientOptions(api_endpoint=sys.argv[1]),
    location="EU",
)
SCHEMA = [
    bigquery.SchemaField("id", "INT64"),
    bigquery.SchemaField("name", "STRING"),
    bigquery.SchemaField("at", "TIMESTAMP"),
    bigquery.SchemaField("amount", "NUMERIC"),
    bigquery.SchemaField("tags", "STRING", "REPEATED"),
]
MOMENT = datetime.datetime(2026, 1, 1, 12, 30, tzinfo=datetime.timezone.utc)
results = {}


def call(function):
    """Runs the call at once and keeps what it returned, or the name and text of its error."""
    try:
        results[function.__name__] = function()
    except Exception as error:  # the test compares errors as well
        results[function.__name__] = f"{type(error).__name__}: {error}"


def rows(iterator):
    return [list(row.values()) for row in iterator]


def query(sql, **config):
    return rows(client.query(sql, job_config=bigquery.QueryJobConfig(**config)).result())


def load(text, table, **config):
    job = client.load_table_from_file(
        io.BytesIO(text), table, job_config=bigquery.LoadJobConfig(**config)
    )
    job.result()
    return job.output_rows


def columns(table):
    return [[field.name, field.field_type] for field in client.get_table(table).schema]


@call
def create_dataset_and_table():
    client.create_dataset("py", exists_ok=True)
    return client.create_table(bigquery.Table("local.py.t", SCHEMA)).full_table_id


@call
def insert_rows_json():
    return client.insert_rows_json("local.py.t", [
        {"id": 1, "name": "a", "at": "2026-01-01T12:30:00Z", "amount": "1.5", "tags": ["x"]},
        {"id": 2, "name": None},
    ])


@call
def insert_rows():
    return client.insert_rows(
        client.get_table("local.py.t"), [(3, "c", MOMENT, decimal.Decimal("2.25"), [])]
    )


@call
def query_rows():
    return query("SELECT * FROM py.t ORDER BY id")


@call
def query_and_wait():
    return rows(client.query_and_wait("SELECT 1 AS x UNION ALL SELECT 2 ORDER BY x"))


@call
def query_parameters():
    return query(
        "SELECT @n, @l, @d, @at, @m, @b, @missing",
        query_parameters=[
            bigquery.ScalarQueryParameter("n", "INT64", 2),
            bigquery.ArrayQueryParameter("l", "STRING", ["a", "b"]),
            bigquery.ScalarQueryParameter("d", "DATE", datetime.date(2026, 1, 1)),
            bigquery.ScalarQueryParameter("at", "TIMESTAMP", MOMENT),
            bigquery.ScalarQueryParameter("m", "NUMERIC", decimal.Decimal("1.1")),
            bigquery.ScalarQueryParameter("b", "BYTES", b"abc"),
            bigquery.ScalarQueryParameter("missing", "STRING", None),
        ],
    )


@call
def pages():
    job = client.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 250)) AS n")
    return len([page for page in job.result(page_size=100).pages])


@call
def list_rows():
    return rows(client.list_rows("local.py.t", max_results=2))


@call
def list_selected_columns():
    return rows(client.list_rows("local.py.t", selected_fields=SCHEMA[:2]))


@call
def get_table():
    table = client.get_table("local.py.t")
    return [table.num_rows, [field.name for field in table.schema]]


@call
def list_tables_and_datasets():
    return [
        [table.table_id for table in client.list_tables("py")],
        [dataset.dataset_id for dataset in client.list_datasets()],
    ]


@call
def dry_run():
    job = client.query("SELECT id, name FROM py.t", job_config=bigquery.QueryJobConfig(dry_run=True))
    return [field.name for field in job.schema]


@call
def rows_of_a_job_that_names_no_table():
    job = client.query("SELECT id FROM py.t ORDER BY id")
    job.result()
    return rows(client.list_rows(client.get_table(job.destination)))


@call
def query_into_a_table():
    sql = "SELECT id, amount FROM py.t"
    query(sql, destination="local.py.copy", write_disposition="WRITE_TRUNCATE")
    query(sql, destination="local.py.copy", write_disposition="WRITE_APPEND")
    return client.get_table("local.py.copy").num_rows


@call
def query_into_a_table_with_rows():
    return query("SELECT 1 AS id", destination="local.py.copy", write_disposition="WRITE_EMPTY")


@call
def query_into_a_table_without_that_column():
    return query("SELECT 1 AS x", destination="local.py.copy", write_disposition="WRITE_APPEND")


@call
def load_json():
    job = client.load_table_from_json(
        [{"id": 7, "name": "j", "at": "2026-01-01 00:00:00 UTC", "amount": 1.25, "tags": ["q"]}],
        "local.py.t",
        job_config=bigquery.LoadJobConfig(schema=SCHEMA),
    )
    job.result()
    return job.output_rows


@call
def load_json_without_a_schema():
    row = {"a": 1, "b": "x", "c": 1.5, "d": True, "e": "2026-01-01", "f": [1], "g": {"h": None}}
    client.load_table_from_json([row], "local.py.detected").result()
    return columns("local.py.detected")


@call
def load_csv():
    text = b'id,name\n8,"x,y"\n9,\n10,""\n'
    load(text, "local.py.csv", source_format="CSV", skip_leading_rows=1, schema=SCHEMA[:2])
    return rows(client.list_rows("local.py.csv"))


@call
def load_csv_without_a_schema():
    text = b"id,name,day\n8,x,2026-01-01\n9,z,2026-01-02\n"
    load(text, "local.py.detected_csv", source_format="CSV", autodetect=True)
    return columns("local.py.detected_csv")


@call
def load_a_bad_row():
    return load(b'{"id":1}\n{"id":"no"}\n', "local.py.t", source_format="NEWLINE_DELIMITED_JSON")


@call
def load_around_a_bad_row():
    text = b'{"id":1}\n{"id":"no"}\n'
    return load(
        text, "local.py.some", source_format="NEWLINE_DELIMITED_JSON", schema=SCHEMA[:1], max_bad_records=1
    )


@call
def load_in_place_of_the_rows():
    load(
        b'{"id":1}\n', "local.py.some", source_format="NEWLINE_DELIMITED_JSON", write_disposition="WRITE_TRUNCATE"
    )
    return client.get_table("local.py.some").num_rows


@call
def load_a_large_file():
    text = b"".join(b'{"id":%d,"name":"%s"}\n' % (i, b"n" * 50) for i in range(40_000))
    load(text, "local.py.large", source_format="NEWLINE_DELIMITED_JSON", schema=SCHEMA[:2])
    return client.get_table("local.py.large").num_rows


@call
def load_from_cloud_storage():
    return client.load_table_from_uri("gs://bucket/x.csv", "local.py.t").result()


@call
def copy_a_table():
    client.copy_table("local.py.csv", "local.py.copied").result()
    return client.get_table("local.py.copied").num_rows


@call
def jobs():
    job = client.query("SELECT 1")
    job.result()
    listed = [one.job_id for one in client.list_jobs(max_results=3)]
    return [client.get_job(job.job_id).state, len(listed), listed[0] == job.job_id]


@call
def cancel_a_job():
    job = client.query("SELECT 1")
    return client.cancel_job(job.job_id).job_id == job.job_id


@call
def dml():
    job = client.query("INSERT INTO py.csv (id, name) VALUES (1, 'a'), (2, 'b')")
    job.result()
    return job.num_dml_affected_rows


@call
def view():
    new = bigquery.Table("local.py.v")
    new.view_query = "SELECT id FROM py.t"
    client.create_table(new)
    return client.get_table("local.py.v").table_type


@call
def missing_table():
    return query("SELECT id FROM py.nowhere")


@call
def delete():
    client.delete_table("local.py.v")
    client.delete_table("local.py.never", not_found_ok=True)
    client.delete_dataset("py", delete_contents=True)
    return len(list(client.list_datasets()))


print(json.dumps(results, default=str))
