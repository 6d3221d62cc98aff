import { writeReport } from '@gnnrec/report'
import type { CommandIo } from './io.js'
import { type JudgingFlags, judgeSaved } from './judge-saved.js'

/** Writes a page on a saved model beside Popularity. */
export async function run(
  [folder, events]: readonly [string, string],
  { output, ...flags }: JudgingFlags & { readonly output: string },
  io: CommandIo,
): Promise<void> {
  const { recommender, report, popularity, judged } = await judgeSaved(folder, events, flags, io)
  const { architecture } = recommender.origin
  const isPopularity = architecture === 'popularity'
  const models = [{ name: architecture, evaluation: report }]
  const written = await writeReport(output, {
    title: `Recommender: ${architecture}`,
    description: `The model in ${folder}, judged on ${judged} events of ${events} that it has not learnt from.`,
    models: isPopularity
      ? models
      : [...models, { name: 'popularity baseline', evaluation: popularity }],
  })
  io.result(written, () => `The report is ${written.html}, and as Markdown ${written.markdown}.`)
}
