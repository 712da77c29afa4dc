// The dashboard Activation: what Segment is told, what it accepts, and what limits it.

import { OBJECTIVES } from '../prometheus/objectives.ts'
import { graph, toDashboard } from './panels.ts'
import { percentiles, rates, raw, WINDOW } from './queries.ts'

const QUEUE = 'task_queue=~".*-activation"'

export const ACTIVATION = toDashboard({
  uid: 'car-events-activation',
  title: 'Activation',
  description: 'What Segment, and so Google Ads, is told of the events, and what limits it.',
  rows: [
    {
      title: 'Outcomes',
      panels: [
        graph('Staged events by outcome', [rates('events_activated_total', ['outcome'])], {
          stacked: true,
        }),
        graph('Calls by outcome', [rates('segment_calls_total', ['outcome'])]),
        graph('Share refused', [raw(OBJECTIVES[1].badShare(WINDOW), 'refused')], {
          unit: 'percentunit',
          description: 'Events that Segment can never accept, of those that it was told of.',
          limit: 1 - OBJECTIVES[1].target,
        }),
        graph('Publish to accepted', percentiles('event_publish_to_accepted_seconds')),
        graph('Dead letters opened', [
          rates('dead_letters_opened_total', ['stage'], '{stage="activation"}'),
        ]),
        graph('Identifiers left out for Google Ads', [
          rates('activation_identifiers_omitted_total', ['identifier', 'reason']),
        ]),
      ],
    },
    {
      title: 'Limits and retries',
      panels: [
        graph('Changes of the limit', [rates('activation_limit_changes_total', ['state'])], {
          description:
            'By the governor: open means that Segment is unavailable, throttled that it asked to wait.',
        }),
        graph(
          'Failed attempts',
          [
            raw(
              `sum by (activity_type) (rate(temporal_activity_execution_failed{${QUEUE}}[${WINDOW}])) or vector(0)`,
              '{{activity_type}}',
            ),
          ],
          { unit: 'cps', description: 'Attempts of activation that failed and are repeated.' },
        ),
        graph(
          'Wait for a free worker, p99',
          [
            raw(
              `histogram_quantile(0.99, sum by (le) (rate(temporal_activity_schedule_to_start_latency_bucket{${QUEUE}}[${WINDOW}])))`,
              'p99',
            ),
          ],
          {
            unit: 'ms',
            description:
              'How long an attempt waits in the task queue of activation, limits included.',
          },
        ),
      ],
    },
  ],
})
