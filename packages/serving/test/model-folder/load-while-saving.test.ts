import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Recommender } from '../../src/index.js'
import type { ModelSource } from '../../src/model-folder/place.js'
import { readModelFolder } from '../../src/model-folder/read-model-folder.js'
import { writeModelFolder } from '../../src/model-folder/write-model-folder.js'
import { serve } from '../support/model-server.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const script = fileURLToPath(new URL('../support/save-in-loop.ts', import.meta.url))

/** Starts another process that saves to a folder until the test ends. */
async function saveElsewhere(): Promise<string> {
  const folder = join(await temporaryFolder(), 'model')
  const saver = spawn(
    process.execPath,
    ['--conditions=@gnnrec/source', '--import', 'tsx', script, folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(saver, 'exit')
  onTestFinished(async () => {
    saver.kill('SIGKILL')
    await ended
  })
  await once(saver.stdout, 'data')
  return folder
}

/** Serves the files of a folder as they are when they are asked for. */
function serveFolder(folder: string): Promise<string> {
  return serve((request, response) => {
    const file = createReadStream(join(folder, basename(request.url as string)))
    file.on('error', () => response.writeHead(404).end())
    file.pipe(response)
  })
}

const places: [string, (folder: string) => ModelSource | Promise<ModelSource>][] = [
  ['a path', (folder) => folder],
  ['a file URL', (folder) => pathToFileURL(folder)],
  ['an address', serveFolder],
]

describe('loading while another process saves', () => {
  it.each(places)('never fails and never mixes two models, by %s', async (_, placeOf) => {
    const place = await placeOf(await saveElsewhere())
    const seeds = new Set<unknown>()
    for (let load = 0; load < 300; load++) {
      const { options, serving, weights } = await readModelFolder(place, { weights: true })
      const expected = sampleParts(options['seed'] as number)
      expect(serving).toEqual(expected.serving)
      expect(weights).toEqual(expected.weights)
      seeds.add(options['seed'])
      const recommender = await Recommender.load(place)
      expect(recommender.recommend('anna', { k: 1 }).items).toHaveLength(1)
    }
    expect(seeds.size).toBeGreaterThan(2)
  })
})

describe('a listed file that is gone', () => {
  /** Files in memory that are replaced once `model.json` was read for the first time. */
  async function replacedFiles(replace: (files: Record<string, Uint8Array>) => Promise<void>) {
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, sampleParts(1))
    const first = files['model.json']
    const later: Record<string, Uint8Array> = { ...files }
    await replace(later)
    let reads = 0
    return new Proxy(later, {
      getOwnPropertyDescriptor: (target, name) =>
        Object.getOwnPropertyDescriptor(name === 'model.json' ? files : target, name),
      get: (target, name: string) =>
        name === 'model.json' && reads++ === 0 ? first : target[name],
    })
  }

  it('is read again from the new list', async () => {
    const files = await replacedFiles((later) => writeModelFolder(later, sampleParts(2)))
    const { options, serving } = await readModelFolder(files, { weights: false })
    expect(options['seed']).toBe(2)
    expect(serving).toEqual(sampleParts(2).serving)
  })

  it('is looked for again when the list is the same, as the same model may be saved again', async () => {
    const files: Record<string, Uint8Array> = {}
    await writeModelFolder(files, sampleParts(1))
    const asked: string[] = []
    const address = await serve(({ url = '' }, response) => {
      asked.push(url)
      const isGone = url.includes('serving') && asked.filter((each) => each === url).length <= 2
      response.writeHead(isGone ? 404 : 200).end(isGone ? undefined : files[url.slice(1)])
    })
    const { serving } = await readModelFolder(address, { weights: true })
    expect(serving).toEqual(sampleParts(1).serving)
  })

  it('is an error when it stays away', async () => {
    const files = await replacedFiles(async (later) => {
      for (const name of Object.keys(later)) if (name.startsWith('ids')) delete later[name]
    })
    await expect(readModelFolder(files, { weights: false })).rejects.toThrow(
      /ids-\w+\.json of the files in memory is missing, though model\.json lists it/,
    )
  })
})
