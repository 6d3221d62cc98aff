import { describeTable } from '@gnnrec/data'
import { formatTable, type ResultRow, writeResults } from '@gnnrec/example-support'
import { GnnRecError } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { loadRaw, loadSubset } from './book-data.js'
import { bookOptions } from './options.js'
import { type JudgedModel, metrics, trainModels } from './train-models.js'

async function main(): Promise<void> {
  const options = bookOptions()
  const { name, split } =
    options.raw === undefined ? await loadSubset() : await loadRaw(options.raw, options)
  const { users, items } = split.train
  const parts = [split.train, split.validation, split.test].map(
    (part) => describeTable(part).interactions,
  )
  console.log(
    `${name}: ${users.size} readers, ${items.size} books; ${parts.join(' / ')} rows to train, validate and test`,
  )
  await useBackend('simd', options.threads === undefined ? {} : { threads: options.threads })
  const models: JudgedModel[] = []
  for await (const model of trainModels(split, options)) models.push(model)
  console.log(
    formatTable(
      ['model', ...metrics, 'best epoch', 'train s'],
      models.map(({ name, report, bestEpoch, seconds }) => [
        name,
        ...metrics.map((metric) => report.metrics[metric]?.toFixed(4) ?? '—'),
        ...[bestEpoch === undefined ? '' : String(bestEpoch), seconds.toFixed(1)],
      ]),
    ),
  )
  const last = models.at(-1) as JudgedModel
  const [reader] = users.ids
  const list = last.recommender.recommend(reader, { k: 5 }).items
  console.log(`${last.name} recommends to reader ${reader}: ${list.join(', ')}`)
  if (options.json) await writeResults(options.json, options.threads, models.map(rowOf(name)))
}

const rowOf =
  (dataset: string) =>
  ({ name, report, bestEpoch, seconds }: JudgedModel): ResultRow => ({
    name: 'book-crossing',
    dataset,
    model: name,
    metrics: report.metrics,
    seconds,
    ...(bestEpoch !== undefined && { epochs: bestEpoch }),
  })

main().catch((error: unknown) => {
  // Errors that users can fix are one sentence; all others keep their stack.
  console.error(GnnRecError.isInstance(error) ? `\n${error.message}` : error)
  process.exitCode = 1
})
