/** Line charts as SVG, written by hand: few shapes, no script, readable on light and dark ground. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  /** Where a line is drawn, and what stands there; chosen by the values when nothing is said. */
  readonly ticks?: readonly (readonly [value: number, text: string])[];
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const width = 720;
const height = 400;
const margin = { top: 40, right: 150, bottom: 55, left: 70 };
const colours = ['#d1495b', '#3066be', '#2a9d63', '#e09f3e', '#8b5fbf', '#6b7280'];
const ground = '#fbfbf9';
const ink = '#333333';
const grid = '#dddddd';
const linearTicks = 5;

export function chart({ title, x, y, series }: Chart): string {
  const points = series.flatMap(one => one.points);
  const across = place(
    x,
    points.map(([value]) => value),
    margin.left,
    width - margin.right,
  );
  const up = place(
    y,
    points.map(([, value]) => value),
    height - margin.bottom,
    margin.top,
  );
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${ink}">`,
    `<rect width="${width}" height="${height}" fill="${ground}"/>`,
    text(margin.left, 22, title, 'start', 'font-size="15"'),
    text((margin.left + right) / 2, height - 12, x.label, 'middle'),
    `<g transform="rotate(-90 18 ${(margin.top + bottom) / 2})">${text(18, (margin.top + bottom) / 2, y.label, 'middle')}</g>`,
  ];
  for (const [value, label] of across.ticks) {
    const at = across.at(value);
    lines.push(line(at, margin.top, at, bottom), text(at, bottom + 18, label, 'middle'));
  }
  for (const [value, label] of up.ticks) {
    const at = up.at(value);
    lines.push(line(margin.left, at, right, at), text(margin.left - 8, at + 4, label, 'end'));
  }
  series.forEach((one, i) => {
    const colour = colours[i % colours.length]!;
    const drawn = one.points.map(([px, py]) => `${round(across.at(px))},${round(up.at(py))}`);
    lines.push(`<polyline points="${drawn.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const at = margin.top + 14 + i * 20;
    lines.push(`<rect x="${right + 12}" y="${at - 9}" width="12" height="4" fill="${colour}"/>`);
    lines.push(text(right + 30, at - 3, one.name, 'start'));
  });
  return `${[...lines, '</svg>'].join('\n')}\n`;
}

interface Placed {
  at(value: number): number;
  readonly ticks: readonly (readonly [number, string])[];
}

function place(axis: Axis, values: readonly number[], from: number, to: number): Placed {
  const ticks = axis.ticks ?? (axis.scale === 'log' ? powersOf(values) : steps(values));
  const scaled = axis.scale === 'log' ? Math.log10 : (value: number) => value;
  const all = ticks.map(([value]) => scaled(value));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const span = most - least || 1;
  return { at: value => from + ((scaled(value) - least) / span) * (to - from), ticks };
}

/** The powers of ten around all values. */
function powersOf(values: readonly number[]): [number, string][] {
  const exponents = values.filter(value => value > 0).map(Math.log10);
  const first = Math.floor(Math.min(...exponents));
  const last = Math.max(first + 1, Math.ceil(Math.max(...exponents)));
  return Array.from({ length: last - first + 1 }, (_, i) => [10 ** (first + i), short(10 ** (first + i))]);
}

/** From 0 to beyond the largest value in steps of 1, 2 or 5 times a power of ten. */
function steps(values: readonly number[]): [number, string][] {
  const raw = Math.max(...values, Number.MIN_VALUE) / linearTicks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(times => times * power).find(size => size >= raw)!;
  const count = Math.ceil(Math.max(...values) / step);
  return Array.from({ length: count + 1 }, (_, i) => [i * step, short(i * step)]);
}

export function short(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)} M`;
  if (value >= 1e3) return `${round(value / 1e3)} k`;
  return String(Number(value.toPrecision(6)));
}

const round = (value: number): number => Math.round(value * 10) / 10;
const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${grid}"/>`;
const text = (x: number, y: number, content: string, anchor: string, more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" ${more}>${escaped(content)}</text>`;
const escaped = (content: string): string => content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
