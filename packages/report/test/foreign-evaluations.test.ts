import { compareReports, type EvaluationReportJson, parseReport } from '@gnnrec/eval'
import { createReport } from '@gnnrec/report'
import { expect, it } from 'vitest'
import { madeEvaluation } from './support/made-input.js'

const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown
const values = [undefined, null, 'text', -1, 1.5, [], {}, [null], deep]

/** Paths of all fields of a value, of lists the first place only. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? Object.keys(value).slice(0, 1) : Object.keys(value)
  return keys.flatMap((key) => {
    const own = [...path, key]
    return [own, ...pathsOf((value as Record<string, unknown>)[key], own)]
  })
}

function changed(path: readonly string[], value: unknown): EvaluationReportJson {
  const copy = structuredClone(sound) as unknown as Record<string, unknown>
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, key) => at[key] as never, copy)
  const key = path.at(-1) as string
  if (value === undefined) delete parent[key]
  else parent[key] = value
  return copy as unknown as EvaluationReportJson
}

const segments = {
  'item-popularity': ['rare', 'common'].map((name) => ({
    name,
    users: 3,
    items: 4,
    recommendedShare: 0.5,
    relevantShare: 0.5,
    metrics: { 'ndcg@10': 0.25 },
  })),
}
const sampling = { negatives: 100, distribution: 'uniform', seed: 1 } as const
const sound = madeEvaluation({ users: 20, segments, protocol: { ranking: 'sampled', sampling } })

it('are read, or refused by a typed error, whatever a field becomes', async () => {
  let refused = 0
  for (const path of pathsOf(sound)) {
    for (const value of values) {
      const evaluation = changed(path, value)
      try {
        const report = parseReport(evaluation)
        try {
          compareReports(report, parseReport(sound))
        } catch (error) {
          expect(error, path.join('.')).toHaveProperty('code')
        }
        await createReport({ title: 'made', models: [{ name: 'a', evaluation }] })
      } catch (error) {
        const kind = `${path.join('.')}: ${typeof value}`
        expect(error, kind).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) })
        refused++
      }
    }
  }
  expect(refused).toBeGreaterThan(200)
})
