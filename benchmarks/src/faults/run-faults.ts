import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GnnRecError } from '@gnnrec/graph'
import { build } from 'esbuild'
import { leftovers, stateOf } from './content.js'
import { type SystemCall, withoutNumbers } from './system-calls.js'
import { failWrite, traceWrite, type WriteEnd, type WriteSettings } from './traced-write.js'
import type { Content, Writer, Writers } from './writer.js'
import { writers as allWriters } from './writers.js'

/** Options of {@link runFaults}. */
export interface FaultOptions {
  /** Folder to work in. */
  readonly folder: string
  /** Name of the only writer. @defaultValue all writers */
  readonly writer?: string | undefined
  /** Writers to try, and the path of the script that calls `writeWhenAsked` with them. @defaultValue all */
  readonly suite?: { readonly writers: Writers; readonly script: string }
  /** Most calls of each writer that fail; they are spread over all of its calls. */
  readonly count: number
  /** Conditions for the packages, such as `'@gnnrec/source'`. */
  readonly conditions: readonly string[]
}

/** Ends of the writes of one writer that failed once each. */
export interface WriterFaults {
  readonly writer: string
  readonly seconds: number
  /** Calls on files that a write makes. */
  readonly calls: number
  /** Numbers of writes by what happened to them. */
  readonly counts: Readonly<Record<string, number>>
  /** Sentences about everything that must not be. */
  readonly problems: readonly string[]
}

const allFiles = {
  writers: allWriters,
  script: fileURLToPath(new URL('./write-once.ts', import.meta.url)),
}
const served = Buffer.alloc(100_000, 'made')

/** Lets every call of each writer fail once by an error and once by a kill. */
export async function* runFaults({
  folder,
  writer: only,
  suite: { writers, script: entry } = allFiles,
  count,
  conditions,
}: FaultOptions): AsyncGenerator<WriterFaults> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const script = await bundled(entry, join(folder, 'script'), conditions)
  const server = createServer((_, response) => response.end(served))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/made.bin`
  const names = Object.keys(writers)
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`There is no writer '${only}'; expected one of ${names.join(', ')}.`)
  }
  try {
    for (const name of names) {
      if (only !== undefined && name !== only) continue
      const settings = {
        script,
        writer: name,
        address,
        folder: join(folder, 'work'),
        log: join(folder, 'strace.log'),
      }
      yield await failEachCall(await writers[name](), settings, count, join(folder, 'old'))
    }
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function failEachCall(
  writer: Writer,
  settings: WriteSettings,
  count: number,
  oldFolder: string,
): Promise<WriterFaults> {
  const started = performance.now()
  const { folder, writer: name, address } = settings
  rmSync(oldFolder, { recursive: true, force: true })
  mkdirSync(oldFolder)
  await writer.prepare(oldFolder)
  const begin = () => {
    rmSync(folder, { recursive: true, force: true })
    cpSync(oldFolder, folder, { recursive: true })
  }
  begin()
  const read = async (from: string): Promise<Content> => {
    const content = await writer.read(from)
    return typeof content === 'string' ? { content } : content
  }
  const old = await read(folder)
  begin()
  const { calls, unreached } = await traceWrite(settings)
  const wholeNames = namesIn(folder)
  const written = await read(folder)
  if (stateOf(old, old, written) === stateOf(written, old, written))
    throw new Error(`${name}: the old content is the same as the new one.`)
  const counts: Record<string, number> = {}
  const problems = unreached.map(
    (call) => `a thread that starts during the write calls ${call}, which cannot fail here`,
  )
  const note = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  for (const call of spread(calls, count)) {
    for (const fault of ['kill', 'refuse'] as const) {
      const place = `${fault} at ${call.name}${call.what}`
      const problem = (text: string) => problems.push(`${place}: ${text}`)
      const end = await withRetries(() => {
        begin()
        return failWrite(settings, call, fault)
      })
      if (!end) {
        note('missed')
        problem('another call was hit, three times')
        continue
      }
      note(fault === 'kill' ? 'kills' : 'refusals')
      note(end.end)
      if (fault === 'kill' ? end.end !== 'killed' : !isAllowed(end)) {
        problem(`${end.end} ${end.message ?? ''}`)
      }
      if (fault === 'refuse' && end.end === 'written' && /sync$/.test(call.name)) {
        note('ignored')
        problem('written, though the disk did not take it')
      }
      // Reading may write, too; the next run must find what the fault left.
      const left = `${folder}.left`
      rmSync(left, { recursive: true, force: true })
      cpSync(folder, left, { recursive: true })
      const found = await read(left).catch(unreadable)
      const state = stateOf(found, old, written)
      note(state)
      if (state === 'neither') {
        problem(`the content is neither the old nor the new: ${JSON.stringify(found)}`)
      }
      if (end.end === 'written' && state !== 'new') {
        problem(`written, but the content is ${state}`)
      }
      const again = await writer
        .open(folder, address)
        .then((write) => write())
        .catch(describe)
      // Reading may sweep, too.
      const extra = leftovers(namesIn(folder), wholeNames)
      const after = await read(folder).catch(unreadable)
      if (again !== undefined || stateOf(after, old, written) !== 'new') {
        note('next run fails')
        problem(`the next run fails: ${again ?? JSON.stringify(after)}`)
      }
      if (extra.length > 0) {
        note('leftovers')
        problem(`the next run leaves ${extra.join(', ')}`)
      }
    }
  }
  const seconds = (performance.now() - started) / 1000
  return { writer: name, seconds, calls: calls.length, counts, problems }
}

function isAllowed({ end }: WriteEnd): boolean {
  return end === 'typed error' || end === 'written'
}

/** Another call is hit when a thread is woken by other calls than before. */
async function withRetries<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let left = 3; left > 0; left--) {
    const result = await attempt()
    if (result !== undefined) return result
  }
  return undefined
}

function unreadable(error: unknown): Content {
  return { content: describe(error) }
}

function describe(error: unknown): string {
  const { name, message } = error as Error
  return `${GnnRecError.isInstance(error) ? error.code : name}: ${message}`
}

/** Returns the calls, or as many as asked for from all parts of the list. */
function spread(calls: readonly SystemCall[], count: number): SystemCall[] {
  if (calls.length <= count) return [...calls]
  return Array.from(
    { length: count },
    (_, place) => calls[Math.floor((place * calls.length) / count)],
  )
}

/** Counts the names below a folder, with digits left out. */
function namesIn(folder: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const name = withoutNumbers(path)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/** Bundles the script with its parts, so that it starts in a fraction of the time of the sources. */
async function bundled(
  entry: string,
  folder: string,
  conditions: readonly string[],
): Promise<string> {
  const outfile = join(folder, 'write-once.mjs')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    conditions: [...conditions],
    // tfjs does not say of all its files that they have side effects.
    ignoreAnnotations: true,
    external: ['@duckdb/*', 'bullmq', 'ioredis'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  })
  return outfile
}
