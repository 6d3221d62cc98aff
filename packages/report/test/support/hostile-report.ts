import type { ReportOptions } from '@gnnrec/report'
import { madeModel, sevenModels } from './made-input.js'

const image = '<img src=x onerror="document.title=\'ran\'">'
const script = "</title></style></svg><script>document.title = 'ran'</script>"

/** A report of which every text tries to run. */
export function hostileReport(): ReportOptions {
  const { models, users, ...rest } = sevenModels()
  const names = models.map(({ name }, place) => `${name} ${place % 2 ? image : script} "' -->`)
  return {
    ...rest,
    title: `Report ${script}${image}`,
    description: `About ${image}`,
    models: models.map((model, place) => {
      const { evaluation, ...own } = madeModel(names[place], place, { flags: ['degenerate'] })
      return {
        ...own,
        recommended: model.recommended,
        evaluation: {
          ...evaluation,
          protocol: {
            ...evaluation.protocol,
            splitMethod: { name: script, settings: { [image]: script } },
            splitHash: image,
          },
        } as (typeof model)['evaluation'],
      }
    }),
    users: users?.map((user) => ({
      id: `${image}${script}`,
      consumed: [{ id: 1, title: `Film ${script}` }, { id: image }],
      recommended: Object.fromEntries(
        Object.values(user.recommended).map((items, place) => [
          names[place],
          items.map((item) => ({ ...item, title: `${image} ${item.title}` })),
        ]),
      ),
    })),
    environment: { node: script, packages: { [image]: script } },
  }
}
