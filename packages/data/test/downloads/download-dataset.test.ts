import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { rowCount } from '@gnnrec/graph'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { movieLensSets } from '../../src/datasets/movie-lens-sets.js'
import type { DownloadProgress } from '../../src/downloads/download-progress.js'
import {
  loadBookCrossing,
  loadGowalla,
  loadGowallaCheckIns,
  loadMovieLens,
} from '../../src/index.js'
import { serve, whole } from '../support/file-server.js'
import { hasSharedData, rowsOf, sharedData, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

beforeEach(() => {
  for (const name of ['GNNREC_DATA_DIR', 'GNNREC_OFFLINE', 'GNNREC_MIRROR']) vi.stubEnv(name, '')
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder())
})

/** Starts a mirror with these files. It records the requested paths. */
async function mirrorOf(files: Record<string, Uint8Array>) {
  const asked: string[] = []
  const { address } = await serve((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const content = files[path]
    if (content) whole(content)(request, response)
    else response.writeHead(404).end()
  })
  return { mirror: new URL(address).origin, asked }
}

const header = 'userId,movieId,rating,timestamp\n'
const movies = 'movieId,title,genres\n1,"Misérables, Les (1995)",Drama\n'
const archive = (ratings: string) =>
  zip([
    { name: 'ml-latest-small/ratings.csv', content: ratings },
    { name: 'ml-latest-small/movies.csv', content: movies },
  ])

describe('a data set that is not there', () => {
  it('is downloaded into the cache folder, with its licence shown, and checked', async () => {
    const small = archive(`${header}1,1,4,5\n`)
    const { mirror, asked } = await mirrorOf({ '/ml-latest-small/ml-latest-small.zip': small })
    const events: DownloadProgress[] = []
    const load = () =>
      loadMovieLens('ml-latest-small', { mirror, progress: (event) => events.push(event) })
    await expect(load()).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
      message: expect.stringMatching(
        /ml-latest-small\.zip, ml-latest-small\/ratings\.csv .*1 rows/,
      ),
    })
    expect(events[0]).toMatchObject({
      state: 'start',
      name: 'ml-latest-small',
      licence: expect.stringContaining('GroupLens terms'),
    })
    const cache = join(process.env['XDG_CACHE_HOME'] ?? '', 'gnnrec', 'ml-latest-small')
    expect(readdirSync(cache)).toEqual(['ml-latest-small.zip'])
    await expect(load()).rejects.toMatchObject({ code: 'DATASET_MISMATCH' })
    expect(asked).toHaveLength(1)
  })

  it.skipIf(!hasSharedData)('is read from the archive like from files', async () => {
    const file = (name: string) =>
      gunzipSync(readFileSync(join(sharedData, 'ml-latest-small', `${name}.gz`)))
    const packed = zip([
      { name: 'ml-latest-small/ratings.csv', content: file('ratings.csv') },
      { name: '__MACOSX/ml-latest-small/ratings.csv', content: 'x' },
      { name: 'ml-latest-small/movies.csv', content: file('movies.csv') },
    ])
    const { mirror } = await mirrorOf({ '/ml-latest-small/ml-latest-small.zip': packed })
    const directory = temporaryFolder()
    const found = await loadMovieLens('ml-latest-small', { directory, mirror, progress: 'none' })
    const plain = await loadMovieLens('ml-latest-small', { directory: sharedData })
    expect(rowsOf(found.interactions).join('\n')).toBe(rowsOf(plain.interactions).join('\n'))
    expect(found.titles?.get(11)).toBe('American President, The (1995)')
    expect(found.titles?.size).toBe(plain.titles?.size)
    // An archive that somebody put there by hand is found too, without a network.
    const offline = { directory: join(directory, 'ml-latest-small'), offline: true }
    expect(rowCount((await loadMovieLens('ml-latest-small', offline)).interactions)).toBe(100_836)
  })

  it('is refused when its checksum is wrong', async () => {
    const { mirror } = await mirrorOf({
      '/ml-1m/ml-1m.zip': zip([{ name: 'ml-1m/ratings.dat', content: '1::1::1::1\n' }]),
      '/gowalla/train.txt': Buffer.from('0 1\n'),
    })
    const options = { mirror, progress: 'none' } as const
    for (const load of [() => loadMovieLens('ml-1m', options), () => loadGowalla(options)]) {
      await expect(load()).rejects.toMatchObject({
        code: 'DATASET_NOT_FOUND',
        message: expect.stringMatching(/It could not be downloaded. Cannot download .*, expected/),
        cause: { code: 'DOWNLOAD', reason: 'checksum' },
      })
    }
  })

  it.skipIf(!hasSharedData)('of several files is downloaded file by file', async () => {
    const files: Record<string, Uint8Array> = {}
    for (const part of ['train', 'val', 'test']) {
      const folder = join(sharedData, 'book-crossing-6754x13670')
      const path = `/book-crossing-6754x13670/${part}.txt`
      files[path] = gunzipSync(readFileSync(join(folder, `${part}.txt.gz`)))
    }
    const { mirror, asked } = await mirrorOf(files)
    vi.stubEnv('GNNREC_MIRROR', `${mirror}/`)
    const { split } = await loadBookCrossing({ progress: 'none' })
    expect(split.train.users.size).toBe(6_754)
    expect(asked).toEqual(Object.keys(files))
  })

  it("is reported with the server's answer and the folders that were searched", async () => {
    const { mirror } = await mirrorOf({})
    await expect(loadGowallaCheckIns({ mirror, progress: 'none' })).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      places: [join(process.env['XDG_CACHE_HOME'] ?? '', 'gnnrec', 'gowalla-check-ins')],
      message: expect.stringMatching(
        /404 Not Found[\s\S]*Fetch it from https:\/\/snap.stanford.edu/,
      ),
      cause: { reason: 'status' },
    })
  })

  it('is not downloaded offline', async () => {
    const { mirror, asked } = await mirrorOf({})
    await expect(loadGowalla({ mirror, offline: true })).rejects.toThrow('It was not downloaded')
    vi.stubEnv('GNNREC_OFFLINE', 'yes')
    await expect(loadGowalla({ mirror })).rejects.toThrow('It was not downloaded')
    expect(asked).toEqual([])
    vi.stubEnv('GNNREC_OFFLINE', '0')
    await expect(loadGowalla({ mirror, progress: 'none' })).rejects.toThrow('404')
  })

  it('is not kept when the download is not a zip archive', async () => {
    const page = Buffer.from('<html>Accept the terms first</html>')
    const { mirror } = await mirrorOf({ '/ml-latest-small/ml-latest-small.zip': page })
    const directory = temporaryFolder()
    const options = { directory, mirror, progress: 'none' } as const
    await expect(loadMovieLens('ml-latest-small', options)).rejects.toMatchObject({
      cause: { reason: 'not-the-file' },
    })
    expect(readdirSync(join(directory, 'ml-latest-small'))).toEqual([])
  })

  it('stops downloading when the signal is aborted', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const controller = new AbortController()
    const mirror = `http://127.0.0.1:${port}`
    const loading = loadGowalla({ mirror, progress: 'none', signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 30)
    await expect(loading).rejects.toThrow('enough')
    server.closeAllConnections()
    server.close()
  })
})

it('every published set has an https address, a size limit and, unless its publisher replaces it, a checksum', () => {
  for (const [name, { downloads }] of Object.entries(movieLensSets)) {
    for (const { address, maxBytes, md5, md5Address } of downloads) {
      expect(address).toMatch(/^https:\/\/files\.grouplens\.org\/datasets\/movielens\/ml-.*\.zip$/)
      expect(maxBytes).toBeLessThanOrEqual(6e8)
      expect(Boolean(md5 ?? md5Address), name).toBe(name !== 'ml-latest-small')
    }
  }
})
