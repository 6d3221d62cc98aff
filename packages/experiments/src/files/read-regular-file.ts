import { readFile, stat } from 'node:fs/promises'

/**
 * Reads a file after a look at its kind and size, so that a link to a device or a pipe is not waited for.
 *
 * @throws Error when the file cannot be read, is no regular file, or is larger than `mostBytes`
 */
export async function readRegularFile(file: string, mostBytes: number): Promise<Uint8Array> {
  const found = await stat(file)
  if (found.isDirectory()) throw new Error('EISDIR: it is a folder, not a file')
  if (!found.isFile()) throw new Error('it is no regular file; copy it to one')
  if (found.size > mostBytes) {
    throw new Error(`it has ${found.size} bytes, more than ${mostBytes}`)
  }
  return readFile(file)
}
