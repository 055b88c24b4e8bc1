/** The embedded demo, until it is interrupted or a part of it breaks. */
import { RegateError } from '../domain/index.js';
import { startDemo } from './demo.js';
import { stateDirectory } from './state.js';
import { waiting } from './waiting.js';
import { welcome } from './welcome.js';

const interruption = new AbortController();
const interrupted = new Promise<void>((resolve) => {
  // Further signals are the same wish: npm passes on a Ctrl-C that the terminal has sent us already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interruption.abort();
      resolve();
    });
  }
});

process.exitCode = await run();

async function run(): Promise<number> {
  const progress = waiting();
  try {
    const demo = await startDemo(stateDirectory(), progress.report, interruption.signal).finally(
      progress.done,
    );
    process.stdout.write(await welcome(demo));
    const code = await Promise.race([interrupted, demo.broken]).then(() => 0, complain);
    process.stdout.write('\nStopping.\n');
    await demo.stop();
    return code;
  } catch (error) {
    return interruption.signal.aborted ? 0 : complain(error);
  }
}

/** Says what went wrong; a fault of the program itself goes on as it came. */
function complain(error: unknown): number {
  if (!(error instanceof RegateError)) throw error;
  process.stderr.write(`${error.message}\n${error.nextStep}\n`);
  return 1;
}
