import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('./support/closed-pipe-script.ts', import.meta.url))

/** Runs the script, and closes the pipe of its standard error at the first text, or at once. */
async function withClosedPipe(progress: string, isAtOnce: boolean) {
  const child = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', script, progress],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const { stdout, stderr } = child
  if (isAtOnce) stderr.destroy()
  else stderr.once('data', () => stderr.destroy())
  const [output, code] = await Promise.all([
    text(stdout),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { output, code }
}

describe.each(['lines', 'bar'])('progress as %s whose reader goes away', (progress) => {
  it.each([true, false])(
    'falls silent, and training ends normally (at once: %s)',
    async (isAtOnce) => {
      expect(await withClosedPipe(progress, isAtOnce)).toEqual({
        output: 'completed after 60',
        code: 0,
      })
    },
    60_000,
  )
})
