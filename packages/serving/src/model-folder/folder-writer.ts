import { type ByteStream, type FolderContents, replaceFolder } from './atomic-folder.js'
import { SerializationError } from './errors.js'
import { locate, type ModelTarget, memoryFile, nodeModules } from './place.js'

/**
 * Replaces the model files of a folder by new ones, all of them or none.
 *
 * @throws SerializationError when writing fails; the folder then still holds its old files
 */
export async function writeFolder(target: ModelTarget, contents: FolderContents): Promise<void> {
  const location = locate(target)
  if (location.type === 'web') {
    throw new SerializationError(
      `Cannot save a model to ${location.url.href}: only folders, file: URLs and objects in memory can be written.`,
    )
  }
  if (location.type === 'memory') {
    fillMemory(location.files as Record<string, Uint8Array>, contents)
    return
  }
  const { fs, path } = nodeModules(location.path)
  await replaceFolder({ fs, path }, path.resolve(location.path), contents)
}

function fillMemory(files: Record<string, Uint8Array>, contents: FolderContents): void {
  const existing = memoryFile(files, contents.manifest.name)
  if (existing) contents.checkReplaceable(existing)
  for (const name of Object.keys(files)) if (contents.owns(name)) delete files[name]
  for (const { name, bytes } of [...contents.files, contents.manifest])
    files[name] = wholeBytes(bytes)
}

function wholeBytes(bytes: Uint8Array | ByteStream): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  const whole = new Uint8Array(bytes.length)
  let at = 0
  for (const piece of bytes.pieces()) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
