import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFile } from '@gnnrec/data'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { Recommender } from '@gnnrec/serving'
import { readFolder } from '../folder-files.js'
import type { Subject } from '../subject.js'
import { sha256 } from './digests.js'
import { bytesOf, digestOfJson, madeSplit } from './made-data.js'
import { RawServer, rawAnswer } from './raw-server.js'

const content = Uint8Array.from({ length: 4000 }, (_, place) => (place * place) % 251)
const haveAlready = 1000
/** Stands in the note of a partial file for the address of the server, which differs from run to run. */
const addressMark = 'http://127.0.0.1/made.bin'

/** Answers of servers, with what an earlier download has left. */
export const downloadSubjects: readonly Subject[] = [
  downloaded('download', undefined),
  downloaded('download with a digest', sha256(content)),
  {
    name: 'model on the web',
    async make(folder) {
      const saved = join(folder, 'saved')
      const graph = BipartiteGraph.fromInteractions(madeSplit().train)
      const model = new LightGcn(graph, { embeddingDim: 4 })
      await model.save(saved)
      model.dispose()
      for (const [name, bytes] of readFolder(saved)) {
        const answer = rawAnswer('200 OK', { 'content-length': bytes.length }, bytes)
        await writeFile(join(saved, name), answer)
      }
      await writeFile(join(saved, 'end'), 'close')
    },
    async read(folder) {
      const server = await RawServer.start(join(folder, 'saved'), (path) => path.slice(1))
      try {
        const limits = { stallSeconds: 1, timeoutSeconds: 5 }
        const recommender = await Recommender.load(server.address, limits)
        const [user] = recommender.users.ids
        return digestOfJson(recommender.origin, recommender.recommend(user, { k: 3 }))
      } finally {
        server.close()
      }
    },
  },
]

/** Makes a subject whose first answer is a redirection, the second the rest of a file, and all others the file. */
function downloaded(name: string, digest: string | undefined): Subject {
  return {
    name,
    mayBeOdd: true,
    oddShare: 0.1,
    async make(folder) {
      const validator = '"v1"'
      const file = { etag: validator, 'content-length': content.length }
      const rest = content.subarray(haveAlready)
      const range = `bytes ${haveAlready}-${content.length - 1}/${content.length}`
      const partly = { etag: validator, 'content-length': rest.length, 'content-range': range }
      const answers = {
        '0': rawAnswer('302 Found', { location: '/other', 'content-length': 0 }, new Uint8Array()),
        '1': rawAnswer('206 Partial Content', partly, rest),
        '2': rawAnswer('200 OK', file, content),
        end: bytesOf('close'),
      }
      await mkdir(join(folder, 'answers'))
      for (const [each, bytes] of Object.entries(answers))
        await writeFile(join(folder, 'answers', each), bytes)
      await mkdir(join(folder, 'target'))
      const note = JSON.stringify({ address: addressMark, validator })
      await writeFile(join(folder, 'target/made.bin.part'), content.subarray(0, haveAlready))
      await writeFile(join(folder, 'target/made.bin.part.json'), note)
      await writeFile(join(folder, 'target/made.bin.lock'), '{"pid":')
    },
    async read(folder) {
      const server = await RawServer.start(join(folder, 'answers'), (_, request) =>
        String(Math.min(request, 2)),
      )
      try {
        const address = `${server.address}/made.bin`
        const file = join(folder, 'target/made.bin')
        await putAddress(`${file}.part.json`, address)
        const found = await downloadFile({
          address,
          file,
          ...(digest !== undefined && { sha256: digest }),
          attempts: 2,
          retrySeconds: 0.01,
          stallSeconds: 1,
          timeoutSeconds: 5,
          maxBytes: 2 ** 24,
          progress: 'none',
        })
        const bytes = await readFile(file)
        if (found.bytes !== bytes.length || found.sha256 !== sha256(bytes))
          throw new Error('The file is not the one that the download speaks of.')
        if (digest !== undefined && found.sha256 !== digest)
          throw new Error('The file has another digest than the one that was given.')
        return found.sha256
      } finally {
        server.close()
      }
    },
  }
}

/** Puts the address of the server into the note of a partial file. */
async function putAddress(path: string, address: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined)
  if (!facts?.isFile() || facts.size > 2 ** 20) return
  const note = await readFile(path, 'latin1')
  await writeFile(path, note.replace(addressMark, address), 'latin1')
}
