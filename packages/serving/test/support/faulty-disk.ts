import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { vi } from 'vitest'

const fs = process.getBuiltinModule('node:fs/promises')

/**
 * A failure at a step: of this one call (a full disk), of all calls from there on (a kill), or of a
 * call that reports it although it took effect (a network file system).
 */
export type Fault = { step: number; mode: 'once' | 'from-then-on' | 'though-done' }

/**
 * Runs `action` on a disk whose calls are logged and, from `fault.step` (counted from 0), fail. A
 * write that fails has written half of its bytes.
 */
export async function onFaultyDisk(
  fault: Fault | undefined,
  action: () => Promise<void>,
): Promise<{ log: string[]; error: unknown }> {
  const log: string[] = []
  const attempt = async <T>(name: string, real: () => Promise<T>, half?: () => Promise<void>) => {
    const step = log.push(name) - 1
    if (fault && (fault.mode === 'from-then-on' ? step >= fault.step : step === fault.step)) {
      await (fault.mode === 'though-done' ? real() : half?.())
      throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: 'ENOSPC' })
    }
    return await real()
  }
  const handles: FileHandle[] = []
  const { open, rename, mkdir, readdir, rm } = fs
  const spies = [
    vi.spyOn(fs, 'open').mockImplementation(async (file, flags) => {
      const name = basename(String(file))
      const handle = await attempt(`open ${name}`, async () => {
        const opened = await open(file, flags)
        handles.push(opened)
        return opened
      })
      return {
        writeFile: (bytes: Uint8Array) =>
          attempt(
            `write ${name}`,
            () => handle.writeFile(bytes),
            () => handle.writeFile(bytes.subarray(0, bytes.length >> 1)),
          ),
        stat: () => handle.stat(),
        read: (bytes: Uint8Array, ...place: [number, number, number]) =>
          attempt(`read ${name}`, () => handle.read(bytes, ...place)),
        sync: () => attempt(`sync ${name}`, () => handle.sync()),
        close: () =>
          attempt(
            `close ${name}`,
            () => handle.close(),
            () => handle.close(),
          ),
      } as FileHandle
    }),
    vi
      .spyOn(fs, 'rename')
      .mockImplementation((from, to) =>
        attempt(`rename ${basename(String(from))} ${basename(String(to))}`, () => rename(from, to)),
      ),
    vi
      .spyOn(fs, 'mkdir')
      .mockImplementation((folder, options) => attempt('mkdir', () => mkdir(folder, options))),
    vi
      .spyOn(fs, 'readdir')
      .mockImplementation(((folder: string) => attempt('readdir', () => readdir(folder))) as never),
    vi
      .spyOn(fs, 'rm')
      .mockImplementation((file, options) =>
        attempt(`remove ${basename(String(file))}`, () => rm(file, options)),
      ),
  ]
  try {
    await action()
    return { log, error: undefined }
  } catch (error) {
    return { log, error }
  } finally {
    for (const spy of spies) spy.mockRestore()
    await Promise.all(handles.map((handle) => handle.close()))
  }
}
