/** How a command shows what it found: columns for people, JSON for programs. */
export type Format = 'table' | 'json';

type Cell = string | number | bigint | boolean | null;

/** Rows under a header, each column as wide as its widest cell. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [header, ...rows.map(row => row.map(cell => (cell === null ? '-' : String(cell))))];
  const widths = header.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  return cells
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** JSON with 64-bit numbers as numbers where a double holds them exactly, else as strings. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item !== 'bigint' ? item : Number.isSafeInteger(Number(item)) ? Number(item) : String(item),
    indent,
  );
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints `value` as JSON, or as `asTable` says. */
export function show(format: Format, value: unknown, asTable: () => string): void {
  print(format === 'json' ? json(value, 2) : asTable());
}

/** Whoever reads our output may stop (`| head`): that ends a command quietly, it is no accident. Called once. */
export function watchReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Resolves when `text` has gone out, so that a slow reader is waited for; false when nobody reads any more. */
export function write(text: string): Promise<boolean> {
  return new Promise(resolve => process.stdout.write(text, error => resolve(!error)));
}
