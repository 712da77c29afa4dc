with source as (
    select * from {{ source('streaming', 'staging_purchase') }}
),

renamed as (
    select
        partner_id,
        order_id,
        event_id,
        car_model,
        amount,
        coalesce(currency, 'unknown') as currency,
        timestamp as occurred_at,
        publish_time as published_at,
        coalesce(ingested_at, publish_time) as ingested_at,
        message_id,
        coalesce(content_hash, '') as content_hash
    from source
)

select * from renamed
