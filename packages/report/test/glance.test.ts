import { fromRecords } from '@gnnrec/graph'
import { createReport, reportData } from '@gnnrec/report'
import { beforeAll, describe, expect, it } from 'vitest'
import { madeModel, productReport } from './support/made-input.js'

const section = (markdown: string, number: number) =>
  markdown.split(/^## \d+\. /m)[number].replaceAll('\u202f', ' ')

describe('the page at a glance', () => {
  let markdown: string
  let html: string
  beforeAll(async () => {
    ;({ html, markdown } = await createReport(productReport()))
  })

  it('says what was chosen and what it beats by how much, in one sentence', () => {
    expect(section(markdown, 1)).toMatch(
      /^At a glance\n\nLightGCN was chosen: its ndcg@20 is 0\.\d{4}, 0\.\d{4} \(\d+ %\) more than Popularity \(95 % interval of the difference −?0\.\d{4} to 0\.\d{4}\)(, so which is better is open)?\./,
    )
  })

  it.each([
    ['interactions', '44 613'],
    ['users', '2 059'],
    ['density', '1\\.9 % of all pairs of a user and an item'],
    ['dates', '2013-02-28 to 2014-06-01'],
    ['drift', 'of the latest tenth, 0.4 % with items that were new then, 12 % by users'],
    ['chosen model', 'LightGCN'],
    ['settings', 'dimension 64, layers 3, learningRate 0.005'],
    ['size of the model', '1\\.2 MB'],
    ['time for one list', '0\\.42 ms'],
  ])('tells %s', (what, value) => {
    expect(section(markdown, 1)).toContain(`| ${what} | ${value}`)
  })

  it('shows similar items, and how to load the model in four lines', () => {
    const glance = section(markdown, 1)
    expect(glance).toContain('### Similar items by LightGCN')
    const [, code] = /```js\n([\s\S]*?)\n```/.exec(glance)!
    expect(code.split('\n')).toHaveLength(4)
    expect(code).toContain('"models/films"')
    expect(code).toContain('recommend("ann", { k: 10 })')
  })

  it('keeps the lines of the code in the page', () => {
    const [, code] = /<code>([\s\S]*?)<\/code>/.exec(html)!
    expect(code.split('\n')).toHaveLength(4)
  })

  it('has the numbers as JSON and CSV', () => {
    const [json, csv] = ['application/json', 'text/csv'].map((type) => {
      const [, packed] = new RegExp(`href="data:${type};base64,([^"]*)"`).exec(html)!
      return Buffer.from(packed, 'base64').toString()
    })
    const { data, models } = JSON.parse(json)
    expect(data.users).toBe(2059)
    expect(models[1]).toMatchObject({ name: 'LightGCN', modelBytes: 1_234_567 })
    const [first] = models[0].metrics
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'model,metric,value,low,high',
      `Popularity,${first.metric},${first.value},${first.low},${first.high}`,
    ])
  })

  it('draws no flat line, and lines that are nearly equal as their difference', () => {
    const training = section(markdown, 3)
    expect(training).toContain('Not drawn, as nothing changes: Learning rate.')
    expect(html).not.toContain('aria-label="Learning rate')
    expect(training).toContain(
      'The lines are nearly equal, so the difference from Popularity is drawn.',
    )
    // The values of the table stay what they are.
    expect(training).toMatch(/\| 2 \| 0\\\.1\d{3} \|/)
  })
})

describe('the chosen model', () => {
  const models = ['a', 'b', 'c'].map((name, place) => madeModel(name, place))
  const verdict = async (options: object) => {
    const { markdown } = await createReport({ title: 'x', models, metric: 'ndcg@20', ...options })
    return section(markdown, 1).split('\n\n')[1]
  }

  it('is the one that is named, compared with the one that is named', async () => {
    expect(await verdict({ chosen: 'a', baseline: 'c' })).toMatch(/^a was chosen.* less than c /)
    expect(await verdict({ chosen: 'b' })).toMatch(/^b was chosen.* than c /)
    expect(await verdict({ baseline: 'a' })).toMatch(/^c was chosen.* more than a /)
  })

  it.each([
    [{ chosen: 'd' }, "chosen: there is no model 'd'"],
    [{ baseline: 'd' }, "baseline: there is no model 'd'"],
    [{ chosen: 'a', baseline: 'a' }, 'which is the chosen model'],
  ])('has to be there: %j', async (options, message) => {
    await expect(verdict(options)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })

  it('is alone when there is one model', async () => {
    expect(await verdict({ models: models.slice(0, 1), chosen: 'a' })).toContain(
      'it was compared with nothing',
    )
  })
})

describe('reportData', () => {
  const day = 86_400
  const rows = Array.from({ length: 30 }, (_, n) => ({
    user: n < 29 ? n % 5 : 99,
    item: n < 28 ? n % 3 : 50 + n,
    timestamp: Date.UTC(2024, 0, 1) / 1000 + n * day,
  }))

  it('counts, dates and measures drift', () => {
    expect(reportData(fromRecords([...rows].reverse()))).toEqual({
      interactions: 30,
      users: 6,
      items: 5,
      pairs: 17,
      from: '2024-01-01',
      to: '2024-01-30',
      newItems: 2 / 3,
      newUsers: 1 / 3,
    })
  })

  it('reads milliseconds, and leaves out dates of places and drift of equal times', () => {
    const times = (time: (row: number) => number) =>
      reportData(fromRecords(rows.map((row, n) => ({ ...row, timestamp: time(n) }))))
    expect(times((n) => rows[n].timestamp * 1000).to).toBe('2024-01-30')
    expect(times((n) => n)).not.toHaveProperty('from')
    expect(times((n) => n).newUsers).toBe(1 / 3)
    expect(times(() => 5)).not.toHaveProperty('newUsers')
    const untimed = reportData(fromRecords([{ user: 1, item: 2 }]))
    expect(untimed).toEqual({ interactions: 1, users: 1, items: 1, pairs: 1 })
  })
})
