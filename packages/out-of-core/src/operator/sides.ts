/** The sides of a bipartite graph. */
export const sides = ['users', 'items'] as const
export type Side = (typeof sides)[number]
export const opposite = { users: 'items', items: 'users' } as const
