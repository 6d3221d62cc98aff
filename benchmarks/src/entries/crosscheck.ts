import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EvaluateOptions, evaluate, type Flavour } from '@gnnrec/eval'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { judges } from '../crosscheck/judges.js'
import { type LargeRanking, largeRanking } from '../crosscheck/large-ranking.js'
import { pythonWith } from '../python/virtual-environment.js'

const cutoffs = [1, 5, 10, 20, 50]
/**
 * Largest difference allowed between two means over users; another order of summation alone gives
 * about 1e-15.
 */
const tolerance = 1e-9

/** Flavour of our metrics that computes as each library does. */
const flavours: Readonly<Record<string, Flavour>> = {
  trec_eval: 'trec_eval',
  ranx: 'gnnrec',
  implicit: 'implicit',
  'scikit-learn': 'gnnrec',
  recbole: 'recbole',
  'recbole, of items': 'recbole',
}

export const crosscheck: BenchmarkEntry = {
  summary:
    'metrics compared with those of trec_eval, ranx, RecBole, scikit-learn and implicit (Python)',
  async *run({ seed }) {
    const ranking = largeRanking(3000, 2000, seed)
    const { complete, ...libraries } = judgeInPython(ranking)
    const failed: string[] = []
    for (const [library, expected] of Object.entries(libraries)) {
      // RecBole fills short lists with masked items, so only full lists can be compared.
      const users = library === 'recbole, of items' ? complete : ('all' as const)
      const options = { flavour: flavours[library], metrics: Object.keys(expected), users }
      const { metrics } = await judge(ranking, options)
      const differences = Object.entries(expected).map(([name, value]) => {
        const difference = Math.abs(metrics[name] - value) / Math.max(1, Math.abs(value))
        if (!(difference <= tolerance)) {
          failed.push(`${library} ${name}: ours ${metrics[name]}, theirs ${value}`)
        }
        return difference
      })
      yield {
        name: library,
        settings: { seed, flavour: flavours[library], metrics: Object.keys(expected) },
        metrics: { compared: differences.length, 'largest difference': Math.max(...differences) },
      }
    }
    if (failed.length > 0) throw new Error(`Not equal to ${tolerance}:\n${failed.join('\n')}`)
  },
}

function judge(
  { split, scores, userCount, itemCount }: LargeRanking,
  options: Partial<EvaluateOptions>,
) {
  const ranker = {
    userCount,
    itemCount,
    scoreUsers: (users: Int32Array, out: Float32Array) => {
      users.forEach((user, row) => {
        out.set(scores.subarray(user * itemCount, (user + 1) * itemCount), row * itemCount)
      })
    },
  }
  return evaluate(ranker, { split, on: 'test', metrics: [], ...options })
}

type Values = Record<string, number>

function judgeInPython(ranking: LargeRanking): { complete: number[] } & Record<string, Values> {
  const python = pythonWith(judges)
  const folder = mkdtempSync(join(tmpdir(), 'gnnrec-crosscheck-'))
  try {
    const { scores, userCount, itemCount, train, relevant } = ranking
    writeFileSync(join(folder, 'scores.f32'), scores)
    writeFileSync(
      join(folder, 'ranking.json'),
      JSON.stringify({
        users: userCount,
        items: itemCount,
        cutoffs,
        train,
        relevant,
        masked: train,
      }),
    )
    const script = fileURLToPath(new URL('../crosscheck/judge.py', import.meta.url))
    const printed = execFileSync(python, [script, folder], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
