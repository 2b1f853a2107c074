/** Answers as a CSV file, each cell as it is: what a spreadsheet makes of them is nobody's business here. */
export function answerFile(
  answers: { idField: string; ids: readonly string[] },
  columns: ReadonlyMap<string, string[]>,
): string {
  const names = [...columns.keys()];
  const lines = answers.ids.map((id, row) => [id, ...names.map((name) => columns.get(name)?.[row] ?? "")]);
  return [[answers.idField, ...names], ...lines].map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}

const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
