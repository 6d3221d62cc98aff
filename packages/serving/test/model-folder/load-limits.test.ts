import { execFileSync } from 'node:child_process'
import {
  type FileHandle,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { InvalidOptionsError } from '@gnnrec/graph'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Recommender, SerializationError } from '../../src/index.js'
import { diskFolder } from '../../src/model-folder/disk-folder.js'
import { encodeSafetensors } from '../../src/model-folder/encode-safetensors.js'
import { decodeIds } from '../../src/model-folder/id-file.js'
import { LoadLimits } from '../../src/model-folder/load-options.js'
import { writeModelFolder } from '../../src/model-folder/write-model-folder.js'
import { serve } from '../support/model-server.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const roles = ['model.json', 'serving', 'ids', 'seen'] as const

/** Saves a model, and returns its folder and the path of one of its files. */
async function savedModel(role: (typeof roles)[number]) {
  const folder = await temporaryFolder()
  await writeModelFolder(folder, sampleParts(1))
  const name = (await readdir(folder)).find((each) => each.startsWith(role)) as string
  return { folder, file: join(folder, name) }
}

async function failure(source: string, options = {}): Promise<string> {
  const error = await Recommender.load(source, options).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(SerializationError)
  return (error as Error).message
}

const onLinux = process.platform === 'linux'

describe.each(roles)('a %s', (role) => {
  it('that is larger than listed is not read', async () => {
    const { folder, file } = await savedModel(role)
    // A sparse file, which takes no place on the disk; reading it would take as much memory.
    await truncate(file, 2 ** 40)
    expect(await failure(folder)).toMatch(/it has more/)
  })

  it.skipIf(!onLinux)('that is a pipe, a device, a socket or a folder is refused', async () => {
    for (const replace of [
      (file: string) => void execFileSync('mkfifo', [file]),
      (file: string) => symlink('/dev/zero', file),
      (file: string) => symlink('/dev/tty', file),
      (file: string) => symlink('.', file),
    ]) {
      const { folder, file } = await savedModel(role)
      await rm(file)
      await replace(file)
      expect(await failure(folder)).toContain(`Could not read ${file}`)
    }
  })

  it('that is a link to a regular file is read', async () => {
    const { folder, file } = await savedModel(role)
    await rename(file, `${file}.elsewhere`)
    await symlink(`${file}.elsewhere`, file)
    expect((await Recommender.load(folder)).userCount).toBe(3)
  })

  it('that a server never ends is not read to its end', async () => {
    const { address } = await serveWith(role, (response) => {
      const piece = new Uint8Array(1 << 20)
      const write = () => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', write)
      write()
    })
    expect(await failure(address)).toMatch(/it has more/)
  })

  it('that a server never sends, or never goes on with, is given up', async () => {
    const { address: silent } = await serveWith(role, () => undefined)
    expect(await failure(silent, { stallSeconds: 0.2 })).toContain(
      'nothing arrived for 0.2 seconds (stallSeconds)',
    )
    const { address: stalled } = await serveWith(role, (response) => {
      response.write('{')
    })
    expect(await failure(stalled, { stallSeconds: 0.2 })).toContain('nothing arrived')
  })

  it('that a server sends too slowly is given up after the time for all', async () => {
    const { address } = await serveWith(role, (response) => {
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    expect(await failure(address, { timeoutSeconds: 0.5 })).toContain(
      'it was not complete after 0.5 seconds; raise timeoutSeconds',
    )
  })

  it('that a server does not send is given up when the caller does', async () => {
    const { address, asked } = await serveWith(role, () => undefined)
    const controller = new AbortController()
    const loading = Recommender.load(address, { signal: controller.signal })
    await asked
    const reason = new Error('no longer wanted')
    controller.abort(reason)
    await expect(loading).rejects.toBe(reason)
  })
})

/** Serves a model, but for one of its files, for which `answer` is called. */
async function serveWith(role: string, answer: (response: ServerResponse) => void) {
  const files: Record<string, Uint8Array> = {}
  await writeModelFolder(files, sampleParts(1))
  let tell: () => void
  const asked = new Promise<void>((resolve) => {
    tell = resolve
  })
  const address = await serve(({ url = '' }, response) => {
    const name = url.slice(1)
    if (!name.startsWith(role)) return void response.end(files[name])
    tell()
    answer(response)
  })
  return { address, asked }
}

/** Replaces `model.json` by one without a digest of itself, changed by `change`. */
function forge(
  files: Record<string, Uint8Array>,
  change: (json: {
    options: Record<string, unknown>
    files: Record<'serving' | 'seen' | 'ids', { name: string; bytes: number }>
  }) => void,
): void {
  const { sha256: _unused, ...json } = JSON.parse(new TextDecoder().decode(files['model.json']))
  change(json)
  files['model.json'] = new TextEncoder().encode(JSON.stringify(json))
}

describe('the bytes of all files', () => {
  it('are compared with maxBytes before one of them is asked for', async () => {
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, sampleParts(1))
    forge(files, (json) => {
      json.files.serving.bytes = 9e15
    })
    const asked: string[] = []
    const address = await serve(({ url = '' }, response) => {
      asked.push(url)
      response.end(files[url.slice(1)])
    })
    expect(await failure(address)).toMatch(/lists files of 90000000000\d+ bytes.*Raise maxBytes/)
    expect(new Set(asked)).toEqual(new Set(['/model.json']))
  })

  it('are those of the files that are read', async () => {
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, sampleParts(1))
    const read = Object.entries(files).filter(([name]) => !/^(model|weights)/.test(name))
    const maxBytes = read.reduce((sum, [, bytes]) => sum + bytes.length, 0)
    expect((await Recommender.load(files, { maxBytes })).userCount).toBe(3)
    await expect(Recommender.load(files, { maxBytes: maxBytes - 1 })).rejects.toThrow(
      SerializationError,
    )
  })

  it('are a typed error when no array can have so many', async () => {
    const { folder, file } = await savedModel('serving')
    const manifest = join(folder, 'model.json')
    const files = { 'model.json': new Uint8Array(await readFile(manifest)) }
    forge(files, (json) => {
      json.files.serving.bytes = 2 ** 52
    })
    await writeFile(manifest, files['model.json'])
    const options = { maxBytes: Number.MAX_SAFE_INTEGER }
    const address = await serve(async ({ url = '' }, response) => {
      response.end(await readFile(join(folder, url)))
    })
    expect(await failure(address, options)).toMatch(/Could not read .*[Aa]rray/)
    const facts = Object.assign(await stat(file), { size: 2 ** 52 })
    spyOnOpen(file, (handle) => Object.assign(handle, { stat: async () => facts }))
    expect(await failure(folder, options)).toMatch(/Could not read .*[Aa]rray/)
  })
})

/** Changes a file that is opened, until the test ends. */
function spyOnOpen(file: string, change: (handle: FileHandle) => unknown): void {
  const fs = process.getBuiltinModule('node:fs/promises')
  const { open } = fs
  const spy = vi.spyOn(fs, 'open').mockImplementation(async (...given) => {
    const handle = await open(...given)
    if (given[0] === file) change(handle)
    return handle
  })
  onTestFinished(() => spy.mockRestore())
}

describe('options that are nested too deeply', () => {
  const nested = (levels: number): Record<string, unknown> =>
    JSON.parse(`${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`)

  it('of an id in the file of ids are refused with a typed error', async () => {
    const levels = 5000
    const list = `${'['.repeat(levels)}${']'.repeat(levels)}`
    const ids = new TextEncoder().encode(`{"users":[${list}],"items":[]}`)
    const expected = {
      counts: { users: 1, items: 0 },
      idTypes: { users: 'string', items: 'string' },
    } as const
    expect(() => decodeIds(ids, expected, 'ids.json')).toThrow(SerializationError)
    expect(() => decodeIds(ids, expected, 'ids.json')).toThrow('more than 64 levels')
  })

  it.each([62, 63, 64, 5000, 200_000])('are %d levels', async (levels) => {
    const files: Record<string, Uint8Array> = {}
    const saving = writeModelFolder(files, { ...sampleParts(1), options: nested(levels) })
    if (levels <= 63) {
      await saving
      expect((await Recommender.load(files)).origin.options).toEqual(nested(levels))
      return
    }
    const failed = await saving.catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(SerializationError)
    expect(String(failed)).toContain('more than 64 levels')
    await writeModelFolder(files, sampleParts(1))
    const text = new TextDecoder().decode(files['model.json'])
    for (const key of ['"options"', '"format"']) {
      const deep = `${key}: ${'[{"a":'.repeat(levels)}0${'}]'.repeat(levels)}, "b"`
      files['model.json'] = new TextEncoder().encode(text.replace(key, deep))
      const error = await Recommender.load(files).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SerializationError)
      expect(String(error)).toContain('more than 64 levels')
    }
  })

  it('contain themselves', async () => {
    const options: Record<string, unknown> = {}
    options['self'] = options
    const saving = writeModelFolder({}, { ...sampleParts(1), options })
    await expect(saving).rejects.toThrow('contain themselves')
  })
})

describe('a model in files', () => {
  it.each(roles)('whose %s fails while it is read is a typed error', async (role) => {
    const { folder, file } = await savedModel(role)
    spyOnOpen(file, (handle) => {
      handle.read = () => Promise.reject(new Error('EIO: i/o error, read'))
    })
    expect(await failure(folder)).toBe(`Could not read ${file}: EIO: i/o error, read.`)
  })

  it('of which one is missing is an error of the class that is exported', async () => {
    const { folder, file } = await savedModel('seen')
    await rm(file)
    const error = await Recommender.load(folder).catch((error: unknown) => error)
    expect((error as Error).name).toBe('SerializationError')
    expect((error as Error).constructor).toBe(SerializationError)
  })

  it.each(['http://[', 'https://a b', 'file://%'])(
    'is not sought at the address %s',
    async (place) => {
      expect(await failure(place)).toMatch(/not a valid address|not a path/)
    },
  )

  it('is not read once the signal is aborted', async () => {
    const { folder } = await savedModel('ids')
    const reason = new Error('no longer wanted')
    const signal = AbortSignal.abort(reason)
    await expect(Recommender.load(folder, { signal })).rejects.toBe(reason)
  })

  it('ends between two pieces when the signal is aborted', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    // A sparse file, which takes no place on the disk.
    await truncate(join(folder, 'file'), 2 ** 27)
    const controller = new AbortController()
    const limits = new LoadLimits({ signal: controller.signal })
    const file = await diskFolder(folder, limits).open('file')
    const reading = file?.read(2 ** 27)
    controller.abort(new Error('no longer wanted'))
    await expect(reading).rejects.toThrow('no longer wanted')
    await file?.close()
  })

  it('leaves no file open, whatever happens', async () => {
    const fs = process.getBuiltinModule('node:fs/promises')
    const { open } = fs
    let opened = 0
    const spy = vi.spyOn(fs, 'open').mockImplementation(async (...given) => {
      const handle = await open(...given)
      const { close } = handle
      opened++
      handle.close = () => {
        opened--
        return close.call(handle)
      }
      return handle
    })
    onTestFinished(() => spy.mockRestore())
    for (const role of roles) {
      const { folder, file } = await savedModel(role)
      await Recommender.load(folder)
      await truncate(file, 5)
      await failure(folder)
      await rm(file)
      await failure(folder)
    }
    expect(opened).toBe(0)
  })

  it.each([
    [{ stallSeconds: 0 }, 'stallSeconds'],
    [{ timeoutSeconds: -1 }, 'timeoutSeconds'],
    [{ timeoutSeconds: 1e9 }, 'timeoutSeconds'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ signal: 1 }, 'signal'],
    [{ timeout: 1 }, "unknown option 'timeout'"],
  ])('is not loaded with the option %j', async (options, message) => {
    const loading = Recommender.load('anywhere', options as never)
    await expect(loading).rejects.toThrow(InvalidOptionsError)
    await expect(loading).rejects.toThrow(message)
  })
})

describe('saving', () => {
  it.skipIf(!onLinux)('reads nothing but a regular file of a folder that is there', async () => {
    const { folder, file } = await savedModel('model.json')
    await rm(file)
    execFileSync('mkfifo', [file])
    await expect(writeModelFolder(folder, sampleParts(2))).rejects.toThrow(
      `Could not save to ${folder}: Could not read ${file}: it is no regular file`,
    )
    await rm(file)
    await writeFile(file, '')
    await truncate(file, 2 ** 40)
    await expect(writeModelFolder(folder, sampleParts(2))).rejects.toThrow('Did not save')
  })
})

describe('hostile pointers', () => {
  const items = Int32Array.of(0)
  const cases: [string, Int32Array][] = [
    ['run far beyond the items', Int32Array.of(0, 2 ** 31 - 1, 2 ** 31 - 1, 1)],
    ['go below zero', Int32Array.of(0, -(2 ** 31), 0, 1)],
    ['end elsewhere', Int32Array.of(0, 0, 0, 2 ** 31 - 1)],
    ['begin elsewhere', Int32Array.of(-1, 0, 0, 1)],
  ]

  it.each(cases)('are refused without a walk when they %s', async (_, pointers) => {
    // A walk reads an entry for every step.
    let reads = 0
    const counted = new Proxy(items, {
      get(target, name) {
        reads++
        return Reflect.get(target, name, target)
      },
    })
    const { seenProblem } = await import('../../src/model-folder/check-parts.js')
    expect(seenProblem({ pointers, items: counted }, { users: 3, items: 4 })).toContain(
      "'pointers'",
    )
    expect(reads).toBeLessThan(10)
  })

  it.each(cases)('are refused in a folder when they %s', async (_, pointers) => {
    const parts = sampleParts(1)
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, parts)
    const seen = encodeSafetensors(
      new Map([
        ['pointers', { shape: [4], data: pointers }],
        ['items', { shape: [1], data: items }],
      ]),
    )
    const { sha256Hex } = await import('@gnnrec/graph/files')
    const sha256 = await sha256Hex(seen)
    forge(files, (json) => {
      Object.assign(json.files.seen, { bytes: seen.length, sha256 })
      files[json.files.seen.name] = seen
    })
    await expect(Recommender.load(files)).rejects.toThrow("'pointers'")
  })
})

describe('a great many mistakes in a file', () => {
  const many = (text: string) => Array(200_000).fill(text).join()
  const header = (text: string) => {
    const bytes = new TextEncoder().encode(`12345678${text}`)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true)
    return bytes
  }

  it.each([
    [
      'ids',
      new TextEncoder().encode(`{"users":[${many('null')}],"items":[]}`),
      /'users' holds 200000 ids; model\.json counts 3\.$/,
    ],
    [
      'serving',
      header(`{"users":{"dtype":"F32","shape":[${many('-1')}],"data_offsets":[0,0]}}`),
      /does not fit its format: 'shape\.0': [^;]*$/,
    ],
  ] as const)('is refused at the first one in %s', async (role, bytes, message) => {
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, sampleParts(1))
    const { sha256Hex } = await import('@gnnrec/graph/files')
    const sha256 = await sha256Hex(bytes)
    forge(files, (json) => {
      Object.assign(json.files[role], { bytes: bytes.length, sha256 })
      files[json.files[role].name] = bytes
    })
    await expect(Recommender.load(files)).rejects.toMatchObject({
      code: 'SERIALIZATION',
      message: expect.stringMatching(message),
    })
  })
})
