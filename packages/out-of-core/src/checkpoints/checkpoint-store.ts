import fs from 'node:fs'
import { join } from 'node:path'
import { sha256Hex, syncFolder, writeSynced } from '@gnnrec/graph/files'
import { decodeSafetensors, encodeSafetensors, type TensorMap } from '@gnnrec/serving/model-folder'
import packageJson from '../../package.json' with { type: 'json' }
import { type BlockTable, tableHeader } from '../cache/block-table.js'
import { BlockFileError, BlockFileMismatchError } from '../errors.js'
import { BlockFile } from '../files/block-file.js'
import { copyBytes } from '../files/copy-file.js'
import { fileError } from '../files/system-error.js'

/** What a checkpoint keeps besides tables; plain JSON. */
export interface CheckpointFacts<Progress> {
  /** What the training is of: everything that its bytes depend on, besides where it stands. */
  readonly identity: Readonly<Record<string, unknown>>
  readonly progress: Progress
}

/** A checkpoint to be written. */
export interface CheckpointContent<Progress> extends CheckpointFacts<Progress> {
  readonly tables: ReadonlyMap<string, BlockTable>
  /** Small tensors by name. */
  readonly tensors: TensorMap
}

interface FileEntry {
  readonly bytes: number
  readonly sha256: string
}

interface Body<Progress> extends CheckpointFacts<Progress> {
  readonly files: Readonly<Record<string, FileEntry>>
}

const format = 'gnnrec-out-of-core-checkpoint'
const formatVersion = 1
const libraryVersion: string = packageJson.version
const manifestName = 'checkpoint.json'
const tensorsName = 'tensors.safetensors'
const namePattern = /^checkpoint-(\d{6,})$/
const KEPT = 2

const tableFile = (name: string) => `${name}.table`

/** The checkpoints of one training: each a folder that takes its name when it is whole. */
export class CheckpointStore<Progress> {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    fs.mkdirSync(folder, { recursive: true })
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith('.tmp')) fs.rmSync(join(folder, name), { recursive: true })
    }
  }

  /** Numbers of the checkpoints, ascending. */
  get numbers(): readonly number[] {
    return fs
      .readdirSync(this.#folder)
      .flatMap((name) => namePattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  }

  /**
   * Writes a checkpoint; then the oldest go.
   *
   * @returns the path of its folder
   * @throws DiskFullError when there is no room; the earlier ones stay as they are
   */
  async write(content: CheckpointContent<Progress>): Promise<string> {
    const { identity, progress, tables, tensors } = content
    const name = `checkpoint-${String((this.numbers.at(-1) ?? 0) + 1).padStart(6, '0')}`
    const target = join(this.#folder, name)
    const draft = `${target}.tmp`
    try {
      fs.mkdirSync(draft)
      const files: Record<string, FileEntry> = {}
      for (const [name, table] of tables) {
        table.flush()
        const header = tableHeader(table.shape, await sha256Hex(JSON.stringify(identity)))
        const file = BlockFile.create(join(draft, tableFile(name)), header)
        try {
          const digest = await copyBytes(table.file, file)
          files[tableFile(name)] = { bytes: header.bytes, sha256: digest }
          file.sync()
        } finally {
          file.close()
        }
      }
      const small = encodeSafetensors(tensors)
      files[tensorsName] = { bytes: small.length, sha256: await sha256Hex(small) }
      await writeSynced(join(draft, tensorsName), small)
      const body: Body<Progress> = { identity, progress, files }
      const digest = await sha256Hex(JSON.stringify(body))
      const manifest = { format, formatVersion, libraryVersion, sha256: digest, body }
      await writeSynced(join(draft, manifestName), JSON.stringify(manifest))
      await syncFolder(draft)
      fs.renameSync(draft, target)
      await syncFolder(this.#folder)
    } catch (cause) {
      fs.rmSync(draft, { recursive: true, force: true })
      throw fileError('write', draft, cause)
    }
    for (const number of this.numbers.slice(0, -KEPT)) {
      const old = join(this.#folder, `checkpoint-${String(number).padStart(6, '0')}`)
      // Under another name first, so that one removed by halves is no checkpoint.
      fs.renameSync(old, `${old}.tmp`)
      fs.rmSync(`${old}.tmp`, { recursive: true })
    }
    return target
  }

  /**
   * Fills the tables from the newest whole checkpoint.
   *
   * @param tables - by name; those that the checkpoint lacks stay as they are
   * @returns undefined when there is none
   * @throws BlockFileMismatchError when it is of another training
   * @throws BlockFileError when none is whole
   */
  async restore(
    identity: CheckpointFacts<Progress>['identity'],
    tables: ReadonlyMap<string, BlockTable>,
  ): Promise<
    | {
        readonly progress: Progress
        readonly tensors: TensorMap
        readonly path: string
        /** What is wrong with newer ones. */
        readonly skipped: readonly string[]
      }
    | undefined
  > {
    const skipped: string[] = []
    for (const number of [...this.numbers].reverse()) {
      const path = join(this.#folder, `checkpoint-${String(number).padStart(6, '0')}`)
      try {
        const body = await readManifest<Progress>(path)
        checkIdentity(path, body.identity, identity)
        const tensors = await this.#fill(path, body, tables)
        return { progress: body.progress, tensors, path, skipped }
      } catch (error) {
        if (!(error instanceof BlockFileError)) throw error
        skipped.push(error.message)
      }
    }
    if (skipped.length === 0) return undefined
    throw new BlockFileError(
      `No checkpoint in ${this.#folder} is whole: ${skipped.join(' ')} Start anew in another folder.`,
    )
  }

  async #fill(
    path: string,
    { files }: Body<Progress>,
    tables: ReadonlyMap<string, BlockTable>,
  ): Promise<TensorMap> {
    const damaged = (name: string) =>
      new BlockFileError(`${join(path, name)} is damaged or replaced: its SHA-256 is another.`)
    for (const [name, table] of tables) {
      const entry = files[tableFile(name)]
      if (!entry) continue
      const file = BlockFile.open(join(path, tableFile(name)), 'table')
      try {
        table.discard()
        if (file.header.bytes !== entry.bytes) throw damaged(tableFile(name))
        if ((await copyBytes(file, table.file)) !== entry.sha256) throw damaged(tableFile(name))
      } finally {
        file.close()
      }
    }
    const bytes = readFile(join(path, tensorsName))
    if ((await sha256Hex(bytes)) !== files[tensorsName]?.sha256) throw damaged(tensorsName)
    return decodeSafetensors(bytes, join(path, tensorsName))
  }
}

async function readManifest<Progress>(path: string): Promise<Body<Progress>> {
  const file = join(path, manifestName)
  let manifest: Partial<{
    format: string
    formatVersion: number
    sha256: string
    body: Body<Progress>
  }>
  try {
    manifest = JSON.parse(new TextDecoder().decode(readFile(file))) ?? {}
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new BlockFileError(`${file} is damaged: it is not JSON.`, { cause })
  }
  if (manifest.format === format && manifest.formatVersion !== formatVersion) {
    throw new BlockFileMismatchError(
      `${file} has format version ${manifest.formatVersion}; @gnnrec/out-of-core ${libraryVersion} reads version ${formatVersion}. Go on with the version that wrote it.`,
    )
  }
  const { body } = manifest
  if (
    manifest.format !== format ||
    !body ||
    (await sha256Hex(JSON.stringify(body))) !== manifest.sha256
  ) {
    throw new BlockFileError(`${file} is damaged: its digest is another.`)
  }
  return body
}

function checkIdentity(
  path: string,
  saved: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): void {
  const keys = [...new Set([...Object.keys(saved), ...Object.keys(now)])]
  const different = keys.filter((key) => JSON.stringify(saved[key]) !== JSON.stringify(now[key]))
  if (different.length === 0) return
  const show = (value: unknown) => (JSON.stringify(value) ?? 'none').slice(0, 200)
  const lines = different.map(
    (key) => `${key}: it has ${show(saved[key])}, this training ${show(now[key])}`,
  )
  throw new BlockFileMismatchError(
    `${path} is of another training; ${lines.join('; ')}. Give what it was started with, or choose another folder.`,
  )
}

function readFile(path: string): Uint8Array {
  try {
    return fs.readFileSync(path)
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}
