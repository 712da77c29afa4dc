with source as (
    select * from {{ source('streaming', 'audit_log') }}
),

renamed as (
    select
        message_id,
        partner_id,
        decision,
        reasons,
        event_id,
        coalesce(content_hash, '') as content_hash,
        publish_time as published_at,
        coalesce(ingested_at, publish_time) as ingested_at
    from source
    -- A message of several parts counts once. The row that keeps a batch which could not be read is no message.
    where part = 0 and message_id != batch_id
)

select * from renamed
