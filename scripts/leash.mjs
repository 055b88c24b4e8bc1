/**
 * Runs a command that must not outlive the process which started this one: when that process ends, even killed, our
 * stdin closes and the command ends with all that it started. Without it an npm or tsc of a killed set-up would go on
 * writing under the feet of the next one.
 *
 *   node leash.mjs COMMAND [ARGUMENT…]
 */
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const ownGroup = process.platform !== 'win32';
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: ownGroup });

function end() {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    process.kill(ownGroup ? -child.pid : child.pid, 'SIGKILL');
  }
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
process.stdin.on('end', end).on('error', end).resume();

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
