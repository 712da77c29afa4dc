{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'day', 'data_type': 'date'},
    cluster_by=['partner_id'],
    on_schema_change='fail'
) }}

{%- set days = changed_days([
    source('streaming', 'audit_log'), source('streaming', 'staging_purchase'), source('streaming', 'staging_cancellation'),
]) %}

with messages as (
    select *, date(published_at) as day
    from {{ ref('stg_streaming__messages') }}
    where {{ in_days('published_at', days) }}
    -- Every delivery of a message has its publish time, so all of them are in one partition.
    qualify row_number() over (
        partition by published_at, message_id
        order by if(decision = 'accepted', 0, 1), ingested_at
    ) = 1
),

received as (
    select
        day,
        partner_id,
        count(*) as messages,
        countif(decision = 'accepted') as accepted,
        countif(decision = 'rejected') as rejected,
        countif(decision = 'accepted') - count(distinct if(decision = 'accepted', content_hash, null)) as repeated,
        countif(decision = 'accepted' and event_id = concat('derived-', content_hash)) as without_event_id,
        max(published_at) as newest_published_at,
        max(ingested_at) as ingested_at
    from messages
    group by day, partner_id
),

reasons as (
    select day, partner_id, reason, count(*) as rejected
    from messages
    cross join unnest(reasons) as reason
    where decision = 'rejected'
    group by day, partner_id, reason
),

top_reason as (
    select day, partner_id, reason
    from reasons
    where true
    qualify row_number() over (partition by day, partner_id order by rejected desc, reason) = 1
),

events as (
    select
        date(published_at) as day,
        partner_id,
        type,
        currency,
        timestamp_diff(published_at, occurred_at, second) as delay_seconds,
        percentile_cont(timestamp_diff(published_at, occurred_at, second), 0.5)
            over (partition by date(published_at), partner_id) as median_delay_seconds,
        ingested_at
    from {{ ref('int_order_events') }}
    where {{ in_days('published_at', days) }}
),

staged as (
    select
        day,
        partner_id,
        count(*) as staged,
        countif(type = 'cancellation') as cancellations,
        countif(type = 'purchase' and currency = 'unknown') as without_currency,
        countif(delay_seconds > 24 * 60 * 60) as late,
        max(median_delay_seconds) as median_delay_seconds,
        max(ingested_at) as ingested_at
    from events
    group by day, partner_id
),

shares as (
    select
        received.*,
        coalesce(staged.cancellations, 0) as cancellations,
        coalesce(staged.without_currency, 0) as without_currency,
        coalesce(staged.late, 0) as late,
        staged.median_delay_seconds,
        coalesce(staged.staged, 0) as staged,
        safe_divide(received.accepted, received.messages) as accepted_share,
        1 - coalesce(safe_divide(received.without_event_id, received.accepted), 0) as with_event_id_share,
        1 - coalesce(safe_divide(staged.late, staged.staged), 0) as on_time_share,
        greatest(received.ingested_at, coalesce(staged.ingested_at, received.ingested_at)) as newest_ingested_at
    from received
    left join staged on staged.day = received.day and staged.partner_id = received.partner_id
)

select
    shares.day,
    shares.partner_id,
    shares.messages,
    shares.accepted,
    shares.rejected,
    top_reason.reason as top_rejection_reason,
    shares.repeated,
    shares.without_event_id,
    shares.without_currency,
    shares.cancellations,
    shares.late,
    shares.median_delay_seconds,
    shares.newest_published_at,
    shares.accepted_share,
    shares.with_event_id_share,
    shares.on_time_share,
    round(60 * shares.accepted_share + 20 * shares.with_event_id_share + 20 * shares.on_time_share, 1) as quality_score,
    shares.newest_ingested_at as ingested_at
from shares
left join top_reason on top_reason.day = shares.day and top_reason.partner_id = shares.partner_id
