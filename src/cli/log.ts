/**
 * The log of a broker in the foreground: readable on a terminal, JSON lines otherwise. Loading pino takes longer than
 * formatting a directory, so a broker that is about to be there is not made to wait for it: lines are kept meanwhile.
 */
import type { Log } from '../server/log.ts';

/** A start that takes longer than this has time for it. */
const keptMs = 300;

type Level = keyof Log;

interface Line {
  readonly level: Level;
  readonly message: string;
  readonly atMs: number;
}

/** As pino is given it: `write` with the time at which a line was said. */
type Write = (line: Line) => void;

export class TerminalLog implements Log {
  private readonly load: () => Promise<Write>;
  private readonly timer: NodeJS.Timeout;
  private kept: Line[] = [];
  private write: Write | undefined;
  private opened: Promise<void> | undefined;

  constructor(load: () => Promise<Write> = loadPino) {
    this.load = load;
    this.timer = setTimeout(() => void this.open(), keptMs);
  }

  info(message: string): void {
    this.say('info', message);
  }

  warn(message: string): void {
    this.say('warn', message);
  }

  error(message: string): void {
    this.say('error', message);
  }

  /** Writes what was kept and keeps nothing from now on. */
  open(): Promise<void> {
    clearTimeout(this.timer);
    this.opened ??= this.load().then(write => {
      this.write = write;
      for (const line of this.kept) write(line);
      this.kept = [];
    });
    return this.opened;
  }

  private say(level: Level, message: string): void {
    const line = { level, message, atMs: Date.now() };
    if (this.write === undefined) this.kept.push(line);
    else this.write(line);
  }
}

async function loadPino(): Promise<Write> {
  const { default: pino } = await import('pino');
  let atMs = 0;
  const timestamp = (): string => `,"time":${atMs}`;
  const logger = process.stdout.isTTY
    ? pino({ base: null, timestamp }, await readable())
    : pino({ timestamp }, pino.destination({ sync: true }));
  return line => {
    atMs = line.atMs;
    logger[line.level](line.message);
  };
}

async function readable() {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ sync: true, translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l', ignore: 'pid,hostname' });
}
