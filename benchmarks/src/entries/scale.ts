import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { cacheFolder } from '../cache-folder.js'
import { growthOf } from '../scale/growth.js'
import { growthPlot } from '../scale/growth-plot.js'
import type { SizeMeasures, SizeTask } from '../scale/size-measures.js'

const script = fileURLToPath(new URL('../scale/measure-size.ts', import.meta.url))
const graphSizes = [800_000, 3_000_000, 10_000_000, 50_000_000]
const judgedUsers = 2000
const batchSize = 2048
const layers = 3
const steps = 5
const tolerance = 0.2
/** Bytes of a row of embeddings: 64 numbers of 4 bytes. */
const rowBytes = 64 * 4

/** Costs that grow with the graph, by their name in the rows and the plot. */
const costs: Readonly<Record<string, (measures: SizeMeasures) => number>> = {
  'training step, s': ({ stepSeconds }) => stepSeconds,
  'evaluation, s': ({ recommenderSeconds, evaluateSeconds }) =>
    recommenderSeconds + evaluateSeconds,
  // CPU time, since other work on the machine hardly changes it.
  'training step, CPU s': ({ stepCpuSeconds }) => stepCpuSeconds,
  'evaluation, CPU s': ({ evaluationCpuSeconds }) => evaluationCpuSeconds,
  'graph, s': ({ graphSeconds }) => graphSeconds,
  // The memory of Node itself does not grow with the graph.
  'memory, MB': ({ peakMb, startMb }) => peakMb - startMb,
}

export const scale: BenchmarkEntry = {
  summary: `a training step of LightGCN-3 and an evaluation of ${judgedUsers} users on generated graphs of ${graphSizes.map((edges) => edges / 1e6).join(', ')} million edges`,
  async *run({ seed, threads = 2, count = steps, edges }) {
    const sizes = edges === undefined ? graphSizes : [edges]
    const found: SizeMeasures[] = []
    for (const size of sizes) {
      const measures = measure({
        edges: size,
        judgedUsers,
        batchSize,
        layers,
        threads,
        seed,
        steps: count,
      })
      found.push(measures)
      const { users, items, peakMb } = measures
      yield {
        name: `${(measures.edges / 1e6).toPrecision(2)} million edges, ${threads} threads`,
        dataset: 'generated',
        model: 'light-gcn',
        peakRssMb: peakMb,
        settings: { batchSize, layers, embeddingDim: 64, seed, steps: count },
        metrics: {
          edges: measures.edges,
          users,
          items,
          'embeddings, MB': ((users + items) * rowBytes) / 1e6,
          'graph, s': measures.graphSeconds,
          'step, s': measures.stepSeconds,
          'step, ns an edge': (1e9 * measures.stepSeconds) / measures.edges,
          'step, CPU ns an edge': (1e9 * measures.stepCpuSeconds) / measures.edges,
          'to recommender, s': measures.recommenderSeconds,
          'evaluate, s': measures.evaluateSeconds,
          'bytes an edge': (costs['memory, MB'](measures) * 2 ** 20) / measures.edges,
        },
      }
    }
    if (found.length < 2) return
    const edgeCounts = found.map((each) => each.edges)
    for (const [name, cost] of Object.entries(costs)) {
      const growth = growthOf(edgeCounts, found.map(cost), tolerance)
      const { perUnit, exponent, kind } = growth
      console.log(
        `${name}: ${kind} (within ${100 * tolerance} %), as edges^${exponent.toFixed(2)}; ` +
          `per edge ${perUnit.map((value) => value.toFixed(2)).join(', ')} of the smallest`,
      )
      yield {
        name: `growth of ${name}`,
        dataset: 'generated',
        ratio: {
          exponent,
          'largest per edge / smallest size': Math.max(...perUnit),
          'largest size per edge / smallest size': perUnit[perUnit.length - 1],
        },
      }
    }
    console.log(`Plot: ${await writePlot(found)}`)
  },
}

async function writePlot(found: readonly SizeMeasures[]): Promise<string> {
  const lines = (names: readonly string[]) =>
    names.map((name) => ({
      name: name.replace(/, (s|MB)$/, ''),
      points: found.map((each) => ({ edges: each.edges, value: costs[name](each) })),
    }))
  const svg = await growthPlot([
    { title: 'seconds', lines: lines(Object.keys(costs).filter((name) => name.endsWith(' s'))) },
    { title: 'MB', lines: lines(['memory, MB']) },
  ])
  const folder = cacheFolder('scale')
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'scale.svg')
  await writeFile(file, svg)
  return file
}

/** Measures one size in a separate process, so that peak memory counts that size alone. */
function measure(task: SizeTask): SizeMeasures {
  const given = [...process.execArgv, script, JSON.stringify(task)]
  const { status, signal, stdout } = spawnSync(process.execPath, given, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status === 0) return JSON.parse(stdout) as SizeMeasures
  throw new Error(`The process for ${task.edges} edges ended with ${status ?? signal}.`)
}
