/** A table of text, the same for all formats. */
export interface Table {
  readonly columns: readonly TableColumn[]
  /** A cell for each column. */
  readonly rows: readonly (readonly string[])[]
}

/** A column of a table. */
export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
}
