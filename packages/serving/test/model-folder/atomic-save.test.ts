import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ModelSource, SerializationError } from '../../src/index.js'
import { readModelFolder, writeModelFolder } from '../../src/model-folder.js'
import { onFaultyDisk } from '../support/faulty-disk.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

async function seedOf(source: ModelSource): Promise<unknown> {
  const { options } = await readModelFolder(source, { weights: true })
  const { seed } = options
  return seed
}

async function stepsOfSecondSave(): Promise<string[]> {
  const folder = await temporaryFolder()
  await writeModelFolder(folder, sampleParts(1))
  const { log, error } = await onFaultyDisk(undefined, () =>
    writeModelFolder(folder, sampleParts(2)),
  )
  expect(error).toBeUndefined()
  return log
}

/** The files that a save of `sampleParts(seed)` leaves in an empty folder. */
async function filesOf(seed: number): Promise<string[]> {
  const files = {}
  await writeModelFolder(files, sampleParts(seed))
  return Object.keys(files).sort()
}

/** The step that closes the old `model.json`, which was only read; its failure does no harm. */
const closesOld = 'close model.json'

describe('saving over an old model', () => {
  it.each(['once', 'from-then-on'] as const)(
    'leaves the old or the new model, whole, when the disk fails at any step (%s)',
    async (mode) => {
      const log = await stepsOfSecondSave()
      const committed = log.indexOf('rename model.json.tmp model.json')
      expect(committed).toBeGreaterThan(10)
      for (let step = 0; step < log.length; step++) {
        const folder = await temporaryFolder()
        await writeModelFolder(folder, sampleParts(1))
        const { error } = await onFaultyDisk({ step, mode }, () =>
          writeModelFolder(folder, sampleParts(2)),
        )
        const at = `failure at step ${step}, ${log[step]}`
        const fails = step <= committed && !(mode === 'once' && log[step] === closesOld)
        expect(await seedOf(folder), at).toBe(fails ? 1 : 2)
        if (fails) {
          expect(error, at).toBeInstanceOf(SerializationError)
          expect(String(error), at).toContain('What the folder held before is unchanged')
          expect(String(error), at).toContain('ENOSPC')
        }
        // What was left over does not stop the next save, and goes with it.
        await writeModelFolder(folder, sampleParts(3))
        expect(await seedOf(folder), at).toBe(3)
        expect((await readdir(folder)).sort(), at).toEqual(await filesOf(3))
      }
    },
  )

  it('leaves a whole model when any step reports a failure though it took effect', async () => {
    const log = await stepsOfSecondSave()
    const committed = log.indexOf('rename model.json.tmp model.json')
    for (let step = 0; step < log.length; step++) {
      const folder = await temporaryFolder()
      await writeModelFolder(folder, sampleParts(1))
      await onFaultyDisk({ step, mode: 'though-done' }, () =>
        writeModelFolder(folder, sampleParts(2)),
      )
      const fails = step < committed && log[step] !== closesOld
      expect(await seedOf(folder), log[step]).toBe(fails ? 1 : 2)
    }
  })

  it('removes what it wrote when one call fails before the new model is in place', async () => {
    const log = await stepsOfSecondSave()
    const committing = log.indexOf('rename model.json.tmp model.json')
    for (let step = 0; step < committing; step++) {
      const folder = await temporaryFolder()
      await writeModelFolder(folder, sampleParts(1))
      await onFaultyDisk({ step, mode: 'once' }, () => writeModelFolder(folder, sampleParts(2)))
      expect((await readdir(folder)).sort(), log[step]).toEqual(
        await filesOf(log[step] === closesOld ? 2 : 1),
      )
    }
  })

  it('says so when the new model is in place but the folder could not be synced', async () => {
    const log = await stepsOfSecondSave()
    const step = log.length - 1 - [...log].reverse().findIndex((name) => name.startsWith('sync '))
    const folder = await temporaryFolder()
    await writeModelFolder(folder, sampleParts(1))
    const { error } = await onFaultyDisk({ step, mode: 'once' }, () =>
      writeModelFolder(folder, sampleParts(2)),
    )
    expect(error).toBeInstanceOf(SerializationError)
    expect(String(error)).toContain('The new model is in place')
  })

  it('succeeds when an old file cannot be removed', async () => {
    const log = await stepsOfSecondSave()
    const step = log.findIndex((name) => name.startsWith('remove '))
    const folder = await temporaryFolder()
    await writeModelFolder(folder, sampleParts(1))
    const { error } = await onFaultyDisk({ step, mode: 'from-then-on' }, () =>
      writeModelFolder(folder, sampleParts(2)),
    )
    expect(error).toBeUndefined()
    expect(await seedOf(folder)).toBe(2)
  })

  it('syncs each file before its rename, all renames before that of model.json', async () => {
    const log = await stepsOfSecondSave()
    const data = (await filesOf(2)).filter((name) => name !== 'model.json')
    const folderSyncs = log.flatMap((name, step) =>
      name.startsWith('sync gnnrec-test-') ? [step] : [],
    )
    const commit = log.indexOf('rename model.json.tmp model.json')
    for (const name of [...data, 'model.json']) {
      const steps = ['open', 'write', 'sync', 'close'].map((verb) =>
        log.indexOf(`${verb} ${name}.tmp`),
      )
      steps.push(log.indexOf(`rename ${name}.tmp ${name}`))
      expect(steps[0]).toBeGreaterThanOrEqual(0)
      expect(steps).toEqual([...steps].sort((a, b) => a - b))
      if (name !== 'model.json') expect(steps[4]).toBeLessThan(folderSyncs[0] as number)
    }
    expect(folderSyncs).toHaveLength(2)
    expect(folderSyncs[0]).toBeLessThan(commit)
    expect(folderSyncs[1]).toBeGreaterThan(commit)
    expect(log.findIndex((name) => name.startsWith('remove '))).toBeGreaterThan(
      folderSyncs[1] as number,
    )
  })

  it('leaves an empty folder empty when it could not be filled', async () => {
    const folder = await temporaryFolder()
    const { error } = await onFaultyDisk({ step: 5, mode: 'once' }, () =>
      writeModelFolder(folder, sampleParts(1)),
    )
    expect(String(error)).toContain('What the folder held before is unchanged')
    expect(await readdir(folder)).toEqual([])
  })

  it('removes old temporaries and data files, and nothing else', async () => {
    const folder = await temporaryFolder()
    const digest = '0123456789abcdef'
    const ours = [
      `weights-${digest}.safetensors`,
      `seen-${digest}.safetensors.tmp`,
      'model.json.tmp',
    ]
    const foreign = ['notes.txt', 'notes.tmp', `poem-${digest}.json`, 'weights-1.safetensors']
    for (const name of [...ours, ...foreign]) await writeFile(join(folder, name), 'x')
    await writeModelFolder(folder, sampleParts(1))
    expect((await readdir(folder)).sort()).toEqual([...(await filesOf(1)), ...foreign].sort())
  })

  it('keeps the files that the old and the new model share', async () => {
    const folder = await temporaryFolder()
    await writeModelFolder(folder, sampleParts(1))
    await writeModelFolder(folder, sampleParts(1))
    expect((await readdir(folder)).sort()).toEqual(await filesOf(1))
    expect(await seedOf(folder)).toBe(1)
  })

  it('writes one after the other when several saves to a folder are not awaited', async () => {
    const folder = await temporaryFolder()
    await Promise.all([1, 2, 3, 4].map((seed) => writeModelFolder(folder, sampleParts(seed))))
    const seed = (await seedOf(folder)) as number
    expect((await readdir(folder)).sort()).toEqual(await filesOf(seed))
  })

  it('refuses to replace a model.json that is not ours', async () => {
    const folder = await temporaryFolder()
    const foreign = '{"format":"layers-model"}'
    await writeFile(join(folder, 'model.json'), foreign)
    await expect(writeModelFolder(folder, sampleParts(1))).rejects.toThrow(
      /Did not save.*not a gnnrec model.*another folder/,
    )
    expect(await readFile(join(folder, 'model.json'), 'utf8')).toBe(foreign)
    expect(await readdir(folder)).toEqual(['model.json'])
  })

  it.each(['on disk', 'in memory'])('refuses to drop training weights %s', async (where) => {
    const target = where === 'on disk' ? await temporaryFolder() : {}
    await writeModelFolder(target, sampleParts(1))
    const { weights: _, ...answering } = sampleParts(2)
    await expect(writeModelFolder(target, answering)).rejects.toThrow(
      /Did not save.*light-gcn with its weights/,
    )
    expect(await seedOf(target)).toBe(1)
  })
})
