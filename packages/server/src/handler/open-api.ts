import * as z from 'zod'
import packageJson from '../../package.json' with { type: 'json' }
import type { Endpoint } from './endpoint.js'
import { errorAnswer } from './schemas.js'

/** The statuses of errors that an endpoint with some trait may answer with. */
const errorStatuses = {
  all: {
    400: 'Something in the request is wrong.',
    429: 'Too many requests.',
    500: 'A fault of the server.',
    503: 'Not ready, or overloaded.',
  },
  key: { 401: 'No key, or an unknown one.', 403: 'A key whose role is too low.' },
  asked: {
    404: 'An id or a path that is not known.',
    422: 'A question that this kind of model cannot answer.',
  },
  body: {
    408: 'The body came too slowly.',
    413: 'The body is too large.',
    415: 'The body is not said to be JSON.',
  },
  admin: { 409: 'The model stays as it was.' },
}

/** Makes the OpenAPI 3.1 document of endpoints from their schemas. */
export function openApiDocument(endpoints: readonly Endpoint[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const each of endpoints) {
    paths[each.path] ??= {}
    paths[each.path][each.method.toLowerCase()] = operationOf(each)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'gnnrec',
      version: packageJson.version,
      description:
        'Recommendations from a trained model. A part of a path that stands for an id is read as the type of id that the model has.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: './' }],
    paths,
    components: {
      schemas: { Error: jsonSchema(errorAnswer, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

function operationOf(endpoint: Endpoint): object {
  const { method, path, role, summary, query, body, answer } = endpoint
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: false,
      schema: jsonSchema(schema as z.ZodType, 'input'),
    })),
  ]
  const errors = {
    ...errorStatuses.all,
    ...(role && errorStatuses.key),
    ...(role && errorStatuses.asked),
    ...(body && errorStatuses.body),
    ...(role === 'admin' && errorStatuses.admin),
  }
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(body, 'input') } },
      },
    }),
    security: role ? [{ bearer: [] }, { key: [] }] : [],
    responses: {
      200: {
        description: 'The answer.',
        content:
          typeof answer === 'string'
            ? { [answer]: { schema: { type: 'string' } } }
            : { 'application/json': { schema: jsonSchema(answer, 'output') } },
      },
      ...Object.fromEntries(
        Object.entries(errors).map(([status, description]) => [
          status,
          {
            description,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        ]),
      ),
    },
  }
}

function operationId(method: string, path: string): string {
  const words = path.split(/\W+/).filter((word) => word !== '')
  return [method.toLowerCase(), ...words.map((word) => word[0].toUpperCase() + word.slice(1))].join(
    '',
  )
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  return rest
}
