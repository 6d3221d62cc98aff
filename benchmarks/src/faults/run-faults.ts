import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GnnRecError } from '@gnnrec/graph'
import { build } from 'esbuild'
import { type SystemCall, withoutNumbers } from './system-calls.js'
import { failWrite, traceWrite, type WriteEnd, type WriteSettings } from './traced-write.js'
import type { Writer } from './writer.js'
import { writers } from './writers.js'

/** Options of {@link runFaults}. */
export interface FaultOptions {
  /** Folder to work in. */
  readonly folder: string
  /** Name of the only writer. @defaultValue all writers */
  readonly writer?: string | undefined
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

const served = Buffer.alloc(100_000, 'made')

/** Lets every call of each writer fail once by an error and once by a kill. */
export async function* runFaults({
  folder,
  writer: only,
  count,
  conditions,
}: FaultOptions): AsyncGenerator<WriterFaults> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const script = await bundled(join(folder, 'script'), conditions)
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
  const old = await writer.read(folder)
  begin()
  const calls = await traceWrite(settings)
  const wholeNames = namesIn(folder)
  const written = await writer.read(folder)
  if (old === written) throw new Error(`${name}: the old content is the same as the new one.`)
  const counts: Record<string, number> = {}
  const problems: string[] = []
  const note = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  for (const call of spread(calls, count)) {
    for (const fault of ['kill', 'refuse'] as const) {
      const end = await withRetries(() => {
        begin()
        return failWrite(settings, call, fault)
      })
      if (!end) {
        note('missed')
        continue
      }
      const place = `${fault} at ${call.name}${call.what}`
      const problem = (text: string) => problems.push(`${place}: ${text}`)
      note(fault === 'kill' ? 'kills' : 'refusals')
      note(end.end)
      if (fault === 'kill' ? end.end !== 'killed' : !isAllowed(end)) {
        problem(`${end.end} ${end.message ?? ''}`)
      }
      // Reading may write, too; the next run must find what the fault left.
      const left = `${folder}.left`
      rmSync(left, { recursive: true, force: true })
      cpSync(folder, left, { recursive: true })
      const found = await writer.read(left).catch(describe)
      const state = found === old ? 'old' : found === written ? 'new' : 'neither'
      note(state)
      if (state === 'neither') problem(`the content is neither the old nor the new: ${found}`)
      if (end.end === 'written' && state === 'old') problem('written, but the content is the old')
      const again = await writer
        .open(folder, address)
        .then((write) => write())
        .catch(describe)
      const after = await writer.read(folder).catch(describe)
      if (again !== undefined || after !== written) {
        note('next run fails')
        problem(`the next run fails: ${again ?? after}`)
      }
      const extra = [...namesIn(folder)].filter((path) => !wholeNames.has(path))
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

function namesIn(folder: string): Set<string> {
  return new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(withoutNumbers))
}

/** Bundles the script with its parts, so that it starts in a fraction of the time of the sources. */
async function bundled(folder: string, conditions: readonly string[]): Promise<string> {
  const outfile = join(folder, 'write-once.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./write-once.ts', import.meta.url))],
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
