/** A table of text that can be written in any format. */
export interface Table {
  /** The columns, from left to right. */
  readonly columns: readonly TableColumn[]
  /** Rows with one cell for each column. */
  readonly rows: readonly (readonly string[])[]
  /** Sentences below the table. */
  readonly notes?: readonly string[]
}

/** A column of a table. */
export interface TableColumn {
  /** Title in the head of the table. */
  readonly title: string
  /** Alignment of the cells. */
  readonly align: 'left' | 'right'
}
