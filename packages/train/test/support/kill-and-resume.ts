import { spawn } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Rng } from '@gnnrec/graph'
import { build } from 'esbuild'

/** Settings of {@link killAndResume}. */
export interface KillSettings {
  /** Number of times that a training is killed. */
  readonly kills: number
  /** An empty folder to work in. */
  readonly folder: string
  /** Seed of the moments. @defaultValue 0 */
  readonly seed?: number | string
  /** Is told of each kill. */
  readonly onKill?: (kills: number) => void
}

/** Result of the kills. */
export interface KillReport {
  readonly kills: number
  /** Kills in the middle of writing a checkpoint. */
  readonly killsWhileWriting: number
  /** Kills before the first step. */
  readonly killsBeforeTraining: number
  /** Trainings that came to their end after kills, */
  readonly ends: number
  /** and how many of them ended in other bytes than the training that was never killed. */
  readonly differentEnds: number
}

/**
 * Runs the training of `killed-script.ts` in a process that is killed by SIGKILL at random moments, every
 * third time in the middle of writing a checkpoint, and started again, as often as asked; a training that reaches its end is compared with one that was
 * never killed, and the next one begins.
 *
 * @throws Error when a training fails by itself
 */
export async function killAndResume({
  kills,
  folder,
  seed = 0,
  onKill = () => {},
}: KillSettings): Promise<KillReport> {
  const script = await bundleScript(folder)
  const rng = Rng.fromSeed(seed)
  const started = performance.now()
  const whole = await runTraining(script, join(folder, 'whole'), 1)
  let longest = performance.now() - started
  const report = {
    kills: 0,
    killsWhileWriting: 0,
    killsBeforeTraining: 0,
    ends: 0,
    differentEnds: 0,
  }
  let training = await startAnew(folder, report.ends)
  for (;;) {
    const isLast = report.kills >= kills
    const threads = 1 + rng.integer(3)
    const kill: Kill = report.kills % 3 === 2 ? 'writing' : rng.uniform() * longest
    const ending = isLast ? undefined : kill
    const { digest, hasTrained } = await runTraining(script, training, threads, ending)
    if (digest !== undefined) {
      report.ends++
      if (digest !== whole.digest) report.differentEnds++
      if (isLast) return report
      // The machine is faster now than it was, or a kill comes too late for most.
      longest *= 0.9
      await rm(training, { recursive: true })
      training = await startAnew(folder, report.ends)
      continue
    }
    report.kills++
    longest *= 1.02
    if (!hasTrained) report.killsBeforeTraining++
    const names = await readdir(training)
    if (names.some((name) => name.endsWith('.tmp'))) report.killsWhileWriting++
    onKill(report.kills)
  }
}

async function startAnew(folder: string, ends: number): Promise<string> {
  const training = join(folder, `killed-${ends}`)
  await mkdir(training)
  return training
}

/** One file that starts in a fraction of the time of the sources. */
async function bundleScript(folder: string): Promise<string> {
  const outfile = join(folder, 'killed-script.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./killed-script.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    conditions: ['@gnnrec/source'],
    // tfjs does not say of all its files that they have side effects.
    ignoreAnnotations: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return outfile
}

/** The moment of a kill: after so many milliseconds, or in the middle of writing the second checkpoint. */
type Kill = number | 'writing'

/** Runs the script to its end, or until it is killed. */
async function runTraining(
  script: string,
  folder: string,
  threads: number,
  kill?: Kill,
): Promise<{ digest: string | undefined; hasTrained: boolean }> {
  const lastCheckpoint = kill === 'writing' ? ['2'] : []
  const child = spawn(process.execPath, [script, folder, String(threads), ...lastCheckpoint], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  child.stderr.on('data', (text) => {
    errors += text
  })
  const timer = typeof kill === 'number' ? setTimeout(() => child.kill('SIGKILL'), kill) : undefined
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>(
    (resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal }))
    },
  )
  clearTimeout(timer)
  const digest = /^end (\w+)$/m.exec(output)?.[1]
  if (signal === 'SIGKILL' && kill !== undefined) {
    return { digest: undefined, hasTrained: output.includes('training') }
  }
  if (code === 0 && digest !== undefined) return { digest, hasTrained: true }
  throw new Error(`The training ended by itself (${code ?? signal}): ${errors || output}`)
}
