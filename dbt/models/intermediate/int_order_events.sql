{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'published_at', 'data_type': 'timestamp', 'granularity': 'day'},
    cluster_by=['partner_id', 'order_id'],
    on_schema_change='fail'
) }}

{%- set days = changed_days([source('streaming', 'staging_purchase'), source('streaming', 'staging_cancellation')]) %}

with events as (
    select
        partner_id, order_id, 'purchase' as type, event_id, car_model, amount, currency,
        cast(null as string) as reason, false as is_partial,
        occurred_at, published_at, ingested_at, message_id, content_hash
    from {{ ref('stg_streaming__purchases') }}
    where {{ in_days('published_at', days) }}
    union all
    select
        partner_id, order_id, 'cancellation' as type, event_id, car_model, amount, currency,
        reason, is_partial,
        occurred_at, published_at, ingested_at, message_id, content_hash
    from {{ ref('stg_streaming__cancellations') }}
    where {{ in_days('published_at', days) }}
)

-- A message that was staged again has the publish time that it had before, so all of its rows are in one partition.
select
    partner_id, order_id, type, event_id, car_model, amount, currency, reason, is_partial,
    occurred_at, published_at,
    min(ingested_at) over (
        partition by published_at, message_id, partner_id, order_id, type, event_id, content_hash
    ) as known_at,
    ingested_at, message_id, content_hash,
    current_timestamp() as built_at
from events
where true
qualify row_number() over (
    partition by published_at, message_id, partner_id, order_id, type, event_id, content_hash
    order by ingested_at desc
) = 1
