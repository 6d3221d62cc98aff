import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CaseLimits, CaseProcess } from './case-process.js'
import { folderName } from './folder-files.js'
import { type CaseResult, type FuzzCase, failures, type Outcome } from './outcomes.js'

/** Options of {@link runFuzz}. */
export interface FuzzOptions {
  /** Number of cases of all kinds together. */
  readonly count: number
  readonly seed: number | string
  /** Name of the only kind of input to change. @defaultValue all kinds */
  readonly kind?: string | undefined
  /** Folder for the inputs; the smallest of each fault stay in its folder `failures`. */
  readonly folder: string
  /** Path of the script that calls `serveCases`. @defaultValue the one that knows all kinds */
  readonly script?: string
  /** Options of Node with which TypeScript runs. */
  readonly nodeOptions: readonly string[]
  readonly limits?: CaseLimits
}

/** Number of cases of one kind by outcome. */
export interface SubjectCounts {
  readonly subject: string
  readonly seconds: number
  readonly counts: Readonly<Partial<Record<Outcome, number>>>
  readonly faults: readonly Fault[]
  /** Seconds of the case that took longest, of those whose process was not ended. */
  readonly slowest: number
  /** Bytes of memory of the case that took most, of those whose process was not ended. */
  readonly mostBytes: number
}

/** A fault that was found, with its smallest input. */
interface Fault {
  readonly outcome: Outcome
  readonly message: string
  readonly cases: number
  /** Folder of the smallest input. */
  readonly input: string
}

const defaultLimits: CaseLimits = { seconds: 20, bytes: 1.75 * 2 ** 30 }
/** Inputs of one fault that are compared and tried with fewer changes, as each hang takes its time. */
const mostCompared = 200
const mostReduced = 3
/** Packed bytes that a reader takes in a second, at the least. */
const leastBytesPerSecond = 1e7

/** Changes and reads inputs of each kind, kind after kind. @throws Error when there is no such kind */
export async function* runFuzz({
  count,
  seed,
  kind,
  folder,
  script,
  nodeOptions,
  limits = defaultLimits,
}: FuzzOptions): AsyncGenerator<SubjectCounts> {
  mkdirSync(folder, { recursive: true })
  const kept = join(folder, 'failures')
  const made = join(folder, 'inputs')
  for (const each of [kept, made]) rmSync(each, { recursive: true, force: true })
  const reader = new CaseProcess({ script, folder: made, nodeOptions, limits })
  try {
    const all = await reader.subjects()
    const subjects = all.filter(({ name }) => kind === undefined || name === kind)
    if (subjects.length === 0) {
      const names = all.map(({ name }) => name).join(', ')
      throw new Error(`There is no kind of file '${kind}'; expected one of ${names}.`)
    }
    const shares = subjects.reduce((sum, { share }) => sum + share, 0)
    for (const { name, share, seconds: limit = limits.seconds } of subjects) {
      const cases = Math.max(1, Math.round((count * share) / shares))
      const started = performance.now()
      const counts: Partial<Record<Outcome, number>> = {}
      const found = new Map<string, CaseResult[]>()
      let slowest = 0
      let mostBytes = 0
      for (let index = 0; index < cases; index++) {
        const given: FuzzCase = { subject: name, seed, index }
        const first = await reader.read(given, limit)
        // On a busy machine a case may be late once, and a huge file may hold huge data; only what is late again hangs.
        const result = first.outcome === 'hang' ? await readSlowly(given, reader, limit) : first
        counts[result.outcome] = (counts[result.outcome] ?? 0) + 1
        slowest = Math.max(slowest, result.seconds ?? 0)
        mostBytes = Math.max(mostBytes, result.bytes ?? 0)
        if (!failures.includes(result.outcome)) continue
        const fault = faultOf(result)
        const same = found.get(fault)
        if (same) same.push(result)
        else found.set(fault, [result])
      }
      const faults: Fault[] = []
      for (const results of found.values()) {
        const input = join(kept, folderName(name), String(faults.length + 1))
        faults.push(await keepSmallest(results, input, reader, limit))
      }
      const seconds = (performance.now() - started) / 1000
      yield { subject: name, seconds, counts, faults, slowest, mostBytes }
    }
  } finally {
    reader.close()
    rmSync(made, { recursive: true, force: true })
  }
}

/** Reads the input of a case with time for all of its bytes. */
async function readSlowly(
  given: FuzzCase,
  reader: CaseProcess,
  seconds: number,
): Promise<CaseResult> {
  const { bytes } = await reader.draw(given)
  return reader.read(given, seconds + bytes / leastBytesPerSecond)
}

/** Finds the smallest input of a fault, also with some of its changes left out, and keeps it. */
async function keepSmallest(
  results: readonly CaseResult[],
  folder: string,
  reader: CaseProcess,
  seconds: number,
): Promise<Fault> {
  const inputs = []
  for (const result of results.slice(0, mostCompared)) {
    const { bytes, changeCount } = await reader.draw(result.case)
    inputs.push({ result, bytes, changeCount })
  }
  inputs.sort((a, b) => a.changeCount - b.changeCount || a.bytes - b.bytes)
  const reduced = await withFewerChanges(inputs.slice(0, mostReduced), reader, seconds)
  const smallest = reduced ?? inputs[0].result
  const { case: found, outcome, message = '' } = smallest
  await reader.draw(found, join(folder, 'input'))
  const note = { fault: faultOf(smallest), cases: results.length, case: found, message }
  writeFileSync(join(folder, 'fault.json'), `${JSON.stringify(note, undefined, 2)}\n`)
  return { outcome, message, cases: results.length, input: folder }
}

/** Returns the first input that fails in the same way with the fewest of its changes, if it is fewer than all. */
async function withFewerChanges(
  inputs: readonly { readonly result: CaseResult; readonly changeCount: number }[],
  reader: CaseProcess,
  seconds: number | undefined,
): Promise<CaseResult | undefined> {
  for (const { result, changeCount } of inputs) {
    const { subject, seed, index } = result.case
    for (const only of partsOf(changeCount)) {
      const fewer: FuzzCase = { subject, seed, index, only }
      const again = await reader.read(fewer, seconds)
      if (faultOf(again) === faultOf(result)) return again
    }
  }
  return undefined
}

/** Lists the choices of some of the changes, the fewest first. Without any there may still be an odd file. */
function partsOf(changeCount: number): number[][] {
  const parts = Array.from({ length: 2 ** changeCount - 1 }, (_, bits) =>
    Array.from({ length: changeCount }, (_, change) => change).filter(
      (change) => bits & (1 << change),
    ),
  )
  return parts.sort((a, b) => a.length - b.length)
}

function faultOf({ outcome, fault }: CaseResult): string {
  return `${outcome}: ${fault}`
}
