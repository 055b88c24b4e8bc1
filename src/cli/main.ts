#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from './exit.js';
import { ownVersion } from './version.js';

const EXIT_CODES = `
Exit codes:
  0  done
  1  done, and the answer is no: tests failed, a bundle or a vote was refused
  2  the command line or the configuration is wrong
  3  something could not be reached, or a port is in use`;

/** The commands in the order of the help. Each is loaded where it is needed, since most rooms are not for most of them. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./commands/serve.js')).addServe,
  'bundle-server': async () => (await import('./commands/bundle-server.js')).addBundleServer,
  build: async () => (await import('./commands/build.js')).addBuild,
  publish: async () => (await import('./commands/publish.js')).addPublish,
  promote: async () => (await import('./commands/promote.js')).addPromote,
  revisions: async () => (await import('./commands/revisions.js')).addRevisions,
  rollback: async () => (await import('./commands/rollback.js')).addRollback,
  fleet: async () => (await import('./commands/fleet.js')).addFleet,
  test: async () => (await import('./commands/test.js')).addTest,
  eval: async () => (await import('./commands/eval.js')).addEval,
  replay: async () => (await import('./commands/replay.js')).addReplay,
  record: async () => (await import('./commands/record.js')).addRecord,
  diff: async () => (await import('./commands/diff.js')).addDiff,
  approvals: async () => (await import('./commands/approvals.js')).addApprovals,
  revoke: async () => (await import('./commands/revoke.js')).addRevoke,
  audit: async () => (await import('./commands/audit.js')).addAudit,
  shadow: async () => (await import('./commands/shadow.js')).addShadow,
  pins: async () => (await import('./commands/pins.js')).addPins,
  config: async () => (await import('./commands/config.js')).addConfig,
  keys: async () => (await import('./commands/keys.js')).addKeys,
};

/** The command of that name; all where there is none, for the help and for what is misspelt. */
function commandsFor(name: string | undefined) {
  if (name === '--version' || name === '-V') return [];
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command === undefined ? Object.values(COMMANDS) : [command];
}

async function program(name: string | undefined): Promise<Command> {
  const regate = new Command('regate')
    .description('A policy gateway for MCP servers.')
    .version(ownVersion())
    .showHelpAfterError('(regate --help shows how to call it)')
    .exitOverride();
  for (const load of commandsFor(name)) (await load())(regate);
  return regate.addHelpText('after', `${EXIT_CODES}\n\nExample:\n  $ regate serve --config regate.yaml`);
}

try {
  await (await program(process.argv[2])).parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  } else {
    // It knows the errors of many rooms, which most commands need not load.
    const { describeError, exitCodeOf } = await import('./failure.js');
    process.stderr.write(describeError(thrown));
    process.exitCode = exitCodeOf(thrown);
  }
}
