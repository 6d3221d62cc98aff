/** The roles that columns of a file of interactions can have, in the order in which they are looked for. */
export const columnRoles = ['user', 'item', 'rating', 'timestamp', 'weight'] as const
