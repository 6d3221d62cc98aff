import { Recommender } from '@gnnrec/serving'
import { architectureName } from '../registry/architecture-name.js'
import type { ModelClass, RecommenderModel } from '../registry/model-class.js'
import { check, checkError, checkFinite, checkSameBytes } from './check.js'
import { checkSizes } from './check-sizes.js'
import type { ModelTest } from './model-test.js'
import { scoresOf } from './scores-of.js'
import { itemCount, testGraph } from './test-graph.js'

type Model = RecommenderModel<string, number>

/** Returns the tests of all models, baselines too: what they recommend, save and refuse. */
export function recommenderTests(Model: ModelClass, options: object): ModelTest[] {
  const create = (changes: object = {}): Model =>
    new Model(testGraph() as never, { ...options, ...changes } as never) as unknown as Model

  async function withModel<Result>(
    use: (model: Model) => Promise<Result>,
    changes?: object,
  ): Promise<Result> {
    const model = create(changes)
    model.splitHash = 'c0ffee'
    try {
      await model.prepare()
      return await use(model)
    } finally {
      model.dispose()
      model.graph.dispose()
    }
  }

  return [
    {
      name: 'is named as its class in kebab case',
      run: async () => {
        const expected = architectureName(Model.name)
        check(
          Model.architecture === expected,
          `architecture: got '${Model.architecture}', expected '${expected}'`,
        )
        await withModel(async ({ architecture }) => {
          check(architecture === expected, `a model calls itself '${architecture}'`)
        })
      },
    },
    {
      name: 'recommends the best items that a user has not met',
      run: () => withModel(checkLists),
    },
    {
      name: 'answers for users and items without interactions',
      run: () =>
        withModel(async (model) => {
          const recommender = await model.toRecommender()
          const scores = scoresOf(recommender)
          checkFinite(scores, 'scores')
          const { items } = recommender.recommend(lastUser(model), { k: 5 })
          check(items.length === 5, `got ${items.length} items for a user without interactions`)
        }),
    },
    {
      name: 'answers the same once it is saved and loaded',
      run: () =>
        withModel(async (model) => {
          const made = await model.toRecommender()
          const files: Record<string, Uint8Array> = {}
          await model.save(files)
          const loaded = await Recommender.load<string, number>(files)
          checkSameBytes(scoresOf(loaded), scoresOf(made), 'scores')
          const origin = JSON.stringify(loaded.origin)
          const { architecture, splitHash } = model
          const expected = JSON.stringify({ architecture, options: model.options, splitHash })
          check(origin === expected, `origin: got ${origin}, expected ${expected}`)
          const [before, after] = [made, loaded].map((recommender) =>
            JSON.stringify(recommender.recommend(lastUser(model), { k: 9 }).items),
          )
          check(before === after, `lists: got ${after}, expected ${before}`)
        }),
    },
    {
      name: Model.capabilities.isSeeded
        ? 'gives the same bytes for the same seed and others for another'
        : 'gives the same bytes each time',
      run: async () => {
        const scores = (seed?: number) =>
          withModel(
            async (model) => scoresOf(await model.toRecommender()),
            seed === undefined ? {} : { seed },
          )
        if (!Model.capabilities.isSeeded) {
          checkSameBytes(await scores(), await scores(), 'scores')
          return
        }
        const first = await scores(3)
        checkSameBytes(await scores(3), first, 'scores')
        const other = await scores(4)
        check(
          first.some((score, at) => score !== other[at]),
          'two seeds give the same scores, though the class says that it is seeded',
        )
      },
    },
    {
      name: 'refuses an option that it does not know, by name',
      run: () => checkError(() => create({ noSuchOption: 1 }), 'INVALID_OPTIONS', 'noSuchOption'),
    },
    {
      name: 'refuses sizes that are far too large before it takes memory for them, or answers with them',
      run: () => checkSizes(create),
    },
    {
      name: 'says that it was disposed of when it is used afterwards',
      run: async () => {
        const model = create()
        await model.prepare()
        const recommender = await model.toRecommender()
        model.dispose()
        model.dispose()
        for (const use of [
          () => model.prepare(),
          () => model.toRecommender(),
          () => model.save({}),
        ]) {
          await checkError(use, 'DISPOSED', Model.architecture)
        }
        checkFinite(scoresOf(recommender), 'scores of a recommender that was made before')
        recommender.dispose()
        checkFinite(scoresOf(recommender), 'scores of a recommender that made room')
        model.graph.dispose()
      },
    },
    {
      name: 'gives each of two callers of prepare() its own signal',
      run: async () => {
        const model = create()
        const controller = new AbortController()
        const reason = new Error('no longer wanted')
        const one = model.prepare({ signal: controller.signal }).catch((error: unknown) => error)
        const other = model.prepare()
        controller.abort(reason)
        await other
        const problem = await one
        check(
          problem === undefined || problem === reason,
          `got ${problem} from the one that aborts`,
        )
        await model.prepare()
        model.dispose()
        model.graph.dispose()
      },
    },
    {
      name: 'stops preparing with the reason of an aborted signal, or is ready at once',
      run: async () => {
        const model = create()
        const reason = new Error('no longer wanted')
        const problem = await model.prepare({ signal: AbortSignal.abort(reason) }).catch((e) => e)
        check(
          problem === undefined || problem === reason,
          `got ${problem}, expected the reason of the signal`,
        )
        await model.prepare()
        checkFinite(scoresOf(await model.toRecommender()), 'scores')
        model.dispose()
        model.graph.dispose()
      },
    },
  ]
}

async function checkLists(model: Model): Promise<void> {
  const recommender = await model.toRecommender()
  const scores = scoresOf(recommender)
  const { users, items } = model.graph
  for (const user of [0, 1, 2, 57]) {
    const seen = new Set(model.graph.userItems(user))
    const id = users.idOf(user)
    const answer = recommender.recommend(id, { k: 7 })
    const count = Math.min(7, itemCount - seen.size)
    check(answer.items.length === count, `${id}: got ${answer.items.length} of ${count} items`)
    const score = (item: number) => scores[user * itemCount + item]
    const listed = answer.items.map((item) => items.indexOf(item))
    const ordered = [...Array(itemCount).keys()]
      .filter((item) => !seen.has(item))
      .sort((a, b) => score(b) - score(a) || a - b)
      .slice(0, count)
    check(
      ordered.every((item, place) => score(item) === score(listed[place])),
      () => `${id}: got ${listed}, expected ${ordered}`,
    )
    check(
      listed.every((item) => !seen.has(item)),
      `${id}: the list holds an item that the user has met`,
    )
  }
}

function lastUser({ graph }: Model): string {
  return graph.users.idOf(graph.userCount - 1)
}
