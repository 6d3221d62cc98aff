import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { decodeSafetensors, encodeSafetensors } from '@gnnrec/serving/model-folder'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Trainer, type TrainingHistory } from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { expectSameTraining, type TrainingResult, trainTo } from '../support/same-training.js'
import { smallModel, smallOptions } from '../support/small-training.js'

removeFoldersAfterEach()

type Body = Record<string, never>

const options = { ...smallOptions, epochs: 4, clipNorm: 1 }
let whole: TrainingResult
let template: string

beforeAll(async () => {
  await useBackend('simd', { threads: 1 })
  whole = await trainTo({ ...options, model: smallModel() })
  template = await mkdtemp(join(tmpdir(), 'gnnrec-train-'))
  const checkpoint = { folder: template, everyEpochs: 100, keepLast: 1, keepBest: 0 }
  await trainTo({ ...options, model: smallModel(), checkpoint }, { epoch: 2, step: 2 })
})

afterAll(() => rm(template, { recursive: true }))

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')
const manifestOf = (folder: string) => join(folder, 'checkpoint-000001', 'checkpoint.json')

/** Writes a body with the right digest. */
async function writeBody(folder: string, body: unknown): Promise<void> {
  const manifest = JSON.parse(await readFile(manifestOf(template), 'utf8'))
  const sha = sha256(JSON.stringify(body))
  await writeFile(manifestOf(folder), JSON.stringify({ ...manifest, sha256: sha, body }))
}

async function changed(change: (body: Body, folder: string) => unknown) {
  const folder = await temporaryFolder()
  await cp(template, folder, { recursive: true })
  const { body } = JSON.parse(await readFile(manifestOf(folder), 'utf8'))
  await change(body, folder)
  await writeBody(folder, body)
  return folder
}

const resume = (folder: string) =>
  trainTo({ ...options, model: smallModel(), checkpoint: folder, resume: 'latest' })

/** Paths of all fields of a value, to a depth, of lists the first place only. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? Object.keys(value).slice(0, 1) : Object.keys(value)
  return keys.flatMap((key) => {
    const own = [...path, key]
    return [own, ...pathsOf((value as Record<string, unknown>)[key], own)]
  })
}

function change(body: Body, path: readonly string[], value: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, never>>((at, key) => at[key] as never, body)
  const key = path.at(-1) as string
  if (value === undefined) delete parent[key]
  else parent[key] = value as never
}

describe('the body of a checkpoint with the right digest', () => {
  it.each([
    [[]],
    [['progress']],
    [['progress', 'guards']],
    [['progress', 'guards', 'since']],
    [['progress', 'records', '0']],
    [['identity']],
    [['identity', 'training']],
    [['identity', 'model', 'options']],
    [['identity', 'model', 'tensors']],
    [['files']],
    [['optimizerSteps']],
  ])('is refused at the first of 200,000 unknown keys in %j', async (path) => {
    const folder = await changed((body) => {
      const place = path.reduce<Record<string, unknown>>((at, key) => at[key] as never, body)
      for (let key = 0; key < 200_000; key++) place[`key${key}`] = 0
    })
    const error = (await resume(folder).catch((cause: unknown) => cause)) as Error
    expect(error).toMatchObject({ code: expect.stringMatching(/^CHECKPOINT(_MISMATCH)?$/) })
    expect(error.message).toContain('key0')
    expect(error.message.length).toBeLessThan(5000)
  })

  it('is refused with a typed error, or changes nothing that matters, whatever a field becomes', async () => {
    const { body } = JSON.parse(await readFile(manifestOf(template), 'utf8'))
    const model = smallModel()
    let refused = 0
    let accepted = 0
    for (const path of pathsOf(body)) {
      for (const value of [undefined, null, 'text', -1, 1e99, [], {}]) {
        const folder = await changed((own) => change(own, path, value))
        const controller = new AbortController()
        const name = `${path.join('.')}: ${JSON.stringify(value)}`
        let steps = 0
        let history: TrainingHistory | undefined
        const before = await model.weights()
        try {
          const trainer = new Trainer({ ...options, model, checkpoint: folder, resume: 'latest' })
          for await (const event of trainer.run({ signal: controller.signal })) {
            // It could go on for ever.
            if (event.type === 'step' && ++steps > 20) throw new Error('Training does not end.')
            if (event.type === 'end') history = event.history
          }
        } catch (error) {
          // A base rate may have been set to any number while training.
          const isRate = name.startsWith('progress.baseRate') && value === 1e99
          const code = isRate ? 'NON_FINITE' : expect.stringMatching(/^CHECKPOINT(_MISMATCH)?$/)
          expect(error, name).toMatchObject({ code })
          refused++
          if (isRate) model.restoreWeights(before)
          expect(await model.weights(), name).toEqual(before)
        }
        if (history) {
          // Any number can be that of a random stream.
          const isDrawn = path.join('.').startsWith('progress.modelRng.key')
          const weights = isDrawn ? whole.weights : await model.weights()
          // Numbers that nothing is computed from but the history.
          const isReported = isDrawn || /^progress\.(records|sums|guards)\b/.test(path.join('.'))
          const known = isReported ? whole.history : history
          try {
            expectSameTraining({ weights, history: known }, whole)
          } catch (cause) {
            throw new Error(`${name} changes the training.`, { cause })
          }
          model.restoreWeights(before)
          accepted++
        }
        await rm(folder, { recursive: true })
      }
    }
    expect(refused).toBeGreaterThan(500)
    expect(accepted).toBeGreaterThan(50)
  })

  it.each<[string, (body: never) => void, RegExp]>([
    [
      'an epoch above the epochs',
      ({ progress }: Body) => Object.assign(progress, { epoch: 9 }),
      /progress\.epoch: expected at most 4/,
    ],
    [
      'a foreign field',
      (body: Body) => Object.assign(body, { extra: 1 }),
      /no content of a checkpoint/,
    ],
    [
      'a foreign field of the progress',
      ({ progress }: Body) => Object.assign(progress, { extra: 1 }),
      /progress: .*extra/,
    ],
    [
      'more steps than records',
      ({ progress }: Body) => Object.assign(progress, { totalSteps: 70 }),
      /progress\.totalSteps/,
    ],
    [
      'another monitored value than that of its record',
      ({ progress }: Body) =>
        Object.assign(progress['records'][0], { validation: { 'ndcg@5': 1 } }),
      /progress\.evaluations: expected the monitored values/,
    ],
    [
      'a state of the optimizer without its steps',
      (body: Body) => Object.assign(body, { optimizerSteps: {} }),
      /has no number of steps/,
    ],
    [
      'a file elsewhere',
      ({ files }: Body) =>
        Object.assign(files, { '../../x': { bytes: 1, sha256: '0'.repeat(64) } }),
      /files/,
    ],
    [
      'a best epoch that was not evaluated',
      ({ progress }: Body) => Object.assign(progress, { best: { epoch: 1, value: 77 } }),
      /progress\.best/,
    ],
    [
      'no best weights',
      ({ files }: Body) => void delete (files as Record<string, unknown>)['best'],
      /expected best/,
    ],
  ])('is refused with %s', async (_, damage, message) => {
    const folder = await changed(damage as never)
    await expect(resume(folder)).rejects.toMatchObject({
      code: 'CHECKPOINT',
      message: expect.stringMatching(message),
    })
  })

  it.each(['records', 'evaluations'])(
    'is refused at the first of a great many wrong %s',
    async (field) => {
      const folder = await changed(({ progress }: Body) =>
        Object.assign(progress, { [field]: Array(200_000).fill(null) }),
      )
      await expect(resume(folder)).rejects.toMatchObject({
        code: 'CHECKPOINT',
        message: expect.stringMatching(new RegExp(`progress\\.${field}\\.0: [^;]*$`)),
      })
    },
  )

  it('is refused when it is nested more deeply than can be read', async () => {
    const folder = await changed(() => {})
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    await writeFile(
      manifestOf(folder),
      `{"format":"gnnrec-checkpoint","formatVersion":1,"body":${deep}}`,
    )
    await expect(resume(folder)).rejects.toMatchObject({ code: 'CHECKPOINT' })
  })

  it.each(['weights', 'best', 'optimizer'])('is refused when %s are not finite', async (role) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const folder = await changed(async ({ files }: Body, own) => {
        const file = join(own, 'checkpoint-000001', `${role}.safetensors`)
        const tensors = decodeSafetensors(await readFile(file), file)
        for (const { data } of tensors.values()) data[3] = value
        const bytes = encodeSafetensors(tensors)
        await writeFile(file, bytes)
        Object.assign(files, { [role]: { bytes: bytes.length, sha256: sha256(bytes) } })
      })
      const model = smallModel()
      const before = await model.weights()
      const fit = new Trainer({ ...options, model, checkpoint: folder, resume: 'latest' }).fit()
      await expect(fit).rejects.toThrow(new RegExp(`${role}.safetensors holds ${value}`))
      expect(await model.weights()).toEqual(before)
    }
  })

  it('is refused when the best weights have other shapes than the weights', async () => {
    const folder = await changed(async ({ files }: Body, own) => {
      const file = join(own, 'checkpoint-000001', 'best.safetensors')
      const tensors = new Map(decodeSafetensors(await readFile(file), file))
      const { data, shape } = tensors.get('userEmbeddings')!
      tensors.set('userEmbeddings', { data, shape: [...shape].reverse() })
      const bytes = encodeSafetensors(tensors)
      await writeFile(file, bytes)
      Object.assign(files, { best: { bytes: bytes.length, sha256: sha256(bytes) } })
    })
    await expect(resume(folder)).rejects.toMatchObject({
      code: 'CHECKPOINT',
      message: expect.stringMatching(/best weights in .* have other names or shapes/),
    })
  })

  it('of which an earlier one is whole is left out with a warning', async () => {
    const folder = await changed(({ progress }: Body) => Object.assign(progress, { epoch: 9 }))
    await cp(join(folder, 'checkpoint-000001'), join(folder, 'checkpoint-000002'), {
      recursive: true,
    })
    await cp(join(template, 'checkpoint-000001'), join(folder, 'checkpoint-000001'), {
      recursive: true,
      force: true,
    })
    await writeFile(join(folder, 'latest'), 'checkpoint-000002\n')
    const warnings: string[] = []
    const progress = { warning: (message: string) => warnings.push(message) }
    const model = smallModel()
    const result = await trainTo({
      ...options,
      model,
      checkpoint: folder,
      resume: 'latest',
      progress,
    })
    expectSameTraining(result, whole)
    expect(warnings).toEqual([expect.stringMatching(/Went back to .*000001/)])
  })
})
