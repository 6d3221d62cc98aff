import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { progressSchema } from '../downloads/download-options.js'
import type { DownloadProgressStyle } from '../downloads/download-progress.js'

/** Options of the functions that load a data set which is not bundled. */
export interface LoadOptions {
  /**
   * The folder that holds the files, or the folder that holds the data set's own folder. A download is
   * written there too.
   *
   * @defaultValue the folder in the environment variable `GNNREC_DATA_DIR`, then the cache folder
   * (`$XDG_CACHE_HOME/gnnrec`, else `~/.cache/gnnrec`). Downloads go into the cache folder.
   */
  directory?: string | undefined
  /**
   * True when nothing may be downloaded.
   *
   * @defaultValue `true` when the environment variable `GNNREC_OFFLINE` is set to anything but 0
   */
  offline?: boolean | undefined
  /**
   * The address of a server that is asked in place of the publishers. It has to serve the publishers'
   * files as `FOLDER/FILE`.
   *
   * @defaultValue the environment variable `GNNREC_MIRROR`, else the publishers' servers
   */
  mirror?: string | undefined
  /**
   * The way in which a download shows its progress: `'bar'`, `'lines'`, `'none'`, `'auto'` (a bar on a
   * terminal, else lines) or a function. Bars and lines go to standard error, after the licence.
   *
   * @defaultValue `'auto'`
   */
  progress?: DownloadProgressStyle | undefined
  /** A signal that stops the download or the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  directory: z.string().min(1).optional(),
  offline: z.boolean().optional(),
  mirror: z.url().optional(),
  progress: progressSchema.default('auto'),
  signal: z.instanceof(AbortSignal).optional(),
})

/** The options of a loader after the environment variables have filled the gaps. */
export type ParsedLoadOptions = z.output<typeof schema>

/** Checks the options of the loader named `owner` and fills gaps from the environment. */
export function parseLoadOptions(owner: string, options: LoadOptions): ParsedLoadOptions {
  const { GNNREC_OFFLINE: offline, GNNREC_MIRROR: mirror } = process.env
  const parsed = parseOptions(owner, schema, options)
  return {
    ...parsed,
    offline: parsed.offline ?? (offline !== undefined && offline !== '' && offline !== '0'),
    mirror: parsed.mirror ?? (mirror || undefined),
  }
}
