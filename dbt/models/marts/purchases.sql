{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['partner_id', 'order_id', 'event_id'],
    partition_by={'field': 'published_at', 'data_type': 'timestamp', 'granularity': 'day'},
    cluster_by=['partner_id', 'order_id'],
    on_schema_change='fail'
) }}

select
    partner_id, order_id, event_id, car_model, amount, currency,
    occurred_at as purchased_at, published_at, known_at, versions, message_id, built_at
from {{ ref('int_current_events') }}
where type = 'purchase'
{% if is_incremental() %}
    and built_at > (select coalesce(max(built_at), timestamp '0001-01-01') from {{ this }})
{% endif %}
