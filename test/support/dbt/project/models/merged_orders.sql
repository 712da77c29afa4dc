{{ config(materialized='incremental', incremental_strategy='merge', unique_key='order_id') }}
select order_id, amount, ts from {{ ref('order_totals') }}
{% if is_incremental() %} where ts >= (select max(ts) from {{ this }}) {% endif %}
