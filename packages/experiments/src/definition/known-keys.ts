import type * as z from 'zod'

interface SchemaDefinition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly element?: z.core.$ZodType
  readonly innerType?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
  readonly valueType?: z.core.$ZodType
}

/** Returns the keys that a schema knows at a path, in all alternatives there. */
export function knownKeys(schema: z.core.$ZodType, path: readonly (string | number)[]): string[] {
  const keys = schemasAt(schema, path).flatMap((each) =>
    Object.keys(definitionOf(each).shape ?? {}),
  )
  return [...new Set(keys)]
}

function schemasAt(schema: z.core.$ZodType, path: readonly (string | number)[]): z.core.$ZodType[] {
  const { innerType, options, shape, element, valueType } = definitionOf(schema)
  if (innerType) return schemasAt(innerType, path)
  if (options) return options.flatMap((option) => schemasAt(option, path))
  const [key, ...rest] = path
  if (key === undefined) return [schema]
  const next = shape ? (Object.hasOwn(shape, key) ? shape[key] : undefined) : (element ?? valueType)
  return next ? schemasAt(next, rest) : []
}

function definitionOf(schema: z.core.$ZodType): SchemaDefinition {
  return schema._zod.def as unknown as SchemaDefinition
}
