import { Rng } from '@gnnrec/graph'
import { createReport, type ReportOptions } from '@gnnrec/report'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { madeEvaluation, madeHistory, madeModel, sevenModels } from './support/made-input.js'

afterAll(() => {
  vi.restoreAllMocks()
})

const headings = (html: string) =>
  [...html.matchAll(/<h2 id="[^"]*"><span class="number">\d+<\/span>([^<]*)<\/h2>/g)].map(
    ([, title]) => title,
  )

describe('a report of seven models', () => {
  let [html, markdown] = ['', '']
  const printed: unknown[][] = []

  beforeAll(async () => {
    const keep = (...values: unknown[]) => void printed.push(values)
    vi.spyOn(console, 'warn').mockImplementation(keep)
    vi.spyOn(console, 'error').mockImplementation(keep)
    ;({ html, markdown } = await createReport(sevenModels()))
  })

  it('has all sections, in the page and in Markdown', () => {
    const titles = [
      'Summary',
      'Training',
      'Metrics',
      'Over-smoothing by layer',
      'Who and what is served',
      'Popularity of recommended and consumed items',
      'Lists of a few users',
      'Protocol and environment',
    ]
    expect(headings(html)).toEqual(titles)
    expect([...markdown.matchAll(/^## \d+\. (.*)$/gm)].map(([, title]) => title)).toEqual(titles)
  })

  it('is the same bytes for the same input', async () => {
    expect(await createReport(sevenModels())).toEqual({ html, markdown })
  })

  it('stays far below 3 MB, with long trainings as well', async () => {
    const options = sevenModels({ users: 3000 })
    const models = options.models.map((model) => ({ ...model, history: madeHistory(400) }))
    const long = await createReport({ ...options, models })
    expect(Buffer.byteLength(long.html)).toBeLessThan(3_000_000)
    expect(Buffer.byteLength(long.markdown)).toBeLessThan(3_000_000)
  })

  it('runs nothing, loads nothing and points nowhere else', () => {
    expect(html).not.toMatch(
      /<script|\son\w+=|javascript:|<(img|link|iframe|object|embed|use|image)\b/i,
    )
    expect(
      [...html.matchAll(/\b(?:href|src|xlink:href)="([^"]*)"/g)].every(
        ([, to]) => to.startsWith('#') || /^data:(application\/json|text\/csv);base64,/.test(to),
      ),
    ).toBe(true)
    expect(html).not.toMatch(/url\(|@import|https?:/)
    expect(html).toContain(
      "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:;",
    )
  })

  it('gives every plot a role, a text and a table of its values', () => {
    const plots = [...html.matchAll(/<svg role="img" aria-label="([^"]*)"/g)]
    expect(plots.length).toBeGreaterThan(20)
    for (const [, label] of plots) expect(label.length).toBeGreaterThan(20)
    const figures = html.split('<figure').slice(1)
    for (const figure of figures) {
      expect(figure).toMatch(/<figcaption>.+<\/figcaption>/)
      expect(figure).toMatch(/<details><summary>.*<table/s)
    }
  })

  it('holds no value that is not a number', () => {
    for (const text of [html, markdown]) expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  it('is drawn without warnings of the library', () => {
    expect(printed).toEqual([])
  })
})

describe('the summary', () => {
  const better = madeModel('better', 0, { seed: 1, skill: 0.3 })
  const worse = madeModel('worse', 0, { seed: 2 })
  const same = { ...better, name: 'same' }

  it('names the best model, its lead and the models that it significantly beats', async () => {
    const { markdown } = await createReport({ title: 'T', models: [worse, better, same] })
    const value = (model: typeof better) => model.evaluation.metrics['ndcg@5'].toFixed(4)
    expect(markdown).toContain(
      `better has the highest ndcg@5: ${value(better)} (95\u202f% interval`,
    )
    expect(markdown).toContain('the same as same')
    expect(markdown).toContain('User by user, better is better than worse beyond chance')
    expect(markdown).toContain('Its lead over same may be chance.')
  })

  it('decides by the metric that is asked for', async () => {
    const { markdown } = await createReport({
      title: 'T',
      models: [worse, better],
      metric: 'recall@20',
      confidence: 0.9,
    })
    expect(markdown).toContain('better has the highest recall@20')
    expect(markdown).toContain('90\u202f% interval')
  })

  it('shows one model without comparing it', async () => {
    const { markdown } = await createReport({ title: 'T', models: [better] })
    expect(markdown).toMatch(/better has ndcg@5 0\.\d{4} \(95/)
    expect(markdown).not.toMatch(/highest ndcg|Holm/)
  })

  it('says that nothing can be tested without values per user', async () => {
    const stripped = { ...madeEvaluation({ seed: 3 }), perUser: {}, perUserKept: false }
    const { html, markdown } = await createReport({
      title: 'T',
      models: [better, { name: 'stripped', evaluation: stripped }],
    })
    expect(markdown).toContain('Nothing can be tested for stripped')
    expect(html).not.toContain('Difference of')
  })

  it('calls no model the best if protocols differ, and lists the differences', async () => {
    const sampled = madeModel('sampled', 0, {
      seed: 4,
      flags: ['not-comparable-with-full-ranking'],
      protocol: { ranking: 'sampled', masked: ['train'] },
    })
    const { html, markdown } = await createReport({ title: 'T', models: [better, worse, sampled] })
    expect(markdown).toContain('judged in 2 different ways, so none of them is called the best')
    expect(markdown).toContain('masked is \\["train"\\] instead of \\["train","validation"\\]')
    expect(markdown).toContain('ranking is sampled instead of full')
    expect(markdown).toContain('Judged alike: better and worse')
    // Those that were judged alike are still compared.
    expect(markdown).toContain('better has the highest ndcg@5')
    expect(html).not.toMatch(/Difference of [^<]*sampled/)
  })
})

describe('warnings', () => {
  it('come before all numbers: flags, findings of the training, collapse', async () => {
    const history = {
      ...madeHistory(6),
      findings: [
        {
          code: 'one-direction' as const,
          level: 'warn' as const,
          epoch: 2,
          message: 'all rows point one way',
          values: {},
        },
      ],
    }
    const model = madeModel('poor', 1, {
      flags: ['degenerate', 'ties-unknown', 'relevant-items-masked'],
    })
    const { html, markdown } = await createReport({ title: 'T', models: [{ ...model, history }] })
    for (const text of [html, markdown]) {
      const [before] = text.split(/Summary<\/h2>|## 1\. Summary/)
      expect(before).toContain('37\u202f% of its lists are degenerate')
      expect(before).toContain('nobody knows how many ties')
      expect(before).toContain('25\u202f% of the relevant items are masked')
      expect(before).toContain('Call dropDuplicates before the split')
      expect(text).toContain('masked relevant items')
      expect(before).toContain('all rows point one way')
      expect(before).toContain('the rows of the last layer, 4, have collapsed')
    }
  })

  it('name all models that they hold for', async () => {
    const models = ['a', 'b'].map((name) => madeModel(name, 1))
    const { markdown } = await createReport({ title: 'T', models })
    expect(markdown).toContain('- **a and b**: the rows of the last layer, 4')
  })

  it('are left out where there are none', async () => {
    const { html } = await createReport({ title: 'T', models: [madeModel('fine', 0)] })
    expect(html).not.toContain('Read this first')
  })
})

describe('metrics that are undefined', () => {
  const reason = 'no list has a hit'
  const undefinedMetrics = { 'ndcg@20': reason, 'coverage@20': reason }
  const made = (name: string, place: number, metrics: Record<string, string> = {}) =>
    madeModel(name, place, { undefinedMetrics: metrics, segments: {} })

  it('are named with their reason, and the rest is reported', async () => {
    const models = [made('a', 0), made('b', 1), made('none', 2, undefinedMetrics)]
    const options = { title: 'T', models, metric: 'ndcg@20' }
    const { html, markdown } = await createReport(options)
    for (const text of [html, markdown]) {
      const [before] = text.split(/Summary<\/h2>|## 1\. Summary/)
      expect(before).toContain(`has no ndcg@20, which is undefined: ${reason}.`)
      expect(before).toContain(`has no coverage@20, which is undefined: ${reason}.`)
      expect(text).toContain('b has the highest ndcg@20')
      expect(text).not.toContain('NaN')
    }
    expect(markdown).toMatch(/^\| none \| undefined \| +\| +\|/m)
    expect(markdown).toMatch(/^\| recall@20 \|( 0\S+ \| 0\S+ to 0\S+ \|){3}$/m)
  })

  it('do not decide where another metric can', async () => {
    const models = [made('a', 0), made('none', 2, undefinedMetrics)]
    const { markdown } = await createReport({ title: 'T', models })
    expect(markdown).toContain('has the highest ndcg@5')
  })

  it('leave a report without a best model if only one model or none has the deciding one', async () => {
    const metric = 'ndcg@20'
    const one = [made('a', 0), made('none', 2, undefinedMetrics)]
    const { markdown } = await createReport({ title: 'T', metric, models: one })
    expect(markdown).toMatch(/a has ndcg@20 0\.\d+ .*\. ndcg@20 is undefined for none\./)
    const none = one.slice(1)
    const bare = await createReport({ title: 'T', metric, models: none })
    expect(bare.markdown).toContain('\nndcg@20 is undefined for none.\n')
    expect(bare.html).not.toContain('NaN')
  })
})

describe('sections without data', () => {
  it('are left out', async () => {
    const models = [{ name: 'bare', evaluation: madeEvaluation() }]
    const { html } = await createReport({ title: 'T', models })
    expect(headings(html)).toEqual(['Summary', 'Metrics', 'Protocol and environment'])
  })

  it('handle a training without epochs, with one epoch and without validation', async () => {
    const history = madeHistory(1)
    const bare = { name: 'bare', evaluation: madeEvaluation() }
    const one = {
      ...bare,
      name: 'one',
      history: { ...history, bestEpoch: null, bestValidation: null },
    }
    const untrained = { ...bare, name: 'untrained', history: { ...history, epochs: [] } }
    const { html, markdown } = await createReport({ title: 'T', models: [one, untrained] })
    expect(headings(html)).toContain('Training')
    expect(markdown).not.toMatch(/NaN|undefined/)
  })
})

it('tells 20 models apart', async () => {
  const rng = Rng.fromSeed(1)
  const models: ReportOptions['models'] = Array.from({ length: 20 }, (_, place) => ({
    name: `model ${place}`,
    evaluation: madeEvaluation({ seed: rng.integer(1000), users: 20 }),
  }))
  const { html } = await createReport({ title: 'T', models })
  const looks = [...html.matchAll(/<li><svg[^>]*>(.*?)<\/svg>/g)].map(([, look]) => look)
  expect(new Set(looks.slice(0, 20)).size).toBe(20)
})
