{{ config(materialized='view') }}
select order_id, model, amount, ts from {{ source('shop', 'orders') }}
