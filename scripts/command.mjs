import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LEASH = fileURLToPath(new URL('leash.mjs', import.meta.url));

/** A step of the set-up that failed: what happened, what the command said, and what to do next. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} nextStep
   * @param {string} [output] what the failed command printed
   */
  constructor(message, nextStep, output = '') {
    super(message);
    this.name = 'SetupError';
    this.nextStep = nextStep;
    this.output = output;
  }
}

/**
 * Prints a SetupError as a person reads it, and has the process end with 1 when nothing is left to do.
 *
 * @param {unknown} error anything else is thrown again
 */
export function tell(error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.output !== '') process.stderr.write(`${error.output.trimEnd()}\n\n`);
  process.stderr.write(`${error.message}\n${error.nextStep}\n`);
  process.exitCode = 1;
}

/**
 * Runs a command to its end without showing its output. It does not outlive this process, however this process ends.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<{code: number, output: string}>} its exit code, and stdout and stderr as they came
 */
export function run(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LEASH, command, ...args], { cwd, env, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }));
  });
}
