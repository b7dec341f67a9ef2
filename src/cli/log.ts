/** The log of a broker in the foreground: readable on a terminal, JSON lines otherwise. */
import pino from 'pino';
import type { Log } from '../server/log.ts';

export async function terminalLog(): Promise<Log> {
  const logger = process.stdout.isTTY ? pino({ base: null }, await readable()) : pino(pino.destination({ sync: true }));
  return {
    info: message => logger.info(message),
    warn: message => logger.warn(message),
    error: message => logger.error(message),
  };
}

async function readable(): Promise<pino.DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ sync: true, translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l', ignore: 'pid,hostname' });
}
