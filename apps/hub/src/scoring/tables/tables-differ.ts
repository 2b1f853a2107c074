/** The two files can't be scored; `explainMismatch` finds out why and names the row. */
export class TablesDiffer extends Error {
  override readonly name = "TablesDiffer";
  constructor(options?: ErrorOptions) {
    super("The tables can't be scored.", options);
  }
}
