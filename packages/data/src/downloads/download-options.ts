import * as z from 'zod'
import type { DownloadProgressStyle } from './download-progress.js'

/** Options of {@link downloadFile}. */
export interface DownloadOptions {
  /** The `http:` or `https:` address of the file. Required. */
  address: string
  /** The path to write. Folders on the way to it are made. Required. */
  file: string
  /** What to call it in progress. Default: the file's name. */
  name?: string | undefined
  /** The terms of use, shown before the download begins. */
  licence?: string | undefined
  /** The SHA-256 (hex) of the file. Default: not checked. */
  sha256?: string | undefined
  /** The MD5 (hex) of the file, as older publishers give it. Default: not checked. */
  md5?: string | undefined
  /** The address of a small file in which the publisher has the MD5. Default: none. */
  md5Address?: string | undefined
  /** Most bytes that may come. Default 4 GB. */
  maxBytes?: number | undefined
  /** A try is given up when less than 1 KB comes in so many seconds. Default 30. */
  stallSeconds?: number | undefined
  /** The download is given up after so many seconds in all. Default 6 hours. */
  timeoutSeconds?: number | undefined
  /** Tries, one after the other, that bring nothing before it is given up. Default 5. */
  attempts?: number | undefined
  /** Seconds before the second try; they double from try to try. Default 0.5. */
  retrySeconds?: number | undefined
  /** How it shows where it is. Default `'auto'`. */
  progress?: DownloadProgressStyle | undefined
  /** Ends it early; what has come is kept for the next time. */
  signal?: AbortSignal | undefined
}

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
