import { ShapeMismatchError, type SparseMatrix } from '@gnnrec/graph'
import type { KernelBackend, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import { deviceMatrix } from '../kernels/device-matrix.js'
import type { DeviceMatrix, OpKernels } from '../kernels/kernel-interface.js'

/**
 * One step over a bipartite graph: what users take from items, and items from users.
 *
 * Together the blocks are the operator Â = [[0, toUsers], [toItems, 0]].
 */
export interface BipartiteOperator {
  /** userCount × itemCount */
  readonly toUsers: SparseMatrix
  /** itemCount × userCount */
  readonly toItems: SparseMatrix
  /**
   * Whether the operator serves one step only, such as a random part of a graph: what backends hold
   * of it is freed after its gradient. @defaultValue false
   */
  readonly singleUse?: boolean
}

/** Values of users [userCount, d] and items [itemCount, d]. */
export type NodeTensors = {
  readonly users: Tensor2D
  readonly items: Tensor2D
}

/** Values of both sides inside an operator. */
export type Nodes = Readonly<Record<keyof NodeTensors, TensorInfo>>

/** What of a step is wanted; see `ProductPart`. */
interface StepPart {
  /** The rows of the result, int32. */
  readonly rows?: Nodes
  /** 0 where a row of x is known to be zeros, int32. */
  readonly nonZeroRows?: Partial<Nodes>
}

/** What {@link withScratch} computes with. */
export interface Scratch {
  /** scale · Â x + baseScale · base, or a part of it */
  step(x: Nodes, scale: number, base: Nodes, baseScale: number, part?: StepPart): Nodes
  /** Has new tensors freed as those of {@link step}. */
  track(tensor: TensorInfo): TensorInfo
  /** Frees some of what was made. */
  free(nodes: Nodes): void
  /** Frees all that was made but these. */
  keepOnly(...nodes: readonly Nodes[]): void
}

/**
 * Runs a computation with the operator's blocks. If it fails, as it does when memory runs out, all
 * that it made is freed.
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

/** The inputs `users` and `items` of an operator. */
export function nodesOf(inputs: Readonly<Record<string, TensorInfo>>): Nodes {
  return { users: inputs['users'], items: inputs['items'] }
}

/** Âᵀ, ready to be used in an operator. */
export function adjointOf({ toUsers, toItems }: BipartiteOperator): BipartiteOperator {
  const adjoint = { toUsers: toItems.transpose(), toItems: toUsers.transpose() }
  upload(adjoint)
  return adjoint
}

/** Frees what backends hold of an operator that serves one step, after its gradient. */
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

/** Tensors of matrices are made outside of operators, where tfjs's scopes leave them alone. */
function upload({ toUsers, toItems }: BipartiteOperator): void {
  deviceMatrix(toUsers)
  deviceMatrix(toItems)
}
