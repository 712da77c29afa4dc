{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['day', 'partner_id', 'car_model', 'currency'],
    partition_by={'field': 'day', 'data_type': 'date'},
    cluster_by=['partner_id', 'car_model'],
    on_schema_change='fail'
) }}

with totals as (
    select
        date(ordered_at) as day,
        partner_id,
        car_model,
        currency,
        count(*) as orders,
        countif(status = 'cancelled') as cancelled_orders,
        countif(status != 'cancelled') as conversions,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount
    from {{ ref('orders') }}
    where ordered_at is not null
    group by day, partner_id, car_model, currency
)

{% if is_incremental() %}
, no_longer as (
    -- The last order of the row was corrected to another day or model, and a merge deletes nothing: the row has zero orders.
    select
        known.day, known.partner_id, known.car_model, known.currency,
        0 as orders, 0 as cancelled_orders, 0 as conversions,
        cast(0 as numeric) as gross_amount, cast(0 as numeric) as net_amount
    from {{ this }} as known
    left join totals
        on totals.day = known.day and totals.partner_id = known.partner_id
        and totals.car_model = known.car_model and totals.currency = known.currency
    where totals.day is null and known.orders > 0
)

(
    select * from totals
    except distinct
    select day, partner_id, car_model, currency, orders, cancelled_orders, conversions, gross_amount, net_amount
    from {{ this }}
)
union all
select * from no_longer
{% else %}
select * from totals
{% endif %}
