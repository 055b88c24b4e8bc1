const SILENT_MS = 2_000;
const TERMINAL_MS = 1_000;
const LOG_MS = 10_000;

/**
 * Does some work and shows on stderr that it goes on, once it takes longer than two seconds: one line that is
 * rewritten each second on a terminal, else a line every ten seconds.
 *
 * @template T
 * @param {string} what the work, such as `Installing dependencies`
 * @param {(report: (detail: string) => void) => Promise<T>} work may report how far it is
 * @returns {Promise<T>}
 */
export async function withProgress(what, work) {
  const started = Date.now();
  const terminal = process.stderr.isTTY === true;
  let detail = '';
  let shown = false;
  let timer = setTimeout(show, SILENT_MS);

  function show() {
    const line = `${what} … ${secondsSince(started)}${detail && `, ${detail}`}`;
    process.stderr.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    shown = true;
    timer = setTimeout(show, terminal ? TERMINAL_MS : LOG_MS);
  }

  try {
    const result = await work((text) => {
      detail = text;
    });
    if (shown)
      process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${what}: done in ${secondsSince(started)}\n`);
    return result;
  } catch (error) {
    if (shown && terminal) process.stderr.write('\r\x1b[K');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} started milliseconds since the epoch */
function secondsSince(started) {
  return `${Math.round((Date.now() - started) / 1_000)} s`;
}
