import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  formatTable,
  parseCommandLine,
  type ResultRow,
  writeResults,
} from '@gnnrec/example-support'
import { type Batch, BatchIterator, BipartiteGraph, GnnRecError, Rng } from '@gnnrec/graph'
import { drawByKernels, useBackend } from '@gnnrec/ops'
import { optimizerFrom } from '@gnnrec/train'
import { cacheFolder } from './cache-folder.js'
import type { FrameKind } from './profile/call-tree.js'
import { flameGraph } from './profile/flame-graph.js'
import { type KernelTime, kernelTimes } from './profile/kernel-times.js'
import { profileTraining } from './profile/profile-training.js'
import { speedscopeFile } from './profile/speedscope-file.js'
import { trainedPreset } from './profile/trained-preset.js'
import { loadRecipeSplit, recipeDatasets } from './recipe/recipe-datasets.js'
import { createModel, modelNames, modelsNamed } from './trials/candidate.js'

const help = `Shows the time of a training step by kernel and draws a flame graph.

  --model NAME         ${modelNames.join(' | ')} (default LightGcn)
  --preset NAME        settings of the model and its training (default recommended)
  --dataset NAME       ${recipeDatasets.join(' | ')}
                       (default movietweetings)
  --batch N            samples in a batch (default 2048)
  --steps N            steps to time by kernel (default 50); the same number is timed as a whole
  --out FOLDER         folder for the flame graph (default: a cache folder, which is printed)`

async function main(): Promise<void> {
  const { values, seed, threads, json } = parseCommandLine('npm run profile -- [options]', help, {
    model: { type: 'string', default: 'light-gcn' },
    preset: { type: 'string' },
    dataset: { type: 'string', default: 'movietweetings' },
    batch: { type: 'string', default: '2048' },
    steps: { type: 'string', default: '50' },
    out: { type: 'string' },
  })
  const { model: modelName, preset, dataset, batch, steps, out } = values as Record<string, string>
  const [name] = modelsNamed(modelName)
  const settings = trainedPreset(name, preset)
  const batchSize = positive('--batch', batch)
  const stepCount = positive('--steps', steps)
  const graph = BipartiteGraph.fromInteractions((await loadRecipeSplit(dataset)).train)
  await useBackend('simd', threads === undefined ? {} : { threads })

  const model = createModel(settings, graph, seed)
  await model.prepare()
  const rng = Rng.fromSeed(seed)
  const { sampling, negatives, negativesPerPositive, learningRate } = settings.training
  const iterator = new BatchIterator(graph, {
    batchSize,
    strategy: model.requiredSampling ?? sampling,
    rng: rng.fork('sampling'),
    ...(negatives !== undefined && { negatives }),
    ...(negativesPerPositive !== undefined && { negativesPerPositive }),
  })
  const draws = drawByKernels(iterator)
  const optimizer = optimizerFrom(settings.training.optimizer ?? { name: 'adam' })
  const { parts, profiledMilliseconds, plainMilliseconds } = profileTraining(
    {
      batches: endlessBatches(iterator, (epoch) => model.beginEpoch(epoch, rng.fork('model'))),
      model,
      optimizer,
      learningRate,
    },
    stepCount,
  )
  optimizer.dispose()
  draws.release()
  model.dispose()

  const times = kernelTimes(parts)
  const title = `${name} on ${dataset}, batches of ${batchSize}, ${stepCount} steps`
  console.log(`${title}, ${plainMilliseconds.toFixed(2)} ms each (median)`)
  console.log(table(times, stepCount))
  const overhead = 100 * (profiledMilliseconds / plainMilliseconds - 1)
  console.log(
    `With every kernel timed, as in the table, the median step takes ${profiledMilliseconds.toFixed(2)} ms (${overhead < 0 ? '' : '+'}${overhead.toFixed(1)} %).`,
  )
  const folder = out ?? cacheFolder('profile')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name}-${dataset}`)
  await writeFile(`${file}.svg`, await flameGraph(title, parts))
  await writeFile(`${file}.speedscope.json`, JSON.stringify(speedscopeFile(title, parts)))
  console.log(`Flame graph: ${file}.svg\nFor https://www.speedscope.app: ${file}.speedscope.json`)
  if (json) {
    const common = { dataset, model: name, settings: { batchSize, steps: stepCount, seed } }
    await writeResults(json, threads, [
      {
        ...common,
        name: 'step',
        seconds: plainMilliseconds / 1000,
        ratio: { 'timed by kernel / not': profiledMilliseconds / plainMilliseconds },
      },
      ...times.map((time): ResultRow => ({ ...common, ...kernelRow(time, stepCount) })),
    ])
  }
}

function* endlessBatches(
  iterator: BatchIterator,
  begin: (epoch: number) => void,
): Generator<Batch, never> {
  for (let epoch = 0; ; epoch++) {
    begin(epoch)
    yield* iterator.epoch(epoch)
  }
}

const kinds: Readonly<Record<FrameKind, string>> = {
  part: 'JavaScript outside of kernels',
  tfjs: 'JavaScript of a TensorFlow.js kernel',
  kernel: 'WebAssembly kernel',
}

/** Smallest share that has a row of its own; smaller ones share a row. */
const leastShare = 0.002

function table(times: readonly KernelTime[], steps: number): string {
  const head = ['kernel', 'what', 'calls a step', 'ms a step', 'share', 'ms a call', 'threads']
  const perStep = (milliseconds: number, share: number) => [
    (milliseconds / steps).toFixed(3),
    `${(100 * share).toFixed(1)} %`,
  ]
  const sum = (some: readonly KernelTime[], of: 'milliseconds' | 'share') =>
    some.reduce((total, time) => total + time[of], 0)
  const shown = times.filter(({ share }) => share >= leastShare)
  const rows = shown.map(({ name, kind, calls, milliseconds, share, threads }) => [
    ...[name, kinds[kind], String(Number((calls / steps).toFixed(2)))],
    ...[...perStep(milliseconds, share), (milliseconds / calls).toFixed(3)],
    kind === 'kernel' ? String(threads) : '1',
  ])
  const others = times.slice(shown.length)
  for (const [name, some] of [
    [`${others.length} others`, others],
    ['all', times],
  ] as const) {
    rows.push([name, '', '', ...perStep(sum(some, 'milliseconds'), sum(some, 'share')), '', ''])
  }
  const align = head.map((_, column): 'left' | 'right' => (column < 2 ? 'left' : 'right'))
  return formatTable(head, rows, align)
}

function kernelRow({ name, kind, calls, milliseconds, share, threads }: KernelTime, steps: number) {
  return {
    name: `${name} (${kinds[kind]})`,
    metrics: {
      'calls a step': calls / steps,
      'ms a step': milliseconds / steps,
      share,
      threads,
      'ms a call': milliseconds / calls,
    },
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new Error(`${name}: got '${text}'; expected an integer from 1 up.`)
}

main().catch((error: unknown) => {
  console.error(GnnRecError.isInstance(error) ? error.message : error)
  process.exitCode = 1
})
