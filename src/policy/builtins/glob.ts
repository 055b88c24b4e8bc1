import { type BuiltinTable, stringOperand } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/glob */
export const GLOB = {
  'glob.quote_meta': (_evaluation, pattern) => stringOperand(pattern, 1).replace(/[*?\\[\]{}]/g, '\\$&'),
} satisfies BuiltinTable;
