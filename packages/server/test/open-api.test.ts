import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { createHandler } from '../src/handler.js'
import { asking } from './support/ask.js'
import { filmModel } from './support/model.js'

const { get, post } = asking(createHandler({ model: filmModel(), limits: { listLength: 77 } }))

it('describes itself by a valid document of OpenAPI 3.1 with the limits of the server', async () => {
  const { json } = await get('/openapi.json')
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(json))
  expect(errors).toBeUndefined()
  expect([valid, validator.version]).toEqual([true, '3.1'])
  expect(JSON.stringify(json)).toContain('"maximum":77')
  expect(Object.keys(json.paths).sort()).toEqual([
    '/explain',
    '/health',
    '/items/{item}/similar',
    '/metrics',
    '/models',
    '/models/roll-back',
    '/models/swap',
    '/openapi.json',
    '/ready',
    '/recommendations',
    '/scores',
    '/similar-items',
    '/users/{user}/recommendations',
    '/why-not',
  ])
})

it('answers as the document says', async () => {
  const { json: document } = await get('/openapi.json')
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const check = (path: string, method: 'get' | 'post', status: number, value: unknown) => {
    const { schema } = document.paths[path][method].responses[status].content['application/json']
    const whole = { ...schema, components: document.components }
    expect(ajv.validate(whole, value), `${path}: ${ajv.errorsText()}`).toBe(true)
  }
  for (const [path, url] of [
    ['/users/{user}/recommendations', '/users/ann/recommendations'],
    ['/users/{user}/recommendations', '/users/zoe/recommendations'],
    ['/items/{item}/similar', '/items/Alien/similar'],
    ['/items/{item}/similar', '/items/Nothing/similar'],
    ['/models', '/models'],
    ['/health', '/health'],
    ['/ready', '/ready'],
    ['/openapi.json', '/openapi.json'],
  ]) {
    const { status, json } = await get(url)
    check(path, 'get', status, json)
  }
  for (const [path, body] of [
    ['/recommendations', { history: ['Alien', 'Nothing'] }],
    ['/recommendations', { history: 'Alien' }],
    ['/scores', { user: 'ann', items: ['Clue'] }],
    ['/explain', { history: ['Alien'], item: 'Clue' }],
    ['/why-not', { user: 'ann', item: 'Clue' }],
    ['/similar-items', { item: 'Alien' }],
    ['/models/swap', {}],
    ['/models/roll-back', {}],
  ] as const) {
    const { status, json } = await post(path, body)
    check(path, 'post', status, json)
  }
})
