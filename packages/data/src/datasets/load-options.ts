import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { progressSchema } from '../downloads/download-options.js'
import type { DownloadProgressStyle } from '../downloads/download-progress.js'

/** Options of the loaders of data sets that are not bundled. */
export interface LoadOptions {
  /**
   * The folder of the files, or the folder that holds the data set's own folder. Default: the
   * folder named by the environment variable `GNNREC_DATA_DIR`, then the user's cache folder
   * (`$XDG_CACHE_HOME/gnnrec`, else `~/.cache/gnnrec`), into which it is downloaded otherwise.
   */
  directory?: string | undefined
  /** Never asks the network. Default: whether the environment variable `GNNREC_OFFLINE` is set. */
  offline?: boolean | undefined
  /**
   * The address of a folder that has the publishers' files as `FOLDER/FILE`, to be asked in place of the
   * publishers. Default: the environment variable `GNNREC_MIRROR`, else none.
   */
  mirror?: string | undefined
  /** How a download shows where it is. Default `'auto'`: on standard error, beginning with the licence. */
  progress?: DownloadProgressStyle | undefined
  /** Ends the download or the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  directory: z.string().min(1).optional(),
  offline: z.boolean().optional(),
  mirror: z.url().optional(),
  progress: progressSchema.default('auto'),
  signal: z.instanceof(AbortSignal).optional(),
})

/** Options of a loader with what the environment says where they say nothing. */
export type ParsedLoadOptions = z.output<typeof schema>

/** Checks the options of the loader called `owner`. */
export function parseLoadOptions(owner: string, options: LoadOptions): ParsedLoadOptions {
  const { GNNREC_OFFLINE: offline, GNNREC_MIRROR: mirror } = process.env
  const parsed = parseOptions(owner, schema, options)
  return {
    ...parsed,
    offline: parsed.offline ?? (offline !== undefined && offline !== '' && offline !== '0'),
    mirror: parsed.mirror ?? (mirror || undefined),
  }
}
