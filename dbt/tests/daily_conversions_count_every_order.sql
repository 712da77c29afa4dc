-- The sums of the days are those of the orders.
with days as (
    select sum(orders) as orders, sum(cancelled_orders) as cancelled, sum(net_amount) as net
    from {{ ref('daily_conversions') }}
),

orders as (
    select count(*) as orders, countif(status = 'cancelled') as cancelled, sum(net_amount) as net
    from {{ ref('orders') }}
    where ordered_at is not null
)

select days.orders, orders.orders as expected_orders, days.net, orders.net as expected_net
from days
cross join orders
where coalesce(days.orders, 0) != coalesce(orders.orders, 0)
    or coalesce(days.cancelled, 0) != coalesce(orders.cancelled, 0)
    or coalesce(days.net, 0) != coalesce(orders.net, 0)
