import { type BuiltinTable, stringOperand } from './builtin.js';

/**
 * What policies say while they are tried out. Nobody listens here: a policy sees its input, and whatever it said would
 * stand in the gateway's log. So they hold, and that is all.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/tracing
 */
export const DIAGNOSTICS = {
  print: () => true,
  'internal.print': () => true,
  'internal.test_case': () => true,
  trace: (_evaluation, note) => {
    stringOperand(note, 1);
    return true;
  },
} satisfies BuiltinTable;
