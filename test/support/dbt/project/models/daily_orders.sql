{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'ts', 'data_type': 'timestamp', 'granularity': 'day'}
) }}
select order_id, amount, ts from {{ ref('order_totals') }}
{% if is_incremental() %} where date(ts) = date '2026-01-02' {% endif %}
