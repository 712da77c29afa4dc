{{ config(
    materialized='table',
    partition_by={'field': 'ts', 'data_type': 'timestamp', 'granularity': 'day'},
    cluster_by=['order_id']
) }}
select o.order_id, any_value(m.seats) as seats, sum(o.amount) as amount, max(o.ts) as ts
from {{ ref('recent_orders') }} as o
left join {{ ref('car_models') }} as m using (model)
group by o.order_id
