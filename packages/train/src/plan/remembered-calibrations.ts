import { BipartiteGraph } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { Calibration, Planned } from './calibrate.js'
import { calibrationSplit, type GraphCounts } from './calibration-split.js'

/** Of the last ones of this process, the latest at the end. */
const remembered = new Map<string, readonly [Calibration, Calibration]>()
const MOST = 8
/** Large enough for any model, and otherwise as small as may be. */
const TINY: GraphCounts = { users: 200, items: 200, edges: 400 }

/** Names of classes are not theirs alone. */
const classes = new WeakMap<object, number>()
let classCount = 0

/** Calibrates, unless it was done in this process for the same model, training and sizes. */
export async function rememberedCalibrations(
  planned: Planned,
  sizes: readonly GraphCounts[],
  calibrate: () => Promise<readonly [Calibration, Calibration]>,
): Promise<readonly [Calibration, Calibration]> {
  const key = keyOf(planned, sizes)
  if (key === undefined) return calibrate()
  const found = remembered.get(key) ?? (await calibrate())
  remembered.delete(key)
  remembered.set(key, found)
  for (const oldest of [...remembered.keys()].slice(0, -MOST)) remembered.delete(oldest)
  return found
}

/** Undefined for what cannot be told apart by its values, such as schedules that are functions. */
function keyOf(
  { model: make, training }: Planned,
  sizes: readonly GraphCounts[],
): string | undefined {
  let isPlain = true
  const { checkpoint, ...calibrated } = training
  const plain = JSON.stringify(calibrated, (_, value) => {
    if (typeof value === 'function' || typeof value === 'bigint') isPlain = false
    return value
  })
  if (!isPlain) return undefined
  const graph = BipartiteGraph.fromInteractions(calibrationSplit(TINY).train)
  const model = make(graph)
  const key = [classNumber(model.constructor), model.options, sizes, defaultRuntime().threads]
  model.dispose()
  graph.dispose()
  return `${plain} ${JSON.stringify(key)}`
}

function classNumber(modelClass: object): number {
  const number = classes.get(modelClass) ?? classCount++
  classes.set(modelClass, number)
  return number
}
