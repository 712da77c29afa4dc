-- One row for each moment at which something about an order became known, with what was known at that moment.
with events as (
    select
        partner_id, order_id, type, event_id, car_model, amount, currency, is_partial,
        occurred_at, published_at, known_at, message_id, content_hash,
        type = 'purchase' and row_number() over (
            partition by partner_id, order_id, type order by known_at, message_id, content_hash
        ) = 1 as is_new_order,
        type = 'cancellation' and not is_partial and row_number() over (
            partition by partner_id, order_id, type, is_partial order by known_at, message_id, content_hash
        ) = 1 as is_new_cancellation
    from {{ ref('int_order_events') }}
),

moments as (
    select distinct
        partner_id,
        order_id,
        known_at as feature_timestamp,
        -- 30 days in microseconds. The frame ends with the moment itself.
        countif(is_new_order) over (
            partition by partner_id order by unix_micros(known_at)
            range between 2592000000000 preceding and current row
        ) as partner_orders_30d,
        countif(is_new_cancellation) over (
            partition by partner_id order by unix_micros(known_at)
            range between 2592000000000 preceding and current row
        ) as partner_cancelled_orders_30d
    from events
),

known as (
    -- Of each event the version that was the newest one of those known by then.
    select
        moments.*,
        events.* except (partner_id, order_id),
        count(distinct events.content_hash) over (
            partition by moments.partner_id, moments.order_id, moments.feature_timestamp, events.type, events.event_id
        ) as versions
    from moments
    inner join events
        on events.partner_id = moments.partner_id
        and events.order_id = moments.order_id
        and events.known_at <= moments.feature_timestamp
    where true
    qualify row_number() over (
        partition by moments.partner_id, moments.order_id, moments.feature_timestamp, events.type, events.event_id
        order by events.published_at desc, events.message_id desc, events.known_at desc, events.content_hash
    ) = 1
),

features as (
    select
        partner_id,
        order_id,
        feature_timestamp,
        partner_orders_30d,
        partner_cancelled_orders_30d,
        countif(type = 'purchase') as purchases,
        countif(type = 'cancellation') as cancellations,
        sum(versions - 1) as corrections,
        if(count(distinct if(type = 'purchase', car_model, null)) > 1, 'several',
            min(if(type = 'purchase', car_model, null))) as car_model,
        if(count(distinct if(type = 'purchase', currency, null)) > 1, 'several',
            min(if(type = 'purchase', currency, null))) as currency,
        if(count(distinct if(type = 'purchase', currency, null)) > 1, null,
            sum(if(type = 'purchase', amount, null))) as gross_amount,
        coalesce(sum(if(is_partial, amount, null)), 0) as partly_cancelled_amount,
        countif(type = 'cancellation' and not is_partial) > 0 as has_cancellation,
        min(if(type = 'purchase', occurred_at, null)) as ordered_at
    from known
    group by partner_id, order_id, feature_timestamp, partner_orders_30d, partner_cancelled_orders_30d
)

select
    -- No two pairs of partner and order have one entity id.
    concat(replace(replace(partner_id, '%', '%25'), ':', '%3A'), ':', order_id) as entity_id,
    feature_timestamp,
    partner_id,
    order_id,
    purchases,
    cancellations,
    corrections,
    car_model,
    currency,
    gross_amount,
    has_cancellation or coalesce(partly_cancelled_amount >= gross_amount, false) as is_cancelled,
    timestamp_diff(feature_timestamp, ordered_at, second) as seconds_since_order,
    partner_orders_30d,
    partner_cancelled_orders_30d,
    safe_divide(partner_cancelled_orders_30d, partner_orders_30d) as partner_cancellation_rate_30d
from features
