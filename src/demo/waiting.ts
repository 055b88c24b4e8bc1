const SILENT_MS = 2_000;
const TERMINAL_MS = 1_000;
const LOG_MS = 10_000;

/** A line on stderr that says what is being waited for, once it takes longer than two seconds. */
export function waiting(): { report(what: string): void; done(): void } {
  const terminal = process.stderr.isTTY === true;
  let started = Date.now();
  let what = '';
  let timer: NodeJS.Timeout | undefined;

  function show(): void {
    const line = `${what} … ${Math.round((Date.now() - started) / 1_000)} s`;
    process.stderr.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    timer = setTimeout(show, terminal ? TERMINAL_MS : LOG_MS);
  }

  return {
    report: (next) => {
      clearTimeout(timer);
      what = next;
      started = Date.now();
      timer = setTimeout(show, SILENT_MS);
    },
    done: () => {
      clearTimeout(timer);
      if (terminal) process.stderr.write('\r\x1b[K');
    },
  };
}
