import { Rng } from '@gnnrec/graph'
import packageJson from '../../package.json' with { type: 'json' }

/** The files of a new project by their paths. */
export function projectFiles(name: string): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(
      {
        name,
        private: true,
        type: 'module',
        scripts: { train: 'tsx train.ts', start: 'tsx recommend.ts' },
        dependencies: { gnnrec: `^${packageJson.version}` },
        devDependencies: { tsx: '^4.20.0', typescript: '^5.9.0' },
      },
      undefined,
      2,
    )}\n`,
    'tsconfig.json': `${JSON.stringify(
      {
        compilerOptions: {
          target: 'ES2022',
          module: 'NodeNext',
          strict: true,
          skipLibCheck: true,
          noEmit: true,
        },
        include: ['*.ts'],
      },
      undefined,
      2,
    )}\n`,
    'train.ts': trainProgram,
    'recommend.ts': recommendProgram,
    'events.csv': events(),
    '.gitignore': 'node_modules\nmodel\n',
    'README.md': readme(name),
  }
}

const trainProgram = `import { train } from 'gnnrec'

// Put your own events into events.csv: one line for each time that somebody meets an item.
const result = await train('events.csv', { onProgress: ({ message }) => console.error(message) })
console.log(result.summary)
await result.save('model', { overwrite: true })
`

const recommendProgram = `import { load } from 'gnnrec'

const recommender = await load<string, string>('model')
const user = 'user-7'
console.log(\`For \${user}:\`, recommender.recommend(user, { k: 5 }).items)

// Somebody who is not in the events: what they have looked at is enough.
const { items } = recommender.recommend(user, { k: 2 })
console.log(\`For somebody with \${items.join(' and ')}:\`, recommender.recommendFor(items, { k: 5 }).items)
`

const readme = (name: string) => `# ${name}

\`\`\`sh
npm install
npm run train            # reads events.csv, chooses and judges a model, saves it in the folder model
npm start                # recommends to user-7
\`\`\`

\`events.csv\` is made up. \`npx gnnrec inspect events.csv\` shows how a file is read, and \`npx gnnrec --help\` what else
there is.
`

const shelves = ['tea', 'coffee', 'bread', 'cheese', 'fruit']
const kinds = ['green', 'dark', 'fine', 'plain', 'fresh', 'dried', 'smoked', 'sweet']
const userCount = 60
const eventCount = 900
const start = Date.UTC(2026, 0, 1)

/** Makes up events of users who have a favourite shelf each. */
function events(): string {
  const rng = Rng.fromSeed('events')
  const lines = Array.from({ length: eventCount }, (_, place) => {
    const user = rng.integer(userCount)
    const shelf = rng.uniform() < 0.8 ? user % shelves.length : rng.integer(shelves.length)
    const item = `${kinds[rng.integer(kinds.length)]} ${shelves[shelf]}`
    const time = new Date(start + place * 1_800_000).toISOString()
    return `user-${user},${item},${time}`
  })
  return `user,item,time\n${lines.join('\n')}\n`
}
