// What a PromQL expression names, by the grammar of Prometheus itself.

import { parser } from '@prometheus-io/lezer-promql'

export type Selector = {
  /** As it stands in the expression, without a range. */
  readonly text: string
  readonly metric: string
  /** The labels that it asks for, with the text between the quotes. */
  readonly labels: Readonly<Record<string, string>>
}

export type Named = {
  readonly selectors: readonly Selector[]
  /** The labels of `by` and `on`. */
  readonly groupedBy: readonly string[]
}

/** Grafana's variables in place of durations are read as one minute. @throws where it is no PromQL */
export function namedIn(expression: string): Named {
  const text = expression.replaceAll(/\$__\w+/g, '1m')
  const selectors: Selector[] = []
  const groupedBy: string[] = []
  const of = ({ from, to }: { from: number; to: number }) => text.slice(from, to)
  parser.parse(text).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`)
      if (type.name === 'GroupingLabels')
        groupedBy.push(...node.getChildren('LabelName').map((label) => of(label)))
      if (type.name !== 'VectorSelector') return
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
      const labels = matchers.map((matcher) => {
        const [name, value] = ['LabelName', 'StringLiteral'].map((kind) => matcher.getChild(kind))
        return [name ? of(name) : '', value ? of(value).slice(1, -1) : '']
      })
      const metric = node.getChild('Identifier')
      selectors.push({
        text: of(node),
        metric: metric ? of(metric) : '',
        labels: Object.fromEntries(labels),
      })
    },
  })
  return { selectors, groupedBy }
}
