import { createLogger, format, type Logger, transports } from 'winston';

/** The process log, on standard error: JSON for machines, or one readable line an event. */
export function createLog(options: { readonly level: string; readonly format: 'text' | 'json' }): Logger {
  const readable = format.printf(({ timestamp, level, message, ...about }) => {
    const rest = Object.entries(about).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [timestamp, level.padEnd(5), message, ...rest].join(' ');
  });
  return createLogger({
    level: options.level,
    format: format.combine(format.timestamp(), options.format === 'json' ? format.json() : readable),
    transports: [new transports.Stream({ stream: process.stderr })],
  });
}
