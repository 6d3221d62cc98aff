import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Options of every example and benchmark. */
export interface CommandLine {
  seed: number
  /** Number of threads; undefined for as many as the machine has processors. */
  threads: number | undefined
  /** Path of the JSON file to write the results to; undefined for none. */
  json: string | undefined
  /** Values of all other options. */
  values: Record<string, string | boolean | undefined>
}

const common: NonNullable<ParseArgsConfig['options']> = {
  help: { type: 'boolean', short: 'h' },
  seed: { type: 'string', default: '0' },
  threads: { type: 'string' },
  json: { type: 'string' },
}

const commonHelp = `  --seed N             seed of all random numbers (default 0)
  --threads N          number of threads (default: the machine's processors)
  --json FILE          write environment and results as JSON
  --help               this text`

/**
 * Reads the command line; on `--help` or a mistake, prints a text and ends the process. From then on, output falls silent
 * when its reader goes away, as in `npm start | head -1`, and the program runs to its end.
 */
export function parseCommandLine(
  usage: string,
  help: string,
  options: NonNullable<ParseArgsConfig['options']>,
): CommandLine {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  try {
    const { values } = parseArgs({ options: { ...options, ...common }, strict: true })
    if (values['help']) {
      console.log(`${usage}\n\n${help}\n${commonHelp}`)
      process.exit(0)
    }
    const { seed, threads, json, ...rest } = values as Record<string, string | undefined>
    return {
      seed: integer('--seed', seed as string),
      threads: threads === undefined ? undefined : integer('--threads', threads),
      json,
      values: rest,
    }
  } catch (error) {
    console.error(`${(error as Error).message}\nTry --help.`)
    process.exit(2)
  }
}

/** Writes the command that started this program: the one of npm and what followed it. */
export function commandText(start: string): string {
  const given = process.argv.slice(2)
  return [start, ...(given.length > 0 ? ['--', ...given] : [])].join(' ')
}

function integer(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`${name}: got '${text}'; expected an integer from 0 up.`)
}
