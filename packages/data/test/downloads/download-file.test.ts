import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import fileSystem from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Rng } from '@gnnrec/graph'
import { describe, expect, it, vi } from 'vitest'
import type { DownloadProgress } from '../../src/downloads/download-progress.js'
import { lockFile } from '../../src/downloads/file-lock.js'
import { type DownloadOptions, downloadFile } from '../../src/index.js'
import { endEarly, failing, rangeStart, serve, whole } from '../support/file-server.js'
import { temporaryFolder } from '../support/index.js'

const rng = Rng.fromSeed(1)
const content = Uint8Array.from({ length: 300_000 }, () => rng.integer(256))
const digest = (kind: 'sha256' | 'md5', bytes: Uint8Array = content) =>
  createHash(kind).update(bytes).digest('hex')

/** Returns options for a quick test: no text on the terminal and short pauses between attempts. */
function quick(address: string, folder = temporaryFolder(), name = 'file.bin') {
  return {
    address,
    file: join(folder, name),
    progress: 'none',
    retrySeconds: 0.01,
    attempts: 3,
    stallSeconds: 600,
  } satisfies DownloadOptions
}

const failure = (reason: string, message: string) => ({
  code: 'DOWNLOAD',
  reason,
  message: expect.stringContaining(message),
})

describe('downloadFile', () => {
  it('names the process that downloads the file when its own time is over', async () => {
    const { address, requests } = await serve(whole(content))
    const options = { ...quick(address), timeoutSeconds: 0.3 }
    const lock = await lockFile(options.file, address, undefined, AbortSignal.timeout(60_000))
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('locked', `process ${process.pid} on`),
    )
    await lock.release()
    expect(requests).toHaveLength(0)
  })

  it('may take any time', async () => {
    const { address } = await serve(whole(content))
    const options = { ...quick(address), timeoutSeconds: 1e9, stallSeconds: 1e9 }
    expect(await downloadFile(options)).toMatchObject({ bytes: 300_000 })
  })

  it('stops while it computes the digest of a file that is there', async () => {
    const { address, requests } = await serve(whole(content))
    const options = { ...quick(address), sha256: digest('sha256') }
    writeFileSync(options.file, new Uint8Array(1 << 22))
    const controller = new AbortController()
    const reading = vi.spyOn(fileSystem, 'open').mockImplementationOnce(async (...given) => {
      controller.abort(new Error('no longer wanted'))
      reading.mockRestore()
      return await fileSystem.open(...given)
    })
    await expect(downloadFile({ ...options, signal: controller.signal })).rejects.toThrow(
      'no longer wanted',
    )
    expect(requests).toHaveLength(0)
    expect(statSync(options.file).size).toBe(1 << 22)
  })

  it('downloads a file and shows its licence and progress', async () => {
    const { address, requests } = await serve(whole(content))
    const events: DownloadProgress[] = []
    const options = {
      ...quick(address),
      file: join(temporaryFolder(), 'new', 'folder', 'file.bin'),
      licence: 'For research.',
      sha256: digest('sha256'),
      md5: digest('md5').toUpperCase(),
      progress: (event: DownloadProgress) => events.push(event),
    }
    const found = await downloadFile(options)
    expect(found).toEqual({ file: options.file, bytes: 300_000, sha256: digest('sha256') })
    expect(digest('sha256', readFileSync(options.file))).toBe(digest('sha256'))
    expect(readdirSync(join(options.file, '..'))).toEqual(['file.bin'])
    expect(requests).toHaveLength(1)
    expect(events[0]).toEqual({
      state: 'start',
      name: 'file.bin',
      address,
      licence: 'For research.',
      bytes: 0,
    })
    expect(events.at(-1)).toMatchObject({ state: 'done', bytes: 300_000, totalBytes: 300_000 })
  })

  it('waits for an asynchronous progress function, and ends with its error', async () => {
    const { address } = await serve(whole(content))
    const problem = new Error('The dashboard is away.')
    for (const failing of ['start', 'running', 'done', 'failed']) {
      const file = join(temporaryFolder(), 'file.bin')
      let running = 0
      const progress = async ({ state }: DownloadProgress) => {
        expect(++running).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, 2))
        running--
        if (state === failing) throw problem
      }
      const download = downloadFile({ ...quick(address), file, progress })
      const states = failing === 'start' || failing === 'done'
      if (states) await expect(download).rejects.toMatchObject({ code: 'CALLBACK', cause: problem })
      else await download.catch((error: unknown) => expect(error).toMatchObject({ cause: problem }))
    }
  })

  it('does not download a file that is present', async () => {
    const { address, requests } = await serve(whole(content))
    const options = { ...quick(address), sha256: digest('sha256') }
    await downloadFile(options)
    expect(await downloadFile(options)).toMatchObject({ bytes: 300_000 })
    expect(requests).toHaveLength(1)
  })

  it('replaces a file whose checksum is wrong', async () => {
    const { address } = await serve(whole(content))
    const folder = temporaryFolder({ 'file.bin': 'old' })
    const options = { ...quick(address, folder), sha256: digest('sha256') }
    expect(await downloadFile(options)).toMatchObject({ bytes: 300_000 })
  })

  it('continues after a cut connection', async () => {
    const { address, requests } = await serve(
      whole(content, { sent: 100_000 }),
      whole(content, { sent: 100_000 }),
      whole(content),
    )
    const { sha256 } = await downloadFile(quick(address))
    expect(sha256).toBe(digest('sha256'))
    const starts = requests.map(rangeStart)
    expect(starts[0]).toBe(0)
    expect(starts[1]).toBeGreaterThan(0)
    expect(starts[2]).toBeGreaterThan(starts[1])
    expect(requests[1].headers['if-range']).toBe('"v1"')
  })

  it('continues where an earlier call or process stopped', async () => {
    const { address, requests } = await serve(
      whole(content, { sent: 100_000 }),
      failing(503),
      failing(503),
      whole(content),
    )
    const options = quick(address)
    await expect(downloadFile(options)).rejects.toMatchObject(failure('status', '503'))
    expect(readdirSync(join(options.file, '..')).sort()).toEqual([
      'file.bin.part',
      'file.bin.part.json',
    ])
    const events: DownloadProgress[] = []
    const again = { ...options, progress: (event: DownloadProgress) => events.push(event) }
    expect(await downloadFile(again)).toMatchObject({ sha256: digest('sha256') })
    expect(rangeStart(requests[3])).toBeGreaterThan(0)
    expect(events[0].bytes).toBe(rangeStart(requests[3]))
  })

  it('starts again when the file has changed on the server', async () => {
    const newer = content.map((byte) => byte ^ 255)
    const { address, requests } = await serve(
      whole(content, { sent: 100_000 }),
      whole(newer, { etag: '"v2"' }),
    )
    expect(await downloadFile(quick(address))).toMatchObject({ sha256: digest('sha256', newer) })
    expect(requests).toHaveLength(2)
  })

  it('starts again when the server sends the rest of another version', async () => {
    const newer = content.map((byte) => byte ^ 255)
    const { address, requests } = await serve(
      whole(content, { sent: 100_000 }),
      (request, response) => {
        // This server does not know the header if-range.
        delete request.headers['if-range']
        whole(newer, { etag: '"v2"' })(request, response)
      },
    )
    expect(await downloadFile(quick(address))).toMatchObject({ sha256: digest('sha256', newer) })
    expect(requests).toHaveLength(3)
  })

  it('takes an answer without a length only when there is a checksum', async () => {
    const { address } = await serve((_, response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
      response.socket?.end(content)
    })
    await expect(downloadFile(quick(address))).rejects.toMatchObject(
      failure('unknown-length', 'Give the sha256 or md5'),
    )
    const sha256 = digest('sha256')
    expect(await downloadFile({ ...quick(address), sha256 })).toMatchObject({ sha256 })
  })

  it('does not continue bytes of an unknown version, unless there is a checksum', async () => {
    const cut = whole(content, { sent: 100_000, etag: '' })
    const first = await serve(cut, whole(content, { etag: '' }))
    await downloadFile(quick(first.address))
    expect(rangeStart(first.requests[1])).toBe(0)
    const second = await serve(cut, whole(content, { etag: '' }))
    await downloadFile({ ...quick(second.address), sha256: digest('sha256') })
    expect(rangeStart(second.requests[1])).toBeGreaterThan(0)
  })

  it('starts again when the continued bytes belong to another version', async () => {
    const other = content.map((byte) => byte ^ 255)
    const { address, requests } = await serve(
      whole(other, { sent: 100_000, etag: '' }),
      whole(content, { etag: '' }),
    )
    const options = { ...quick(address), sha256: digest('sha256') }
    expect(await downloadFile(options)).toMatchObject({ sha256: digest('sha256') })
    expect(requests.map(rangeStart)).toEqual([0, expect.any(Number), 0])
  })

  it('tries again after errors of the server, but not after a wrong address', async () => {
    const busy = await serve(failing(503), failing(429), whole(content))
    expect(await downloadFile(quick(busy.address))).toMatchObject({ bytes: 300_000 })
    const missing = await serve(failing(404))
    await expect(downloadFile(quick(missing.address))).rejects.toMatchObject(
      failure('status', 'the server answered 404 Not Found'),
    )
    expect(missing.requests).toHaveLength(1)
  })
})

describe('downloadFile gives up on a server that', () => {
  it('always cuts the connection', async () => {
    const { address, requests } = await serve(whole(content, { sent: 10, etag: '' }))
    const options = quick(address)
    await expect(downloadFile(options)).rejects.toMatchObject(failure('cut', '3 attempts in a row'))
    expect(requests).toHaveLength(3)
    expect(existsSync(options.file)).toBe(false)
  })

  it('stalls before its answer', async () => {
    const { address } = await serve(() => {})
    const options = { ...quick(address), stallSeconds: 0.05, attempts: 2 }
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('stalled', 'less than 1024 bytes arrived in 0.05 seconds, in 2 attempts in a row'),
    )
  })

  it('stalls in its answer or sends almost nothing', async () => {
    const { address } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 300_000 })
      response.write(content.subarray(0, 5000))
      const drip = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(drip))
    })
    const options = { ...quick(address), stallSeconds: 0.2, attempts: 2 }
    await expect(downloadFile(options)).rejects.toMatchObject(failure('stalled', 'less than 1024'))
  })

  it('announces more bytes than it sends', async () => {
    const { address, requests } = await serve((request, response) => {
      if (rangeStart(request) > 0) return response.writeHead(416).end()
      response.writeHead(200, { 'content-length': content.length + 1000, etag: '"v1"' })
      response.write(content, () => endEarly(response))
      return undefined
    })
    await expect(downloadFile(quick(address))).rejects.toMatchObject(failure('cut', ''))
    expect(requests.length).toBeLessThan(6)
  })

  it('announces fewer bytes than it sends', async () => {
    const { address } = await serve((_, response) => {
      const { socket } = response
      socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
      socket?.end(content)
    })
    const options = { ...quick(address), sha256: digest('sha256') }
    await expect(downloadFile(options)).rejects.toMatchObject(failure('checksum', 'its SHA-256 is'))
  })

  it('sends wrong bytes', async () => {
    const { address, requests } = await serve(whole(content.map((byte) => byte ^ 1)))
    const options = { ...quick(address), md5: digest('md5') }
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('checksum', `expected ${digest('md5')}`),
    )
    expect(requests).toHaveLength(1)
    expect(readdirSync(join(options.file, '..'))).toEqual([])
  })

  it.each(['set.zip', 'set.csv.gz'])('sends a page in place of %s', async (name) => {
    const { address } = await serve(whole(Buffer.from('<html>Log in first</html>')))
    const options = quick(address, temporaryFolder(), name)
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('not-the-file', 'not an archive; it may be a web page'),
    )
    expect(existsSync(options.file)).toBe(false)
  })

  it('sends bytes without end', async () => {
    const { address } = await serve((_, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(content)) {}
        response.once('drain', more)
      }
      more()
    })
    const options = { ...quick(address), maxBytes: 1_000_000 }
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('too-large', '1000000 are allowed'),
    )
  })

  it('sends slowly without end', async () => {
    const { address } = await serve((_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(content.subarray(0, 4096)), 5)
      response.on('close', () => clearInterval(drip))
    })
    const options = { ...quick(address), timeoutSeconds: 0.3 }
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('timeout', 'the download was not complete after 0.3 seconds'),
    )
  })

  it('announces too many bytes', async () => {
    const { address, requests } = await serve(whole(content))
    const options = { ...quick(address), maxBytes: 299_999 }
    await expect(downloadFile(options)).rejects.toMatchObject(failure('too-large', '300000 bytes'))
    expect(requests).toHaveLength(1)
  })

  it('does not exist', async () => {
    await expect(downloadFile(quick('http://127.0.0.1:9/x'))).rejects.toMatchObject({
      code: 'DOWNLOAD',
      reason: expect.stringMatching(/unreachable|cut/),
    })
  })
})

describe('the digest file of a publisher', () => {
  const withDigest = (text: string, file = content) =>
    serve((request, response) => {
      if (request.url?.endsWith('.md5')) response.end(text)
      else whole(file)(request, response)
    })

  it('is used to check the file', async () => {
    const good = await withDigest(`MD5 (file.bin) = ${digest('md5')}\n`)
    const md5Address = `${good.address}.md5`
    expect(await downloadFile({ ...quick(good.address), md5Address })).toMatchObject({
      bytes: 300_000,
    })
    const bad = await withDigest(`${'0'.repeat(32)}  file.bin\n`)
    await expect(
      downloadFile({ ...quick(bad.address), md5Address: `${bad.address}.md5` }),
    ).rejects.toMatchObject(failure('checksum', 'its MD5 is'))
  })

  it('may be missing or have no digest', async () => {
    const { address } = await withDigest('<html>no such file</html>')
    const md5Address = `${address}.md5`
    expect(await downloadFile({ ...quick(address), md5Address })).toMatchObject({ bytes: 300_000 })
    const elsewhere = { ...quick(address), md5Address: 'http://127.0.0.1:9/x.md5' }
    expect(await downloadFile(elsewhere)).toMatchObject({ bytes: 300_000 })
  })
})

describe('a download', () => {
  it('keeps its bytes when it is aborted', async () => {
    const controller = new AbortController()
    const { address, requests } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length, etag: '"v1"' })
      response.write(content.subarray(0, 50_000))
    }, whole(content))
    const folder = temporaryFolder()
    const options = { ...quick(address, folder), stallSeconds: 60 }
    const aborted = downloadFile({ ...options, signal: controller.signal })
    // However slow the machine is, the abort comes after bytes are on the disk.
    const sizes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).size)
    await vi.waitUntil(() => sizes().some((size) => size >= 1000), { timeout: 600_000 })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(await downloadFile(options)).toMatchObject({ sha256: digest('sha256') })
    expect(rangeStart(requests[1])).toBeGreaterThan(0)
  })

  it('is taken over from a killed process', async () => {
    const { address } = await serve(whole(content))
    const folder = temporaryFolder()
    const lock = join(folder, 'file.bin.lock')
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(lock, JSON.stringify({ pid, started: null, host: hostname(), token: 'ended' }))
    expect(await downloadFile(quick(address, folder))).toMatchObject({ bytes: 300_000 })
    expect(readdirSync(folder)).toEqual(['file.bin'])
  })

  it('is made once when several processes start it at the same time', async () => {
    const { address, requests } = await serve((request, response) =>
      setTimeout(() => whole(content)(request, response), 500),
    )
    const options = quick(address)
    const program = `
      import { downloadFile } from '@gnnrec/data'
      console.log(JSON.stringify(await downloadFile(${JSON.stringify(options)})))`
    const run = () =>
      promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', '-C', '@gnnrec/source', '--input-type=module', '-e', program],
        { cwd: fileURLToPath(new URL('../../', import.meta.url)) },
      )
    const outputs = await Promise.all([run(), run(), run()])
    for (const { stdout } of outputs) {
      expect(JSON.parse(stdout)).toMatchObject({ sha256: digest('sha256') })
    }
    expect(requests).toHaveLength(1)
    expect(readdirSync(join(options.file, '..'))).toEqual(['file.bin'])
  })

  it('is whole for each of three processes that begin at the same time, without a checksum', async () => {
    const { address, requests } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 200_000))
      setTimeout(() => response.end(content.subarray(200_000)), 5)
    })
    const folder = temporaryFolder()
    const { pid } = spawnSync(process.execPath, ['--version'])
    const script = fileURLToPath(new URL('../support/download-often.ts', import.meta.url))
    const run = (name: number) =>
      promisify(execFile)(process.execPath, [
        ...['--import', 'tsx', '-C', '@gnnrec/source', script],
        ...[address, folder, `${name}`, '3', '30', digest('sha256'), `${pid}`],
      ])
    const outputs = await Promise.all([run(0), run(1), run(2)])
    expect(outputs.map(({ stdout }) => stdout)).toEqual(['0\n', '0\n', '0\n'])
    expect(requests).toHaveLength(30)
    const left = readdirSync(folder).filter((name) => !/^(file-\d+\.bin|ready-.*)$/.test(name))
    expect(left).toEqual([])
  })

  it('removes the note that a process left which was killed once the file was in its place', async () => {
    const { address, requests } = await serve(whole(content))
    const options = quick(address)
    await downloadFile(options)
    writeFileSync(`${options.file}.part.json`, JSON.stringify({ address, validator: '"v1"' }))
    await downloadFile(options)
    expect(requests).toHaveLength(1)
    expect(readdirSync(join(options.file, '..'))).toEqual(['file.bin'])
  })

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['an endless device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a full device', (path: string) => symlinkSync('/dev/full', path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
    ['a link that leads elsewhere', (path: string) => symlinkSync('../elsewhere', path)],
  ])('does without %s in the place of the partial file, its note or the file', async (_, put) => {
    const { address } = await serve(whole(content))
    for (const ending of ['.part', '.part.json', '']) {
      const folder = join(temporaryFolder(), 'inner')
      mkdirSync(folder)
      const options = quick(address, folder)
      put(`${options.file}${ending}`)
      if (ending === '.part.json') writeFileSync(`${options.file}.part`, content.subarray(0, 99))
      expect(await downloadFile(options)).toMatchObject({ sha256: digest('sha256') })
      expect(readdirSync(folder)).toEqual(['file.bin'])
      expect(existsSync(join(folder, '../elsewhere'))).toBe(false)
    }
  })

  it('does not wait for a lock that is none', async () => {
    const { address } = await serve(whole(content))
    const options = quick(address)
    symlinkSync('nothing', `${options.file}.lock`)
    await expect(downloadFile(options)).rejects.toMatchObject(failure('locked', 'is no lock'))
  })

  it.each(['', '.part', '.part.json', '.lock'])(
    'refuses a folder in the place of FILE%s',
    async (ending) => {
      const { address } = await serve(whole(content))
      const options = quick(address)
      mkdirSync(`${options.file}${ending}`)
      const reason = ending === '.lock' ? 'locked' : 'disk'
      await expect(downloadFile(options)).rejects.toMatchObject({ code: 'DOWNLOAD', reason })
    },
  )

  it.each([
    'null',
    '[]',
    '{"address":5}',
    '{"address":"ADDRESS","validator":5}',
    '{"address":"ADDRESS","validator":"a\\r\\nhost: x"}',
    '{"address":"ADDRESS","validator":"\\ud800"}',
    '{"address":"ADDRESS","extra":1}',
    '{"address":',
  ])('begins anew where the note of a partial file holds %s', async (note) => {
    const { address, requests } = await serve(whole(content))
    const options = quick(address)
    writeFileSync(`${options.file}.part`, 'foreign')
    writeFileSync(`${options.file}.part.json`, note.replace('ADDRESS', address))
    expect(await downloadFile(options)).toMatchObject({ sha256: digest('sha256') })
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined])
  })

  it('fails when the folder cannot be written', async () => {
    const { address } = await serve(whole(content))
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const options = { ...quick(address), file: join(folder, 'file', 'x.bin') }
    await expect(downloadFile(options)).rejects.toMatchObject(
      failure('disk', 'Choose a writable folder'),
    )
  })

  it.each([
    [{ address: 'ftp://example.org/a' }, 'address: got "ftp://example.org/a"'],
    [{ address: 'file:///etc/passwd' }, 'address: got'],
    [{ sha256: 'abc' }, 'sha256: got "abc"'],
    [{ progress: 'yes' }, "expected 'auto', 'bar', 'lines', 'none' or a function"],
    [{ maxByte: 5 }, "did you mean 'maxBytes'"],
  ])('is refused with the options %j', async (options, message) => {
    const given = { ...quick('http://127.0.0.1:9/x'), ...(options as object) }
    await expect(downloadFile(given)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })
})

describe('progress in text', () => {
  it.each(['lines', 'bar'] as const)(
    'steers no terminal by names and terms (%s)',
    async (progress) => {
      let text = ''
      const write = vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
        text += piece
        return true
      })
      try {
        const { address } = await serve(whole(content))
        const name = 'set\u001b]0;title\u0007\u202e'
        await downloadFile({ ...quick(address), progress, name, licence: 'Free\u001b[8m' })
      } finally {
        write.mockRestore()
      }
      expect(text).toContain('set\\u001b]0;title\\u0007\\u202e')
      expect(text).toContain('Licence: Free\\u001b[8m')
      expect(text).not.toContain('\u001b]0;')
      expect(text).not.toContain('\u001b[8m')
      expect(text).not.toContain('\u202e')
    },
  )

  it.each(['lines', 'bar', 'auto'] as const)('begins with the licence (%s)', async (progress) => {
    let text = ''
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
      text += piece
      return true
    })
    try {
      const { address } = await serve(whole(content))
      await downloadFile({ ...quick(address), progress, licence: 'For research.', name: 'the set' })
      expect(text).toContain(`Downloading the set from ${address}\nLicence: For research.\n`)
      if (progress === 'lines') expect(text).toContain('Downloaded the set, 300 kB\n')
    } finally {
      write.mockRestore()
    }
  })
})
