import { type Id, IdMap, parseOptions, TimeSlice } from '@gnnrec/graph'
import type { ModelKind, ScoreDefinition } from '../model-folder/model-json.js'
import type { ModelTarget } from '../model-folder/place.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import { answerPeople, type Person, type Plan } from './answer-people.js'
import { type BestItems, shortestList } from './best-items.js'
import type { ColdStart } from './cold-start.js'
import { NotSupportedError } from './errors.js'
import { type ExplainingModel, explainScore } from './explain-score.js'
import type { Explanation } from './explanation.js'
import type { HistoryItem } from './histories.js'
import type { ItemFilter } from './item-filter.js'
import type { ItemStanding } from './item-standing.js'
import { type LiftingItems, type LiftingModel, liftItem } from './lift-item.js'
import { type ListItems, type ListRule, listChoice, listRule } from './list-rule.js'
import { knownIndices, listLength } from './list-selection.js'
import { makeFilter } from './make-filter.js'
import { checkScore, listOf, show, usersPerBlock } from './make-recommendation.js'
import { peopleOfHistories, peopleOfUsers, personAsked } from './people.js'
import { placeItem } from './place-item.js'
import {
  type ExplainOptions,
  explainSchema,
  type FilterItems,
  type FilterOptions,
  filterSchema,
  type RecommendAllOptions,
  type RecommendForOptions,
  type RecommendOptions,
  recommendAllSchema,
  recommendForSchema,
  recommendSchema,
  type SaveOptions,
  type SimilarItemsOptions,
  type SimilarUsersOptions,
  saveSchema,
  similarItemsSchema,
  similarUsersSchema,
  type WhyNotOptions,
  whyNotSchema,
} from './recommend-options.js'
import type {
  HistoryRecommendation,
  RankedItems,
  RankedUsers,
  Recommendation,
} from './recommendation.js'
import type { RecommenderInterface } from './recommender-interface.js'
import { ruledOutBy } from './ruled-out.js'
import { prepareRules, type RuleSetting } from './rules.js'
import { ScoringRecommender } from './scoring-recommender.js'
import { type SimilarQuestion, similarByScores } from './similar-nodes.js'

/** The users of a folder without users. */
const nobody = {
  users: IdMap.from<never>([]),
  seen: { pointers: new Int32Array(1), items: new Int32Array() },
}

/** The part that all kinds of recommenders share: answers in ids, and saving. */
export abstract class BaseRecommender<UserId extends Id, ItemId extends Id>
  extends ScoringRecommender<UserId, ItemId>
  implements RecommenderInterface<UserId, ItemId>
{
  abstract withColdStart(coldStart: ColdStart): RecommenderInterface<UserId, ItemId>

  /** Returns what a model folder keeps of this kind of recommender. */
  protected abstract toParts(): {
    kind: ModelKind
    score: ScoreDefinition
    serving: TensorMap
    foldIn?: TensorMap
  }

  /**
   * Returns the tensors of {@link toParts} without what is known of single users.
   *
   * @throws NotSupportedError when the kind answers from its users
   */
  protected servingWithoutUsers(): TensorMap {
    return this.toParts().serving
  }

  /** The parts that every kind of recommender is made from. */
  protected get common() {
    const { users, items, seen, origin, popularity } = this
    return { users, items, seen, origin, popularity }
  }

  /**
   * Returns the terms of the score of an item, one for each item of the history; `'none'` when it does not depend on
   * the history, undefined when it is no sum of such terms.
   */
  protected contributions(_plan: Plan, _item: number): Float64Array | 'none' | undefined {
    return undefined
  }

  /**
   * Returns the items that raise the score of one when somebody meets them too, or could; undefined when none can.
   * Those most similar to it are worth a trial.
   */
  protected liftingItems(item: number): LiftingItems | undefined {
    return { method: 'tried', values: this.similarities('items', item) }
  }

  /**
   * Returns the vectors of the items of length 1, row-major.
   *
   * @throws NotSupportedError when the kind has none
   */
  protected itemVectors(): Float32Array {
    throw new NotSupportedError(
      'This recommender has no embeddings of items to compare; give diversify a function `by` or `vectors`, or use a model such as BprMf or LightGcn.',
    )
  }

  /**
   * Finds the nodes most similar to one without handing out all similarities, in the kinds that can;
   * undefined when a similarity is NaN.
   */
  protected rankSimilar?(question: SimilarQuestion): BestItems | undefined

  /** Returns the similarity of each user (or item) to one of them; -Infinity leaves one out. */
  protected abstract similarities(side: 'users' | 'items', index: number): Float32Array

  recommend(
    users: readonly UserId[],
    options?: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId>[]
  recommend(
    user: UserId,
    options?: RecommendOptions<ItemId> & { unknownIds?: 'error' },
  ): Recommendation<UserId, ItemId>
  recommend(
    user: UserId,
    options: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId> | undefined
  recommend(
    users: UserId | readonly UserId[],
    options: RecommendOptions<ItemId> = {},
  ): Recommendation<UserId, ItemId>[] | Recommendation<UserId, ItemId> | undefined {
    const { unknownUser, since, unknownItems, halfLife, unknownIds, ...wanted } = parseOptions(
      'recommend',
      recommendSchema,
      options,
    )
    const rule = listRule(this.items, 'recommend', wanted, unknownIds)
    const isMany = Array.isArray(users)
    const ids: readonly UserId[] = isMany ? users : [users as UserId]
    const asked = peopleOfUsers(this, ids, {
      isMany,
      since,
      unknownUser: unknownUser ?? unknownIds,
      unknownItems,
      halfLife,
    })
    const idOf = (at: number) => ids[asked[at].place]
    const lists = this.#listsOf(asked, rule, (at) => `user ${show(idOf(at))}`)
    const named = lists.map((list, at) => ({ user: idOf(at), ...list }))
    return isMany ? named : named[0]
  }

  recommendFor(
    histories: readonly (readonly HistoryItem<ItemId>[])[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>[]
  recommendFor(
    history: readonly HistoryItem<ItemId>[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>
  recommendFor(
    given: readonly HistoryItem<ItemId>[] | readonly (readonly HistoryItem<ItemId>[])[],
    options: RecommendForOptions<ItemId> = {},
  ): HistoryRecommendation<ItemId>[] | HistoryRecommendation<ItemId> {
    const { unknownItems, halfLife, unknownIds, ...wanted } = parseOptions(
      'recommendFor',
      recommendForSchema,
      options,
    )
    const rule = listRule(this.items, 'recommendFor', wanted, unknownIds)
    const { people, isMany } = peopleOfHistories(this.items, given, { unknownItems, halfLife })
    const lists = this.#listsOf(people, rule, (at) => `history ${at}`)
    return isMany ? lists : lists[0]
  }

  similarItems(item: ItemId, options: SimilarItemsOptions<ItemId> = {}): RankedItems<ItemId> {
    const { k, unknownIds, ...chosen } = parseOptions('similarItems', similarItemsSchema, options)
    const choice = listChoice(this.items, chosen, unknownIds)
    const { items, scores, isCold } = this.#similar('items', item, k, choice)
    return {
      items: Array.from(items, (index) => this.items.idOf(index)),
      scores: Array.from(scores),
      source: isCold ? 'popularity' : 'trained',
    }
  }

  similarUsers(user: UserId, options: SimilarUsersOptions = {}): RankedUsers<UserId> {
    const { k } = parseOptions('similarUsers', similarUsersSchema, options)
    const { items, scores, isCold } = this.#similar('users', user, k)
    return {
      users: Array.from(items, (index) => this.users.idOf(index)),
      scores: Array.from(scores),
      source: isCold ? 'none' : 'trained',
    }
  }

  score(user: UserId, items: readonly ItemId[]): number[] {
    const scores = new Float32Array(items.length)
    const indices = knownIndices(this.items, items, 'error')
    this.scoreAll(Int32Array.of(this.users.indexOf(user)), indices, scores)
    for (let place = 0; place < scores.length; place++) {
      checkScore(`user ${show(user)}`, this.items, indices[place], scores[place])
    }
    return Array.from(scores)
  }

  explain(
    asked: UserId | readonly HistoryItem<ItemId>[],
    item: ItemId,
    options: ExplainOptions = {},
  ): Explanation<ItemId> {
    const rule = parseOptions('explain', explainSchema, options)
    const index = this.items.indexOf(item)
    const person = personAsked(this, asked, rule)
    const { contributions, ...explained } = explainScore(this.#model, person, index)
    checkScore(askerName(asked), this.items, index, explained.score)
    return {
      item,
      ...explained,
      contributions: contributions.map(({ item: other, contribution }) => ({
        item: this.items.idOf(other),
        contribution,
      })),
    }
  }

  whyNot(
    asked: UserId | readonly HistoryItem<ItemId>[],
    item: ItemId,
    options: WhyNotOptions<ItemId> = {},
  ): ItemStanding<ItemId> {
    const { unknownItems, halfLife, unknownIds, lifts, ...wanted } = parseOptions(
      'whyNot',
      whyNotSchema,
      options,
    )
    const rule = listRule(this.items, 'whyNot', wanted, unknownIds)
    const index = this.items.indexOf(item)
    const person = personAsked(this, asked, { unknownItems, halfLife })
    const { last, ...standing } = placeItem(this.#model, person, index, rule)
    checkScore(askerName(asked), this.items, index, standing.score)
    if (last) checkScore(askerName(asked), this.items, last.item, last.score)
    const wantedLifts = standing.leftOut === null ? lifts : 0
    const place = { item: index, rank: standing.rank }
    const found = liftItem(this.#model, person, place, rule, wantedLifts)
    const ruled =
      standing.leftOut === null &&
      ruledOutBy(this.#model, person, index, rule, this.#settingOf(rule))
    return {
      item,
      ...standing,
      ...(ruled && { ruledOutBy: ruled }),
      last: last && { ...last, item: this.items.idOf(last.item) },
      lifts: {
        ...found,
        items: found.items.map((lift) => ({ ...lift, item: this.items.idOf(lift.item) })),
      },
    }
  }

  filter(items: FilterItems<ItemId>, options: FilterOptions = {}): ItemFilter<ItemId> {
    return makeFilter(this.items, items, parseOptions('filter', filterSchema, options))
  }

  dispose(): void {}

  async save(target: ModelTarget, options: SaveOptions = {}): Promise<void> {
    const kept = parseOptions('save', saveSchema, options)
    const { users, items, seen } = this
    const { foldIn, score, ...parts } = this.toParts()
    const { foldIn: _, ...scoreAlone } = score
    const answering = kept.foldIn ? { score, ...(foldIn && { foldIn }) } : { score: scoreAlone }
    const people = kept.users ? { users, seen } : { ...nobody, serving: this.servingWithoutUsers() }
    const hasUsers = kept.users && users.size > 0
    const counts = hasUsers ? {} : { popularity: this.popularity }
    // Imported when it is needed: web pages answer but do not save.
    const { writeModelFolder } = await import('../model-folder/write-model-folder.js')
    await writeModelFolder(target, {
      ...this.origin,
      ...parts,
      ...answering,
      items,
      ...people,
      ...counts,
    })
  }

  async *recommendAll(
    options: RecommendAllOptions<UserId, ItemId> = {},
  ): AsyncGenerator<Recommendation<UserId, ItemId>[], void, undefined> {
    const {
      users,
      blockSize: wantedSize,
      signal,
      ...wanted
    } = parseOptions('recommendAll', recommendAllSchema, options)
    const rule = listRule(this.items, 'recommendAll', wanted, 'error')
    const asked = users
      ? knownIndices(this.users, users, 'error')
      : Int32Array.from({ length: this.userCount }, (_, user) => user)
    const blockSize = wantedSize ?? usersPerBlock(rule.k, 256)
    const slice = new TimeSlice(signal)
    for (let start = 0; start < asked.length; start += blockSize) {
      if (start > 0) await slice.next()
      const block = Array.from(asked.subarray(start, start + blockSize))
      const idOf = (at: number) => this.users.idOf(block[at])
      const people = block.map((user) => ({ user }))
      const lists = this.#listsOf(people, rule, (at) => `user ${show(idOf(at))}`)
      yield lists.map((list, at) => ({ user: idOf(at), ...list }))
    }
  }

  get #model(): ExplainingModel & LiftingModel {
    return {
      itemCount: this.itemCount,
      seen: this.seen,
      popularity: this.popularity,
      cold: this.cold,
      askUsers: (users, excludeOf) => ({
        count: users.length,
        excludeOf,
        score: (first, last, items, out) => this.scoreAll(users.subarray(first, last), items, out),
        rank: (k, choice) => this.rankAll(users, k, excludeOf, choice),
        usesIndex: this.usesIndex,
      }),
      askHistories: (histories, excludeOf) => this.askHistories(histories, excludeOf),
      contributions: (plan, item) => this.contributions(plan, item),
      liftingItems: (item) => this.liftingItems(item),
    }
  }

  #settingOf({ k, unknownIds = 'error' }: ListRule): RuleSetting {
    const { items, popularity } = this
    return { k, items, unknownIds, popularity, itemVectors: () => this.itemVectors() }
  }

  /** @param askerOf - names the person at a place, for errors */
  #listsOf(
    people: readonly Person[],
    rule: ListRule,
    askerOf: (place: number) => string,
  ): HistoryRecommendation<ItemId>[] {
    const parts = { items: this.items, cold: this.cold }
    const make = prepareRules(rule.rules, this.#settingOf(rule))
    return answerPeople(this.#model, people, rule, make).map((answer, place) => {
      const { best, source, ignored, rules } = answer
      const list = listOf(parts, best, source, askerOf(place))
      return { ...list, ...(ignored > 0 && { ignoredItems: ignored }), ...(rules && { rules }) }
    })
  }

  #similar(side: 'users' | 'items', id: Id, wanted: number | undefined, choice?: ListItems) {
    const owner = side === 'items' ? 'similarItems' : 'similarUsers'
    const k = listLength(owner, wanted, this[side].size, side)
    const question = { side, index: this[side].indexOf(id), k, choice }
    const { cold } = this
    if (cold?.has(side, question.index)) {
      // Of a node without interactions the model knows nothing; users have nothing that stands in for it.
      const best = side === 'items' ? cold.popularity.slice() : undefined
      return { ...(best ? similarByScores(best, question, cold) : shortestList), isCold: true }
    }
    const best =
      this.rankSimilar?.(question) ??
      similarByScores(this.similarities(side, question.index), question, cold)
    return { ...best, isCold: false }
  }
}

/** Returns the person who is asked for as errors say it. */
function askerName(asked: Id | readonly HistoryItem[]): string {
  return Array.isArray(asked) ? 'the history' : `user ${show(asked as Id)}`
}
