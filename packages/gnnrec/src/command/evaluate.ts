import { type CommandIo, columns } from './io.js'
import { comparisonOf, type JudgingFlags, judgeSaved } from './judge-saved.js'

/** Judges a saved model and tells of it beside Popularity. */
export async function run(
  [folder, events]: readonly [string, string],
  flags: JudgingFlags,
  io: CommandIo,
): Promise<void> {
  const found = await judgeSaved(folder, events, flags, io)
  const compared = comparisonOf(found)
  const { judged, leftOut, report } = found
  const users = report.userIndices.length
  const metrics = Object.fromEntries(
    Object.entries(compared).map(([name, { a, b, difference, tests }]) => [
      name,
      { value: a, popularity: b, difference, ...(tests && { interval: tests.interval }) },
    ]),
  )
  io.result({ model: folder, users, events: judged, leftOut, metrics }, () => {
    const rows = Object.entries(metrics).map(
      ([name, { value, popularity, difference, interval }]) => [
        name,
        value.toFixed(4),
        popularity.toFixed(4),
        difference.toFixed(4),
        interval ? interval.map((bound) => bound.toFixed(4)).join(' to ') : '',
      ],
    )
    return [
      columns([['metric', 'model', 'Popularity', 'difference', '95 % interval'], ...rows]),
      `On ${judged} events of ${users} users. Left out: ${leftOut.learnt} that the model has learnt from, ${leftOut.unknown} of users or items that it does not know.`,
      ...report.warnings,
    ].join('\n')
  })
}
