{{ config(materialized='view') }}

-- The newest version of each event by the rule of the views `streaming.purchase` and `streaming.cancellation`.
select
    partner_id, order_id, type, event_id, car_model, amount, currency, reason, is_partial,
    occurred_at, published_at,
    min(known_at) over (partition by partner_id, order_id, type, event_id) as known_at,
    count(distinct content_hash) over (partition by partner_id, order_id, type, event_id) as versions,
    message_id,
    max(built_at) over (partition by partner_id, order_id, type, event_id) as built_at
from {{ ref('int_order_events') }}
where true
qualify row_number() over (
    partition by partner_id, order_id, type, event_id
    order by published_at desc, message_id desc, ingested_at desc, content_hash
) = 1
