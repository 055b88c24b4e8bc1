#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addApprovals } from './commands/approvals.js';
import { addAudit } from './commands/audit.js';
import { addBuild } from './commands/build.js';
import { addBundleServer } from './commands/bundle-server.js';
import { addConfig } from './commands/config.js';
import { addEval } from './commands/eval.js';
import { addKeys } from './commands/keys.js';
import { addPublish } from './commands/publish.js';
import { addRollback } from './commands/rollback.js';
import { addServe } from './commands/serve.js';
import { addTest } from './commands/test.js';
import { describeError, EXIT, exitCodeOf } from './exit.js';

const EXIT_CODES = `
Exit codes:
  0  done
  1  done, and the answer is no: tests failed, a bundle or a vote was refused
  2  the command line or the configuration is wrong
  3  something could not be reached, or a port is in use`;

function program(): Command {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : '';
  const regate = new Command('regate')
    .description('A policy gateway for MCP servers.')
    .version(version)
    .showHelpAfterError('(regate --help shows how to call it)')
    .exitOverride();
  for (const add of [
    addServe,
    addBundleServer,
    addBuild,
    addPublish,
    addRollback,
    addTest,
    addEval,
    addApprovals,
    addAudit,
    addConfig,
    addKeys,
  ])
    add(regate);
  return regate.addHelpText('after', `${EXIT_CODES}\n\nExample:\n  $ regate serve --config regate.yaml`);
}

try {
  await program().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  } else {
    process.stderr.write(describeError(thrown));
    process.exitCode = exitCodeOf(thrown);
  }
}
