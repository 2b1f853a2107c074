/** @throws an error that `isOutOfMemory` when the arrays of so many rows take more than there is room for */
export function requireRoom(rows: number, maxRows: number): void {
  if (rows > maxRows) throw new Error(`out of memory: ${rows} rows where there is room for ${maxRows}`);
}
