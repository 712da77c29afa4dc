// The dashboard SLO: each objective, what is left of its error budget, and how fast it is used up.

import { BURNS, OBJECTIVES, type Objective } from '../prometheus/objectives.ts'
import { graph, number, type Row, toDashboard } from './panels.ts'
import { raw } from './queries.ts'

const RANGE = '$__range'
const RESOLUTION = '$__interval'
const FASTEST_BURN = BURNS[0].factor

function rowOf({ title, target, badShare }: Objective): Row {
  const bad = (window: string) => badShare(window, RESOLUTION)
  const burn = (window: string) => raw(`(${bad(window)}) / ${budgetOf(target)}`, window)
  return {
    title,
    panels: [
      number('Kept', raw(`1 - (${bad(RANGE)})`, 'kept'), {
        unit: 'percentunit',
        description: `In the time range of the dashboard. The objective is ${target}.`,
        limit: target,
        isLowBad: true,
      }),
      number('Error budget left', raw(`1 - (${bad(RANGE)}) / ${budgetOf(target)}`, 'left'), {
        unit: 'percentunit',
        description: 'Of the budget of the time range. Below zero the objective is missed.',
        limit: 0,
        isLowBad: true,
      }),
      graph(
        'Burn rate',
        BURNS.slice(0, 2).flatMap(({ short, long }) => [burn(short), burn(long)]),
        {
          unit: 'short',
          description: `1 uses up the budget in exactly 30 days. A page is sent where ${FASTEST_BURN} is exceeded in the last hour and the last five minutes.`,
          limit: FASTEST_BURN,
        },
      ),
    ],
  }
}

/** Without the noise of binary fractions. */
const budgetOf = (target: number) => Number((1 - target).toFixed(6))

export const SLO = toDashboard({
  uid: 'car-events-slo',
  title: 'SLO',
  description: 'The objectives over 30 days, their error budgets, and the alerts that fire.',
  rows: [
    ...OBJECTIVES.map(rowOf),
    {
      title: 'Alerts',
      panels: [
        graph(
          'Firing',
          [
            raw(
              'count by (alertname, severity) (ALERTS{alertstate="firing"}) or vector(0)',
              '{{severity}} {{alertname}}',
            ),
          ],
          { description: 'Alerts of deploy/prometheus/rules.yml. docs/runbook.md has each.' },
        ),
      ],
    },
  ],
})
