with source as (
    select * from {{ source('streaming', 'staging_cancellation') }}
),

renamed as (
    select
        partner_id,
        order_id,
        event_id,
        car_model,
        reason,
        amount,
        coalesce(currency, 'unknown') as currency,
        coalesce(partial, false) as is_partial,
        timestamp as occurred_at,
        publish_time as published_at,
        coalesce(ingested_at, publish_time) as ingested_at,
        message_id,
        coalesce(content_hash, '') as content_hash
    from source
)

select * from renamed
