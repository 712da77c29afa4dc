// The dashboard Partners: who sends how much, what of it is rejected and why, and who has gone silent.

import { graph, toDashboard } from './panels.ts'
import { rates, raw, WINDOW } from './queries.ts'

const CHOSEN = '{partner=~"$partner"}'
const REJECTED = '{partner=~"$partner", decision="rejected"}'

const share = (selector: string) =>
  `sum by (partner) (rate(partner_events_total${selector}[${WINDOW}]))`

export const PARTNERS = toDashboard({
  uid: 'car-events-partners',
  title: 'Partners',
  description:
    'Volume, rejections and freshness by partner. Partners that the registry does not name are together in "other".',
  filters: { partner: 'partner_events_total' },
  rows: [
    {
      title: 'Volume and freshness',
      panels: [
        graph('Events', [rates('partner_events_total', ['partner'], CHOSEN)], { stacked: true }),
        graph('Events by decision', [rates('partner_events_total', ['decision'], CHOSEN)]),
        graph(
          'Time since the newest event',
          [
            raw(
              `time() - max by (partner) (partner_newest_event_timestamp_seconds${CHOSEN})`,
              '{{partner}}',
            ),
          ],
          { unit: 's', description: 'By the publish time of the newest event, valid or not.' },
        ),
      ],
    },
    {
      title: 'Rejections',
      panels: [
        graph('Share rejected', [raw(`${share(REJECTED)} / ${share(CHOSEN)}`, '{{partner}}')], {
          unit: 'percentunit',
          description: 'Events that broke the contract, of all events of the partner.',
        }),
        graph('Rejections by reason', [rates('partner_rejections_total', ['reason'], CHOSEN)]),
        graph('Rejections by partner and reason', [
          rates('partner_rejections_total', ['partner', 'reason'], CHOSEN),
        ]),
      ],
    },
  ],
})
