{#
  The publish days of which one of `tables` has rows that this model has not read yet, or has read lately. Rows are found
  by the time at which BigQuery took them: an event that was redriven after weeks is a new row of an old day.
  None where the model is built from nothing, which means every day.
#}
{% macro changed_days(tables) %}
  {% if not (execute and is_incremental()) %}
    {{ return(none) }}
  {% endif %}
  {% set query %}
    select distinct date(publish_time) as day
    from (
      {% for table in tables %}
      select publish_time, ingested_at from {{ table }}
      {% if not loop.last %}union all{% endif %}
      {% endfor %}
    )
    where coalesce(ingested_at, publish_time) >= coalesce(
      (select timestamp_sub(max(ingested_at), interval {{ var('overlap_minutes') }} minute) from {{ this }}),
      timestamp '0001-01-01')
    order by day
  {% endset %}
  {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{# The condition that a timestamp is of one of these days. The days are literals, so that BigQuery reads no other partition. #}
{% macro in_days(column, days) %}
  {%- if days is none -%} true
  {%- elif days | length == 0 -%} false
  {%- else -%} date({{ column }}) in ({% for day in days %}date '{{ day }}'{% if not loop.last %}, {% endif %}{% endfor %})
  {%- endif -%}
{% endmacro %}
