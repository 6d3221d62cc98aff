import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCommandLine } from '@gnnrec/example-support'

/** Options of the command line. */
export interface GowallaOptions {
  /** Path of a file of raw check-ins; undefined for the split of LightGCN's authors. */
  readonly checkIns: string | undefined
  readonly preset: 'fast' | 'paper'
  /** Number of epochs; undefined for those of the preset. */
  readonly epochs: number | undefined
  readonly backend: string
  /** Limit of the resident memory of the process in bytes; undefined to train in memory. */
  readonly maxMemory: number | undefined
  /** Folder for blocks and checkpoints. */
  readonly folder: string
  readonly resume: boolean
  readonly seed: number
  readonly threads: number | undefined
  readonly json: string | undefined
}

const help = `Trains LightGCN on Gowalla and evaluates it on the test part.

  --max-memory SIZE    limit of the resident memory of the process, such as 400MB: tables and graph are
                       then in files, with the same result; a peak above the limit is an error. Without
                       this option, all is in memory
  --preset NAME        fast (8 epochs, default) or paper (1000 epochs)
  --epochs N           number of epochs (default: that of the preset)
  --backend NAME       simd (default) or another backend of useBackend; --max-memory needs simd
  --check-ins FILE     loc-gowalla_totalCheckins.txt (plain or .gz) as published by SNAP, instead of the split
                       of LightGCN, which is read from GNNREC_DATA_DIR or the cache folder, or downloaded
  --folder DIR         folder for blocks and checkpoints (default: in the temporary folder)
  --resume             resume from the last checkpoint of the folder`

/** Reads the command line; ends the process on --help or a mistake. */
export function gowallaOptions(): GowallaOptions {
  const { values, seed, threads, json } = parseCommandLine('npm run gowalla -- [options]', help, {
    'max-memory': { type: 'string' },
    preset: { type: 'string', default: 'fast' },
    epochs: { type: 'string' },
    backend: { type: 'string', default: 'simd' },
    'check-ins': { type: 'string' },
    folder: { type: 'string' },
    resume: { type: 'boolean', default: false },
  })
  const text = values as Record<string, string | undefined>
  const preset = text['preset']
  if (preset !== 'fast' && preset !== 'paper')
    fail(`--preset: got '${preset}'; expected fast or paper.`)
  const epochs = text['epochs'] === undefined ? undefined : Number(text['epochs'])
  if (epochs !== undefined && !(Number.isSafeInteger(epochs) && epochs > 0)) {
    fail(`--epochs: got '${text['epochs']}'; expected an integer from 1 up.`)
  }
  const size = text['max-memory']
  const maxMemory = size === undefined ? undefined : parseSize(size)
  if (size !== undefined && maxMemory === undefined) {
    fail(`--max-memory: got '${size}'; expected a size such as 400MB or 2GB.`)
  }
  const backend = text['backend'] as string
  if (maxMemory !== undefined && backend !== 'simd') {
    fail(`--max-memory: blocks are for the backend simd; got --backend ${backend}.`)
  }
  return {
    checkIns: text['check-ins'],
    preset,
    epochs,
    backend,
    maxMemory,
    seed,
    threads,
    json,
    folder: text['folder'] ?? join(tmpdir(), `gnnrec-gowalla-${preset}-${seed}`),
    resume: values['resume'] === true,
  }
}

const units: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
}

/** Parses a size such as `'400MB'` into bytes; returns undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMG]i?B)$/i.exec(text.trim()) ?? []
  if (number === undefined || unit === undefined) return undefined
  const bytes = Math.floor(Number(number) * (units[unit.toUpperCase()] as number))
  return bytes > 0 ? bytes : undefined
}

function fail(message: string): never {
  console.error(`${message}\nTry --help.`)
  process.exit(2)
}
