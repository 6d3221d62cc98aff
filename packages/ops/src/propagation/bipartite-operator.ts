import { ShapeMismatchError, type SparseMatrix } from '@gnnrec/graph'
import type { KernelBackend, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import { deviceMatrix } from '../kernels/device-matrix.js'
import type { DeviceMatrix, OpKernels } from '../kernels/kernel-interface.js'

/**
 * The operator of one propagation step over a bipartite graph.
 *
 * Together the blocks are the operator Â = [[0, toUsers], [toItems, 0]].
 */
export interface BipartiteOperator {
  /** The matrix by which users take from items, [userCount, itemCount]. */
  readonly toUsers: SparseMatrix
  /** The matrix by which items take from users, [itemCount, userCount]. */
  readonly toItems: SparseMatrix
  /**
   * True when the operator serves one step only, such as a random part of a graph. The tensors that
   * backends hold of it are then freed after its gradient.
   *
   * @defaultValue false
   */
  readonly singleUse?: boolean
}

/** Values of users and items, for instance their embeddings. */
export type NodeTensors = {
  /** Values of users, [userCount, d]. */
  readonly users: Tensor2D
  /** Values of items, [itemCount, d]. */
  readonly items: Tensor2D
}

/** Values of both sides inside an operator. */
export type Nodes = Readonly<Record<keyof NodeTensors, TensorInfo>>

/** The wanted part of a step; see `ProductPart`. */
interface StepPart {
  /** The wanted rows of the result, int32. */
  readonly rows?: Nodes
  /** Flags of rows of x, int32: 0 for rows that are known to be zeros. */
  readonly nonZeroRows?: Partial<Nodes>
}

/** Operations on tensors that are freed when a computation ends. */
export interface Scratch {
  /** Computes scale · Â x + baseScale · base, or a part of it. */
  step(x: Nodes, scale: number, base: Nodes, baseScale: number, part?: StepPart): Nodes
  /** Adds a new tensor to those that are freed at the end. */
  track(tensor: TensorInfo): TensorInfo
  /** Frees some of the tensors now. */
  free(nodes: Nodes): void
  /** Frees all tensors except these. */
  keepOnly(...nodes: readonly Nodes[]): void
}

/**
 * Runs a computation with the operator's blocks. When it fails, for instance because memory runs out,
 * all tensors that it made are freed.
 *
 * @returns users and items of each result
 */
export function withScratch(
  kernels: OpKernels,
  backend: KernelBackend,
  operator: BipartiteOperator,
  compute: (scratch: Scratch) => readonly Nodes[],
): TensorInfo[] {
  const toUsers = deviceMatrix(operator.toUsers)
  const toItems = deviceMatrix(operator.toItems)
  const alive = new Set<TensorInfo>()
  const track = (tensor: TensorInfo) => {
    alive.add(tensor)
    return tensor
  }
  const release = (tensor: TensorInfo) => {
    alive.delete(tensor)
    backend.disposeData(tensor.dataId)
  }
  const free = ({ users, items }: Nodes) => [users, items].forEach(release)
  const keepOnly = (...nodes: readonly Nodes[]) => {
    const kept = new Set(nodes.flatMap(({ users, items }) => [users, items]))
    for (const tensor of alive) if (!kept.has(tensor)) release(tensor)
  }
  const step: Scratch['step'] = (x, scale, base, baseScale, part) => {
    const product = (matrix: DeviceMatrix, to: keyof Nodes, from: keyof Nodes) => {
      const added = { x: base[to], scale: baseScale }
      const { rows, nonZeroRows } = part ?? {}
      const wanted = {
        ...(rows && { rows: rows[to] }),
        ...(nonZeroRows?.[from] && { nonZeroRows: nonZeroRows[from] }),
      }
      return track(kernels.spmm(backend, matrix, x[from], scale, added, undefined, wanted))
    }
    return {
      users: product(toUsers, 'users', 'items'),
      items: product(toItems, 'items', 'users'),
    }
  }
  try {
    return compute({ step, track, free, keepOnly }).flatMap(({ users, items }) => [users, items])
  } catch (error) {
    keepOnly()
    throw error
  }
}

/** Returns the inputs `users` and `items` of an operator. */
export function nodesOf(inputs: Readonly<Record<string, TensorInfo>>): Nodes {
  return { users: inputs['users'], items: inputs['items'] }
}

/** Makes Âᵀ, ready to be used in an operator. */
export function adjointOf({ toUsers, toItems }: BipartiteOperator): BipartiteOperator {
  const adjoint = { toUsers: toItems.transpose(), toItems: toUsers.transpose() }
  upload(adjoint)
  return adjoint
}

/** Frees the tensors that backends hold of an operator which serves one step only. */
export function releaseSingleUse({ toUsers, toItems, singleUse }: BipartiteOperator): void {
  if (!singleUse) return
  toUsers.dispose()
  toItems.dispose()
}

/**
 * Checks inputs of an operator `owner` and uploads the blocks.
 *
 * @throws ShapeMismatchError when `x` does not fit the operator, or its blocks each other
 */
export function checkNodes(owner: string, operator: BipartiteOperator, x: NodeTensors): void {
  const { toUsers, toItems } = operator
  if (toUsers.rows !== toItems.columns || toUsers.columns !== toItems.rows) {
    throw new ShapeMismatchError(
      `${owner}: got blocks of ${toUsers.rows} × ${toUsers.columns} and ${toItems.rows} × ${toItems.columns}; expected one to have the other's transposed shape.`,
    )
  }
  checkTensor(`${owner} (users)`, x.users, 'float32', [toUsers.rows, 'd'])
  checkTensor(`${owner} (items)`, x.items, 'float32', [toItems.rows, x.users.shape[1]])
  upload(operator)
}

/** Makes the tensors of matrices outside of operators, so that TensorFlow.js's scopes do not free them. */
function upload({ toUsers, toItems }: BipartiteOperator): void {
  deviceMatrix(toUsers)
  deviceMatrix(toItems)
}
