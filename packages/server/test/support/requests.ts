import fc from 'fast-check'

/** The part of a schema of JSON that the API uses. */
interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

interface Operation {
  readonly parameters?: readonly { in: string; name: string; schema: Schema }[]
  readonly requestBody?: { content: { 'application/json': { schema: Schema } } }
}

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** A request to a path of the document. */
export interface MadeRequest {
  readonly method: string
  /** The path as the document has it. */
  readonly path: string
  readonly url: string
  readonly body: string | undefined
}

const hostile = [
  '../../etc/passwd',
  '..',
  '\u0000',
  '\r\nx-forged: 1',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '\u202e',
  'Аlien',
  'a'.repeat(10_000),
]
/** Ids of the models of the tests, ones that look like them, and text of all kinds. */
const idText = fc.oneof(
  fc.constantFrom('ann', 'ben', 'Alien', 'Clue', 'Fargo', '1', '2', '10', '30', '01', '1e0'),
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const number = fc.oneof(fc.constantFrom(0, 1, 2, 10, 20, 30, -1, 0.5, 1e9, 1e308), fc.double())

/** Draws requests to all operations of a document of OpenAPI: right ones, ones with something wrong, and noise. */
export function requestsOf({ paths }: Described): fc.Arbitrary<MadeRequest> {
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      requestOf(path, method.toUpperCase(), operation),
    ),
  )
  return fc.oneof(...all)
}

function requestOf(
  path: string,
  method: string,
  { parameters = [], requestBody }: Operation,
): fc.Arbitrary<MadeRequest> {
  const query = parameters.filter((each) => each.in === 'query')
  const wanted = Object.fromEntries(query.map(({ name, schema }) => [name, mostly(schema)]))
  const schema = requestBody?.content['application/json'].schema
  return fc
    .record({
      ids: fc.array(
        idText.filter((text) => text !== '' && text !== '.' && text !== '..'),
        { minLength: 2, maxLength: 2 },
      ),
      query: fc.record(wanted, { requiredKeys: [] }),
      extra: fc.option(fc.tuple(idText, idText), { freq: 20 }),
      body: schema
        ? fc.oneof({ weight: 20, arbitrary: textOf(schema) }, { weight: 1, arbitrary: fc.string() })
        : fc.constant(undefined),
    })
    .map(({ ids, query, extra, body }) => {
      let at = 0
      const place = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(ids[at++]))
      const search = new URLSearchParams(
        [...Object.entries(query), ...(extra ? [extra] : [])].map(([name, value]) => [
          name,
          typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
        ]),
      )
      const url = search.size > 0 ? `${place}?${search}` : place
      return { method, path, url, body }
    })
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  return mostly(schema).map((value) => JSON.stringify(value) ?? '')
}

/** Draws what fits a schema, and now and then any JSON. */
function mostly(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 30, arbitrary: fitting(schema) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 12 }) },
  )
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(mostly))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [] } = schema
      const fields = Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, mostly(each)]),
      )
      return fc.record(fields, { requiredKeys: [...required] })
    }
    case 'array':
      return fc.array(mostly(schema.items ?? {}), { maxLength: 4 })
    case 'integer':
      return fc.oneof(fc.integer({ min: 1, max: 40 }), number)
    case 'number':
      return number
    case 'boolean':
      return fc.boolean()
    case 'string':
      return idText
    default:
      return fc.jsonValue()
  }
}
