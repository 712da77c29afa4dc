// The options and the help of `npm run cost`.

import { type Command, Option } from 'commander'
import { positive, share } from '../option-values.ts'
import { print } from '../output/print.ts'

export function registerCost(program: Command): void {
  program
    .command('cost')
    .description(
      'What the pipeline costs at list prices, from what `npm run bench` measured on this machine.',
    )
    .option('--rate <events>', 'mean events a second', positive, 1000)
    .addOption(
      new Option('--rates <list>', 'compare rates, separated by commas')
        .argParser((value) => value.split(',').map(positive))
        .conflicts(['rate', 'json']),
    )
    .option(
      '--batch <events>',
      'events a batch (default: as two bridges make them, from what was measured)',
      positive,
    )
    .option('--retention <days>', 'days Temporal keeps finished workflows', positive, 7)
    .option('--publish-batch <messages>', 'messages partners publish in a request', positive, 1)
    .addOption(
      new Option('--plan <name>', 'plan of Temporal Cloud')
        .choices(['developer', 'business'])
        .default('developer'),
    )
    .option('--cancelled <share>', 'share of the events that are cancellations', share, 0.05)
    .option('--fairness', 'with fairness between partners, a tenth more actions')
    .addOption(
      new Option('--writer <name>', 'how BigQuery is written')
        .choices(['storage-write', 'insert-all'])
        .default('storage-write'),
    )
    .option(
      '--change-events <subscriptions>',
      'with change events, for so many consumers',
      positive,
    )
    .option('--prices <file>', 'JSON of your own prices, by the names of cli/cost/prices.ts')
    .option('--measured <file>', 'what was measured', 'bench/results/latest.json')
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npm run cost -- --rate 1000
  npm run cost -- --rates 10,100,1000,10000 --plan business
  npm run cost -- --rate 1000 --batch 500 --retention 30 --writer insert-all
  npm run cost -- --rate 1000 --change-events 1
  echo '{"temporalActions":25}' > /tmp/prices.json && npm run -s cost -- --prices /tmp/prices.json --json`,
    )
    .action(async (options) => {
      const { cost } = await import('./cost.ts')
      print(await cost(options))
    })
}
