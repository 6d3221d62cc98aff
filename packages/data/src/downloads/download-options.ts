import * as z from 'zod'
import type { DownloadProgressStyle } from './download-progress.js'

/** Options of {@link downloadFile}. */
export interface DownloadOptions {
  /** The `http:` or `https:` address of the file. */
  address: string
  /** The path to write to. Missing folders are created. */
  file: string
  /**
   * The name that the progress shows.
   *
   * @defaultValue the file's name
   */
  name?: string | undefined
  /** The terms of use, shown before the download begins. */
  licence?: string | undefined
  /** The expected SHA-256 of the file in hexadecimal digits. It is not checked when left out. */
  sha256?: string | undefined
  /** The expected MD5 of the file in hexadecimal digits. It is not checked when left out. */
  md5?: string | undefined
  /** The address of a small file in which the publisher gives the MD5. */
  md5Address?: string | undefined
  /**
   * The largest size of the file, in bytes. A larger file is an error.
   *
   * @defaultValue `4e9`
   */
  maxBytes?: number | undefined
  /**
   * The number of seconds, above 0, after which an attempt ends when less than 1 KB has arrived in them.
   *
   * @defaultValue `30`
   */
  stallSeconds?: number | undefined
  /**
   * The number of seconds, above 0, after which the whole download fails.
   *
   * @defaultValue `21600` (6 hours)
   */
  timeoutSeconds?: number | undefined
  /**
   * The number of attempts in a row, 1 or more, that may bring nothing before the download fails.
   *
   * @defaultValue `5`
   */
  attempts?: number | undefined
  /**
   * The pause in seconds, 0 or more, before the second attempt. It doubles from attempt to attempt.
   *
   * @defaultValue `0.5`
   */
  retrySeconds?: number | undefined
  /**
   * The way in which the progress is shown: `'bar'`, `'lines'`, `'none'`, `'auto'` (a bar on a terminal,
   * else lines) or a function. Bars and lines go to standard error, after the licence.
   *
   * @defaultValue `'auto'`
   */
  progress?: DownloadProgressStyle | undefined
  /** A signal that stops the download early. The bytes that have arrived are kept for the next call. */
  signal?: AbortSignal | undefined
}

/** The longest time that a timer of Node.js can take, in milliseconds: 25 days. A longer one ends at once. */
export const longestTimer = 2 ** 31 - 1

const httpAddress = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  error: 'expected an address that begins with http:// or https://',
})

export const progressSchema = z.union(
  [
    z.enum(['auto', 'bar', 'lines', 'none']),
    z.custom<Exclude<DownloadProgressStyle, string>>((value) => typeof value === 'function'),
  ],
  { error: "expected 'auto', 'bar', 'lines', 'none' or a function" },
)

export const downloadSchema = z.strictObject({
  address: httpAddress,
  file: z.string().min(1),
  name: z.string().optional(),
  licence: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional(),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i)
    .optional(),
  md5Address: httpAddress.optional(),
  maxBytes: z.number().positive().default(4e9),
  stallSeconds: z.number().positive().default(30),
  timeoutSeconds: z.number().positive().default(21_600),
  attempts: z.int().min(1).default(5),
  retrySeconds: z.number().min(0).default(0.5),
  progress: progressSchema.default('auto'),
  signal: z.instanceof(AbortSignal).optional(),
})
