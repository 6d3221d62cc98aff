// The best of each row of scores, for lists of recommendations.

// The state of the current row: scores below the threshold are too low, and `tied` items were left out
// with exactly that score. Each thread has its own state.
let threshold: f32 = 0
let isSettled: bool = false
let tied: i32 = 0
let size: i32 = 0

// Finds, for rows start..end-1 of `scores` (rows × columns), the k best items by falling score, equal ones
// by rising item, without those of maskItems[maskPointers[r]..maskPointers[r+1]-1], whose scores are
// overwritten. `places` >= min(k + 1, columns) items of a row fit into its part of workItems and
// workScores. outLengths has two numbers a row: the length of the list and the number of items outside with
// the score of its last place. When the score of an item is NaN, they are -1 and the item.
export function topRows(
  scores: usize,
  columns: i32,
  maskPointers: usize,
  maskItems: usize,
  k: i32,
  places: i32,
  workItems: usize,
  workScores: usize,
  outItems: usize,
  outScores: usize,
  outLengths: usize,
  start: i32,
  end: i32,
): void {
  for (let row = start; row < end; row++) {
    const base = scores + ((<usize>row * <usize>columns) << 2)
    const items = workItems + ((<usize>row * <usize>places) << 2)
    const values = workScores + ((<usize>row * <usize>places) << 2)
    const lengths = outLengths + ((<usize>row) << 3)
    const maskStart = load<i32>(maskPointers + ((<usize>row) << 2))
    const maskEnd = load<i32>(maskPointers + ((<usize>row) << 2), 4)
    for (let m = maskStart; m < maskEnd; m++) {
      const item = load<i32>(maskItems + ((<usize>m) << 2))
      store<f32>(base + ((<usize>item) << 2), -Infinity)
    }
    const broken = collect(base, columns, k, places, items, values)
    if (broken >= 0) {
      store<i32>(lengths, -1)
      store<i32>(lengths, broken, 4)
      continue
    }
    const candidates = columns - (maskEnd - maskStart)
    const length = min(min(k, size), candidates)
    sortBest(items, values, 0, min(k, size))
    const target = (<usize>row * <usize>k) << 2
    memory.copy(outItems + target, items, (<usize>length) << 2)
    memory.copy(outScores + target, values, (<usize>length) << 2)
    store<i32>(lengths, length)
    store<i32>(lengths, candidates > k ? tied : 0, 4)
  }
}

// Moves all that may be among the k best to the front of items and values. Returns the item of a NaN, or -1.
function collect(base: usize, columns: i32, k: i32, places: i32, items: usize, values: usize): i32 {
  threshold = -Infinity
  isSettled = false
  tied = 0
  size = 0
  let column = 0
  while (column < columns) {
    const last = min(column + 16, columns)
    if (last - column == 16) {
      const from = base + ((<usize>column) << 2)
      const limit = f32x4.splat(threshold)
      const below = v128.and(
        v128.and(f32x4.lt(v128.load(from), limit), f32x4.lt(v128.load(from, 16), limit)),
        v128.and(f32x4.lt(v128.load(from, 32), limit), f32x4.lt(v128.load(from, 48), limit)),
      )
      if (i32x4.all_true(below)) {
        column = last
        continue
      }
    }
    for (; column < last; column++) {
      const value = load<f32>(base + ((<usize>column) << 2))
      if (value < threshold) continue
      if (value != value) return column
      if (isSettled && value == threshold) {
        tied++
        continue
      }
      store<i32>(items + ((<usize>size) << 2), column)
      store<f32>(values + ((<usize>size) << 2), value)
      size++
      if (size == places) settle(items, values, k)
    }
  }
  settle(items, values, k)
  return -1
}

// Keeps the k best of the items collected so far.
function settle(items: usize, values: usize, k: i32): void {
  if (size <= k) return
  selectBest(items, values, size, k)
  let last = load<f32>(values)
  for (let place = 1; place < k; place++) {
    const value = load<f32>(values + ((<usize>place) << 2))
    if (value < last) last = value
  }
  if (!isSettled || last != threshold) tied = 0
  for (let place = k; place < size; place++) {
    if (load<f32>(values + ((<usize>place) << 2)) == last) tied++
  }
  threshold = last
  isSettled = true
  size = k
}

// Length up to which ranges are sorted by insertion.
const FEW_ITEMS: i32 = 12

// Moves the k best of the first `count` to the front, in any order.
function selectBest(items: usize, values: usize, count: i32, k: i32): void {
  let from = 0
  let to = count
  while (to - from > FEW_ITEMS) {
    const middle = partition(items, values, from, to)
    if (middle >= k) to = middle
    else from = middle
  }
  insertionSort(items, values, from, to)
}

// Sorts start..end-1 by falling score, equal ones by rising item.
function sortBest(items: usize, values: usize, start: i32, end: i32): void {
  let from = start
  while (end - from > FEW_ITEMS) {
    const middle = partition(items, values, from, end)
    sortBest(items, values, from, middle)
    from = middle
  }
  insertionSort(items, values, from, end)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function comesBefore(a: f32, itemA: i32, b: f32, itemB: i32): bool {
  return a > b || (a == b && itemA < itemB)
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function itemAt(items: usize, place: i32): i32 {
  return load<i32>(items + ((<usize>place) << 2))
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function valueAt(values: usize, place: i32): f32 {
  return load<f32>(values + ((<usize>place) << 2))
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function put(items: usize, values: usize, place: i32, item: i32, value: f32): void {
  store<i32>(items + ((<usize>place) << 2), item)
  store<f32>(values + ((<usize>place) << 2), value)
}

// Moves all that comes before a pivot to the front of a range, and returns where the rest begins.
function partition(items: usize, values: usize, from: i32, to: i32): i32 {
  const pivot = medianOfThree(items, values, from, to)
  const pivotItem = itemAt(items, pivot)
  const pivotValue = valueAt(values, pivot)
  let low = from - 1
  let high = to
  while (true) {
    do low++
    while (comesBefore(valueAt(values, low), itemAt(items, low), pivotValue, pivotItem))
    do high--
    while (comesBefore(pivotValue, pivotItem, valueAt(values, high), itemAt(items, high)))
    if (low >= high) return high + 1
    const item = itemAt(items, low)
    const value = valueAt(values, low)
    put(items, values, low, itemAt(items, high), valueAt(values, high))
    put(items, values, high, item, value)
  }
}

// The pivot is never the last place, so that both parts of a partition have items.
function medianOfThree(items: usize, values: usize, from: i32, to: i32): i32 {
  const a = from
  const b = (from + to - 1) >> 1
  const c = to - 2
  if (placeBefore(items, values, a, b)) {
    if (placeBefore(items, values, b, c)) return b
    return placeBefore(items, values, a, c) ? c : a
  }
  if (placeBefore(items, values, a, c)) return a
  return placeBefore(items, values, b, c) ? c : b
}

function placeBefore(items: usize, values: usize, a: i32, b: i32): bool {
  return comesBefore(valueAt(values, a), itemAt(items, a), valueAt(values, b), itemAt(items, b))
}

function insertionSort(items: usize, values: usize, from: i32, to: i32): void {
  for (let i = from + 1; i < to; i++) {
    const item = itemAt(items, i)
    const value = valueAt(values, i)
    let place = i
    while (place > from && comesBefore(value, item, valueAt(values, place - 1), itemAt(items, place - 1))) {
      put(items, values, place, itemAt(items, place - 1), valueAt(values, place - 1))
      place--
    }
    put(items, values, place, item, value)
  }
}
