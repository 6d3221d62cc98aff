import { InvalidOptionsError } from '@gnnrec/graph'
import { createServer } from '@gnnrec/server'
import type { CommandIo } from './io.js'

interface ServeFlags {
  readonly host?: string
  readonly port?: number
  readonly watch?: number
  readonly origins?: readonly string[]
  readonly rate?: number
}

/** Environment variables with the keys of each role, which command lines would show to other users of the machine. */
const keyVariables = {
  read: 'GNNREC_READ_KEYS',
  write: 'GNNREC_WRITE_KEYS',
  admin: 'GNNREC_ADMIN_KEYS',
} as const

/** Answers over HTTP until it is interrupted or told to end. */
export async function run(
  [folder]: readonly [string],
  { host, port, watch, origins, rate }: ServeFlags,
  io: CommandIo,
): Promise<void> {
  const server = await createServer({
    model: folder,
    keys: keysOf(process.env),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(watch !== undefined && { watchSeconds: watch }),
    ...(origins && { origins }),
    ...(rate !== undefined && { requestsPerMinute: rate }),
  })
  io.note(`Answering at ${server.url}; ${server.url}/openapi.json describes the questions.`)
  await new Promise<void>((resolve) => {
    io.signal.addEventListener('abort', () => resolve(), { once: true })
    process.once('SIGTERM', resolve)
    if (io.signal.aborted) resolve()
  })
  io.note('Closing.')
  await server.close()
}

function keysOf(environment: NodeJS.ProcessEnv) {
  return Object.entries(keyVariables).flatMap(([role, variable]) => {
    const keys = (environment[variable] ?? '').split(',').filter((key) => key !== '')
    const wrong = keys.findIndex((key) => !/^[!-~]{16,512}$/.test(key))
    if (wrong < 0) return keys.map((key) => ({ key, role: role as keyof typeof keyVariables }))
    // The key itself must not get into a log.
    throw new InvalidOptionsError(
      `Key ${wrong + 1} of ${variable} is not 16 to 512 visible ASCII characters without commas.`,
    )
  })
}
