import type * as Buffers from 'node:buffer'
import type * as Crypto from 'node:crypto'
import type * as FileSystem from 'node:fs'
import type * as Files from 'node:fs/promises'
import type * as Modules from 'node:module'
import type * as OperatingSystem from 'node:os'
import type * as Paths from 'node:path'
import type * as Streams from 'node:stream'
import type * as Timers from 'node:timers/promises'
import type * as Urls from 'node:url'
import type * as Engine from 'node:v8'
import type * as Threads from 'node:worker_threads'
import type * as Compression from 'node:zlib'
import { GnnRecError } from '@gnnrec/graph'

interface NodeModules {
  'node:buffer': typeof Buffers
  'node:crypto': typeof Crypto
  'node:fs': typeof FileSystem
  'node:fs/promises': typeof Files
  'node:module': typeof Modules
  'node:os': typeof OperatingSystem
  'node:path': typeof Paths
  'node:stream': typeof Streams
  'node:timers/promises': typeof Timers
  'node:url': typeof Urls
  'node:v8': typeof Engine
  'node:worker_threads': typeof Threads
  'node:zlib': typeof Compression
}

/**
 * Returns one of Node's own modules. It is looked up at the call, so importing the package loads nothing.
 *
 * @throws GnnRecError with code `NO_FILE_SYSTEM` in a page
 */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new GnnRecError(
      'NO_FILE_SYSTEM',
      `This needs Node.js (${name}), which a page does not have. Read files on a server, or pass records to readRecords.`,
    )
  }
  return load(name) as unknown as NodeModules[Name]
}
