import { parseCommandLine } from '@gnnrec/example-support'

/** Options of the command line. */
export interface BookOptions {
  /** Path of the published file; undefined for the subset in the data folder. */
  readonly raw: string | undefined
  readonly atLeast: number
  readonly core: number
  readonly epochs: number
  readonly seed: number
  readonly threads: number | undefined
  readonly json: string | undefined
}

const help = `Trains LightGCN on readers and their books and evaluates it beside baselines.

  --raw FILE           BX-Book-Ratings.csv as published (plain or .gz); without it, the 10-core subset
                       is read from GNNREC_DATA_DIR or the cache folder
  --at-least N         lowest rating of the raw file that counts, 1 to 10 (default 1); a rating of 0
                       means a book without a rating, and always counts
  --core N             least number of interactions of each user and book of the raw file (default 10)
  --epochs N           largest number of epochs (default 40)`

/** Reads the command line; ends the process on --help or a mistake. */
export function bookOptions(): BookOptions {
  const { values, seed, threads, json } = parseCommandLine(
    'npm run book-crossing -- [options]',
    help,
    {
      raw: { type: 'string' },
      'at-least': { type: 'string', default: '1' },
      core: { type: 'string', default: '10' },
      epochs: { type: 'string', default: '40' },
    },
  )
  const text = values as Record<string, string | undefined>
  return {
    raw: text['raw'],
    seed,
    threads,
    json,
    atLeast: positiveInteger('--at-least', text['at-least']),
    core: positiveInteger('--core', text['core']),
    epochs: positiveInteger('--epochs', text['epochs']),
  }
}

function positiveInteger(option: string, text: string | undefined): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  console.error(`${option}: got '${text}'; expected an integer from 1 up.\nTry --help.`)
  process.exit(2)
}
