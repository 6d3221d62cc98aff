import type * as z from 'zod'
import type { ModelSlot } from '../models/model-slot.js'
import type { ServedModel } from '../models/served-model.js'
import type { Role } from './api-keys.js'

/** A record of numbers about answers, such as one for Prometheus. */
export interface Metrics {
  /** Takes note of an answer. */
  observe(answer: {
    /** The path of the endpoint, with names for ids, or `'none'`. */
    readonly route: string
    readonly method: string
    readonly status: number
    readonly seconds: number
  }): void
  /** Returns the numbers as text, and its content type. */
  text(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** An answer that is not JSON. */
export class TextAnswer {
  readonly contentType: string
  readonly text: string

  constructor(contentType: string, text: string) {
    this.contentType = contentType
    this.text = text
  }
}

/** The checked parts of a request. */
export interface Asked<Query, Body> {
  /** Decoded parts of the path. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
}

/** The things that an endpoint answers from. */
export interface EndpointContext {
  readonly slot: ModelSlot
  readonly metrics: Metrics | undefined
  /** The document that describes all endpoints. */
  openApi(): object
  /** Returns the model, once it is loaded. */
  model(): Promise<ServedModel>
}

/** A question of the API. */
export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** The path, with ids as names in braces. */
  readonly path: string
  /** The role of the keys that may ask; undefined when no key is needed. */
  readonly role: Role | undefined
  readonly summary: string
  /** Schema of the query; none without it. */
  readonly query?: z.ZodObject
  /** Schema of the body; none without it. */
  readonly body?: z.ZodObject
  /** Schema of the answer, or the content type of one that is not JSON. */
  readonly answer: z.ZodType | string
  run(asked: Asked<never, never>, context: EndpointContext): unknown
}

/** Makes an endpoint whose `run` gets what its schemas give. */
export function endpoint<
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(
  definition: Omit<Endpoint, 'run' | 'query' | 'body'> & {
    query?: Query
    body?: Body
    run(asked: Asked<z.output<Query>, z.output<Body>>, context: EndpointContext): unknown
  },
): Endpoint {
  return definition
}
