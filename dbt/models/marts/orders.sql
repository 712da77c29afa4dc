{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['partner_id', 'order_id'],
    partition_by={'field': 'known_at', 'data_type': 'timestamp', 'granularity': 'day'},
    cluster_by=['partner_id', 'order_id'],
    on_schema_change='fail'
) }}

with bought as (
    select
        partner_id,
        order_id,
        count(*) as purchases,
        if(count(distinct car_model) = 1, min(car_model), 'several') as car_model,
        if(count(distinct currency) = 1, min(currency), 'several') as currency,
        -- Amounts of several currencies have no sum.
        if(count(distinct currency) = 1, sum(amount), null) as gross_amount,
        min(purchased_at) as ordered_at,
        min(known_at) as known_at,
        max(built_at) as built_at
    from {{ ref('purchases') }}
    group by partner_id, order_id
),

cancelled as (
    select
        partner_id,
        order_id,
        count(*) as cancellations,
        min(if(is_partial, null, cancelled_at)) as wholly_cancelled_at,
        max(if(is_partial, cancelled_at, null)) as partly_cancelled_at,
        coalesce(sum(if(is_partial, amount, null)), 0) as partly_cancelled_amount,
        min(known_at) as known_at,
        max(built_at) as built_at
    from {{ ref('cancellations') }}
    group by partner_id, order_id
),

joined as (
    select
        coalesce(bought.partner_id, cancelled.partner_id) as partner_id,
        coalesce(bought.order_id, cancelled.order_id) as order_id,
        bought.car_model,
        bought.currency,
        coalesce(bought.purchases, 0) as purchases,
        coalesce(cancelled.cancellations, 0) as cancellations,
        bought.gross_amount,
        coalesce(cancelled.partly_cancelled_amount, 0) as partly_cancelled_amount,
        bought.ordered_at,
        -- Cancellations of parts that have all of the order's value cancel it.
        coalesce(
            cancelled.wholly_cancelled_at,
            if(cancelled.partly_cancelled_amount >= bought.gross_amount, cancelled.partly_cancelled_at, null)
        ) as cancelled_at,
        cancelled.partly_cancelled_at,
        least(coalesce(bought.known_at, cancelled.known_at), coalesce(cancelled.known_at, bought.known_at)) as known_at,
        greatest(coalesce(bought.built_at, cancelled.built_at), coalesce(cancelled.built_at, bought.built_at)) as built_at
    from bought
    full outer join cancelled
        on bought.partner_id = cancelled.partner_id and bought.order_id = cancelled.order_id
)

select
    partner_id,
    order_id,
    case
        when purchases = 0 then 'purchase_unknown'
        when cancelled_at is not null then 'cancelled'
        when partly_cancelled_at is not null then 'partly_cancelled'
        else 'purchased'
    end as status,
    car_model,
    currency,
    purchases,
    cancellations,
    gross_amount,
    if(cancelled_at is null, gross_amount - partly_cancelled_amount, gross_amount * 0) as net_amount,
    ordered_at,
    cancelled_at,
    timestamp_diff(cancelled_at, ordered_at, second) as seconds_to_cancel,
    known_at,
    built_at
from joined
{% if is_incremental() %}
where built_at > (select coalesce(max(built_at), timestamp '0001-01-01') from {{ this }})
{% endif %}
