import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { gnnrec } from './support/command.js'
import { asCsv, shopEvents } from './support/events.js'
import { temporaryFolder } from './support/temporary-folder.js'

const events = shopEvents(1500)
const subcommands = [
  'inspect',
  'train',
  'choose',
  'evaluate',
  'recommend',
  'similar',
  'explain',
  'serve',
  'report',
  'export',
  'run',
  'doctor',
  'init',
  'completion',
]

it('shows help with examples, and one for each command', async () => {
  const { code, out, err } = await gnnrec(['--help'])
  expect([code, err]).toEqual([0, ''])
  for (const name of subcommands) expect(out).toContain(`  ${name} `)
  expect(out).toContain('Exit codes')
  const helps = await Promise.all(['train', 'recommend'].map((name) => gnnrec([name, '--help'])))
  for (const help of helps) {
    expect(help.code).toBe(0)
    expect(help.out).toContain('Examples:\n  $ gnnrec')
  }
  expect((await gnnrec(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('names the nearest command and option, and exits with 2 for wrong use', async () => {
  for (const [args, message] of [
    [['trian', 'x.csv'], '(Did you mean train?)'],
    [['train', 'x.csv', '--outptu', 'y'], '(Did you mean --output?)'],
    [['train', 'x.csv', '--seed', 'one'], 'Expected an integer from 0 up.'],
    [['train', 'x.csv', '--split', 'tmie'], 'Allowed choices are time, random.'],
    [['train'], "missing required argument 'events'"],
  ] as const) {
    const { code, out, err } = await gnnrec(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  }
})

describe('a model of the shop', () => {
  let folder: string
  let trained: Awaited<ReturnType<typeof gnnrec>>
  const run = (args: readonly string[], options: Parameters<typeof gnnrec>[1] = {}) =>
    gnnrec(args, { cwd: folder, ...options })

  beforeAll(async () => {
    const { mkdtemp } = await import('node:fs/promises')
    const { tmpdir } = await import('node:os')
    folder = await mkdtemp(join(tmpdir(), 'gnnrec-command-'))
    await writeFile(join(folder, 'events.csv'), asCsv(events.slice(0, 1200)))
    await writeFile(join(folder, 'later.csv'), asCsv(events.slice(1200)))
    trained = await run(['train', 'events.csv', '--model', 'item-knn', '--report', 'page'])
    return async () => {
      const { rm } = await import('node:fs/promises')
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  })

  it('is trained from a file, with what to do next', async () => {
    const { code, out, err } = trained
    expect(code, err).toBe(0)
    expect(out).toContain('Read 1,200 events of 40 users and 48 items from events.csv')
    expect(out).toContain('better than Popularity')
    expect(out).toMatch(
      /Saved in model after \d+ s\. The report is page.report\.html\.\nNext: gnnrec recommend model user-0\n$/,
    )
    expect(err).toContain('Fitting item-knn to all')
    expect(await readdir(join(folder, 'model'))).toContain('model.json')
    expect(await readdir(join(folder, 'page'))).toContain('report.html')
  })

  it('stays in the way of another one, before anything is read', async () => {
    const refused = await run(['train', 'missing.csv', '--json'])
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.out).error.code).toBe('FOLDER_EXISTS')
    const args = [
      'train',
      '-',
      '--force',
      '--json',
      '--quiet',
      '--model',
      'popularity',
      '--output',
      'other',
    ]
    await mkdir(join(folder, 'other'))
    await writeFile(join(folder, 'other', 'notes.txt'), 'mine')
    const replaced = await run(args, { input: asCsv(events) })
    expect(replaced.err).toBe('')
    const json = JSON.parse(replaced.out)
    expect(json).toMatchObject({ folder: 'other', events: { source: '(stream)', events: 1500 } })
    expect(await readFile(join(folder, 'other', 'notes.txt'), 'utf8')).toBe('mine')
  })

  it('recommends to users, lines of standard input, histories and all', async () => {
    const [people, lines, history, all] = await Promise.all([
      run(['recommend', 'model', 'user-3', 'user-4', '-k', '2']),
      run(['recommend', 'model', '-', '--json', '-k', '2'], { input: 'user-3\nuser-4\n' }),
      run(['recommend', 'model', '--history', 'item-3,item-7', '-k', '2', '--json']),
      run(['recommend', 'model', '--all', '-k', '2']),
    ])
    expect(people.out).toMatch(/^user-3\n {2}1 {2}item-\d+ +\d.*\n {2}2 .*\nuser-4\n/)
    const lists = JSON.parse(lines.out)
    expect(lists.map(({ user }: { user: string }) => user)).toEqual(['user-3', 'user-4'])
    expect(JSON.parse(history.out)).toMatchObject({ source: 'folded-in' })
    const listed = all.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(listed).toHaveLength(40)
    expect(listed.find(({ user }) => user === 'user-3')).toEqual(lists[0])
    const unknown = await run(['recommend', 'model', 'nobody'])
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('nobody')])
  })

  it('finds similar items and explains', async () => {
    const similar = await run(['similar', 'model', 'item-3', '-k', '2', '--json'])
    expect(JSON.parse(similar.out).items).toHaveLength(2)
    const [item] = JSON.parse((await run(['recommend', 'model', 'user-3', '--json'])).out).items
    const explained = JSON.parse((await run(['explain', 'model', 'user-3', item, '--json'])).out)
    expect(explained).toMatchObject({ item, method: 'exact', standing: { rank: 1, leftOut: null } })
    expect((await run(['explain', 'model', 'user-3', item])).out).toContain(`${item}: score`)
  })

  it('is judged on later events, and goes on with them', async () => {
    const { out, code } = await run(['evaluate', 'model', 'later.csv', '--json'])
    expect(code).toBe(0)
    const judged = JSON.parse(out)
    expect(judged.events + judged.leftOut.learnt + judged.leftOut.unknown).toBe(300)
    expect(judged.metrics['ndcg@20'].value).toBeGreaterThan(judged.metrics['ndcg@20'].popularity)
    const page = await run(['report', 'model', 'later.csv', '--output', 'later-page'])
    expect([page.code, await readdir(join(folder, 'later-page'))]).toEqual([
      0,
      expect.arrayContaining(['report.html']),
    ])
    const again = await run(['evaluate', 'model', 'events.csv'])
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('Pass later events.')])
    const next = await run(['train', 'later.csv', '--from', 'model', '--output', 'next', '--json'])
    expect(JSON.parse(next.out).warmStart.known).toEqual({ users: 40, items: 48 })
  })

  it('is exported', async () => {
    await run(['export', 'model', 'lists.csv', '-k', '3'])
    expect((await readFile(join(folder, 'lists.csv'), 'utf8')).split('\n')[0]).toBe(
      'user,item,rank,score',
    )
    const refused = await run(['export', 'model', 'lists.csv'])
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--force')])
    await run(['export', 'model', 'similar.jsonl', '--what', 'similar', '-k', '2'])
    expect((await readFile(join(folder, 'similar.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(
      48,
    )
  })

  it('is exported as vectors where it has them, else with the reason', async () => {
    const refused = await run(['export', 'model', 'vectors.jsonl', '--what', 'item-vectors'])
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('has no vectors')])
    await run(['train', 'events.csv', '--model', 'ials', '--output', 'vectors-model'])
    const args = ['export', 'vectors-model', 'vectors.jsonl', '--what', 'item-vectors']
    const { code, err } = await run(args)
    expect(code, err).toBe(0)
    const lines = (await readFile(join(folder, 'vectors.jsonl'), 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(48)
    expect(JSON.parse(lines[0]).vector.length).toBeGreaterThan(1)
    const wrong = await run([...args, '--force', '-k', '3'])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('-k')])
  })

  it('ends without an error when the reader of a pipe goes away', async () => {
    const { code, signal, err } = await run(['recommend', 'model', '--all'], {
      watch: (child) => child.stdout?.destroy(),
    })
    expect([code, signal, err]).toEqual([0, null, ''])
  })

  it('stops cleanly at Ctrl-C', async () => {
    const { code, err } = await run(
      ['train', 'events.csv', '--model', 'bpr-mf', '--output', 'never'],
      {
        watch: (child) =>
          child.stderr?.on('data', (piece) => {
            if (String(piece).includes('epoch 2 ')) child.kill('SIGINT')
          }),
      },
    )
    expect([code, err]).toEqual([130, expect.stringContaining('Interrupted.')])
    expect(await readdir(folder)).not.toContain('never')
  })
})

it('chooses, with a table', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.csv'), asCsv(events))
  const args = ['choose', 'events.csv', '--candidates', 'popularity,user-knn', '--save', 'kept']
  const { code, out, err } = await gnnrec(args, { cwd: folder })
  expect(code, err).toBe(0)
  expect(out).toContain('| user-knn')
  expect(out).toContain('Chosen: user-knn')
  expect(out).toContain('saved in kept')
  const kept = await gnnrec(['recommend', 'kept', 'user-3', '--json'], { cwd: folder })
  expect(JSON.parse(kept.out).source).toBe('trained')
  expect(await readdir(join(folder, 'kept'))).toContain('training.json')
  const again = await gnnrec(args, { cwd: folder })
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('kept holds a model')])
})

it('inspects files and standard input', async () => {
  const { out } = await gnnrec(['inspect', '-', '--json'], { input: asCsv(events.slice(0, 50)) })
  expect(JSON.parse(out).suggestion.options.columns).toMatchObject({
    user: 'user_id',
    item: 'item_id',
  })
})

it('runs the study of a YAML file', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.csv'), asCsv(events))
  await writeFile(
    join(folder, 'study.yaml'),
    `name: shop
models: [{ model: popularity }]
datasets: [{ dataset: shop, csv: { file: events.csv, columns: { user: user_id, item: item_id } } }]
protocol: { metrics: [recall@10], selection: recall@10, split: { method: random } }
`,
  )
  const { code, out, err } = await gnnrec(['run', 'study.yaml', '--save-best', 'best'], {
    cwd: folder,
  })
  expect(code, err).toBe(0)
  expect(out).toContain('| popularity')
  expect(out).toContain('Best on shop: popularity, fitted to all of it and saved in')
  expect(await readdir(join(folder, 'best', 'shop'))).toContain('model.json')
  expect(await readdir(join(folder, 'runs', 'shop'))).toContain('results.jsonl')
  const again = await gnnrec(['run', 'study.yaml', '--continue', '--json', '--quiet'], {
    cwd: folder,
  })
  expect(JSON.parse(again.out)).toMatchObject({ failed: 0 })
})

it('writes a project, and not over another one', async () => {
  const folder = await temporaryFolder()
  expect((await gnnrec(['init', 'Shop 1'], { cwd: folder })).code).toBe(0)
  const files = await readdir(join(folder, 'Shop 1'))
  expect(files.sort()).toEqual([
    '.gitignore',
    'README.md',
    'events.csv',
    'package.json',
    'recommend.ts',
    'train.ts',
    'tsconfig.json',
  ])
  expect(JSON.parse(await readFile(join(folder, 'Shop 1', 'package.json'), 'utf8')).name).toBe(
    'shop-1',
  )
  const again = await gnnrec(['init', 'Shop 1'], { cwd: folder })
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force')])
})

it('describes the machine', async () => {
  const { out } = await gnnrec(['doctor', '--backends', 'cpu', '--parts', 'kernels', '--json'])
  expect(JSON.parse(out).environment.node).toBe(process.version.slice(1))
})

it('completes commands and options', async () => {
  const { out } = await gnnrec(['completion', 'bash'])
  expect(out).toContain('recommend) words=')
  expect(out).toContain('--history')
})

it('moves no cursor where there is no terminal, or a dumb one', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'events.csv'), asCsv(events))
  const { out, err } = await gnnrec(['train', 'events.csv', '--model', 'popularity'], {
    cwd: folder,
    env: { NO_COLOR: '1', TERM: 'dumb' },
  })
  expect(out + err).not.toContain('\u001b')
})
