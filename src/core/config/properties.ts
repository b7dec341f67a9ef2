/** One `key=value` of a properties file, with the line it stands on (1-based). */
export interface Property {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Reads a Java properties file: comments (`#`, `!`), `=`, `:` or blank between key and value, continuation lines,
 * backslash escapes. Any text is legal, so there is no error to report.
 */
export function parseProperties(text: string): Property[] {
  const found: Property[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let whole = trimStart(lines[at]!);
    if (whole === '' || whole.startsWith('#') || whole.startsWith('!')) continue;
    while (endsInOddBackslashes(whole) && at + 1 < lines.length) whole = whole.slice(0, -1) + trimStart(lines[++at]!);
    found.push({ ...split(whole), line });
  }
  return found;
}

const trimStart = (line: string) => line.replace(/^[ \t\f]+/, '');
const endsInOddBackslashes = (line: string) => (/\\*$/.exec(line)![0].length & 1) === 1;

function split(line: string): { key: string; value: string } {
  const match = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line)!;
  return { key: unescaped(match[1]!), value: unescaped(match[2]!) };
}

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.|$)/gs, (_, escaped: string) =>
    escaped.length === 5 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (escapes[escaped] ?? escaped),
  );
}
