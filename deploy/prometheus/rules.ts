// The rules file, for Prometheus and for Terraform alike: rule groups with self-contained expressions and no recording rules.

import { stringify } from 'yaml'
import { type Alert, alertsByGroup } from './alerts.ts'
import { BURNS, type Burn, OBJECTIVES, type Objective } from './objectives.ts'

const HEADER = `# Made by \`npm run generate\` from deploy/prometheus/*.ts. Prometheus loads it, and Terraform makes alert policies of it.
# Each alert names the part of the runbook that says what to do. severity=page wakes a person, severity=ticket waits for the
# next working day. rules.test.yml tests them: promtool test rules deploy/prometheus/rules.test.yml

`

/** The text of deploy/prometheus/rules.yml. Pure. */
export function rulesFile(): string {
  const groups = [
    ...OBJECTIVES.map((objective) => ({
      name: objective.alert,
      rules: BURNS.map((burn) => ruleOf(burnAlert(objective, burn))),
    })),
    ...Object.entries(alertsByGroup).map(([name, alerts]) => ({
      name,
      rules: alerts.map(ruleOf),
    })),
  ]
  return `${HEADER}${stringify({ groups }, { lineWidth: 0 })}`
}

function ruleOf({ alert, expr, waits, severity, summary, description, heading }: Alert) {
  return {
    alert,
    expr,
    ...(waits && { for: waits }),
    labels: { severity },
    annotations: {
      summary,
      description,
      runbook: `docs/runbook.md#${(heading ?? alert).toLowerCase()}`,
    },
  }
}

function burnAlert({ alert, title, target, badShare }: Objective, burn: Burn): Alert {
  const limit = Number((burn.factor * (1 - target)).toFixed(6))
  const isBurning = (window: string) => `(${badShare(window, burn.resolution)} > ${limit})`
  return {
    alert: `${alert}${burn.long}`,
    heading: alert,
    expr: `${isBurning(burn.long)} and ${isBurning(burn.short)}`,
    severity: burn.severity,
    summary: `Objective at risk: ${title}.`,
    description: `In the last ${burn.long} the error budget of 30 days was used up ${burn.factor} times as fast as it may be (${burn.spent}), and in the last ${burn.short} it still was.`,
  }
}
